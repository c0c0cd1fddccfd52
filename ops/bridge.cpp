#include <algorithm>
#include <memory>
#include <span>

#include <gradus/core/graph_errors.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/scalar_sweep.hpp>
#include <gradus/core/step_observer.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/scalar_ops.hpp>
#include <gradus/ops/step.hpp>

namespace gradus {
namespace detail {
namespace {

constexpr const char* carried_over = "it was carried over between scalars and tensors";

/// The leaf of a tensor graph behind which scalars lie. It holds their handles, so that they stay alive.
template <class T>
class ScalarsNode final : public TensorNode<T> {
 public:
  ScalarsNode(const Shape& shape, std::span<const Scalar> scalars, std::uint32_t steps)
      : TensorNode<T>(shape) {
    inputs_.reserve(scalars.size());
    for (const Scalar& s : scalars) {
      inputs_.push_back({s, version_of(s)});
      if (!s.requires_grad()) continue;
      this->position = std::max(this->position, position_of(thread_record, s.step()));
      this->stage = std::max(this->stage, s.stage() + steps);
    }
  }

  const char* op_name() const override { return this->shape().empty() ? "to_tensor" : "stack"; }

  void check(const char* caller) const override {
    if (inputs_.empty()) fail_released(caller, "a Scalar behind a tensor");
    for (const Input& input : inputs_) input.scalar.check_thread(caller);
    for (const auto& [scalar, version] : inputs_)
      if (version_of(scalar) != version)
        fail_changed(caller, variable_text(thread_record, scalar.step()), carried_over);
  }

  void start_scalars(ScalarSweep& scalars) const override {
    for (const Input& input : inputs_)
      if (input.scalar.requires_grad()) scalars.start_from(input.scalar.step());
  }

  void for_each_scalar(const std::function<void(const Scalar&)>& take) const override {
    for (const Input& input : inputs_) take(input.scalar);
  }

  void sweep(ScalarSweep& scalars, bool) override {
    if (this->shape().empty()) {
      if (is_unreached(total_)) return;
      const double total = std::exchange(total_, unreached);
      this->grad = make_value(full_array<T>({}, static_cast<T>(total)));
      scalars.add(inputs_.front().scalar.step(), total);
    } else if (this->grad) {
      for (std::size_t i = 0; i < inputs_.size(); ++i)
        if (const Scalar& s = inputs_[i].scalar; s.requires_grad())
          scalars.add(s.step(), static_cast<double>(this->grad->array.data()[i]));
    }
  }

  void differentiate(GraphGradients& gradients) override {
    const Tensor<T>* const g = gradients.find(*this);
    if (!g) return;
    const Tensor<T> each = reshape(*g, {-1});
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (const Scalar& s = inputs_[i].scalar; s.requires_grad())
        add_to(gradients, s.step(), to_scalar(take(each, Integers{static_cast<std::int64_t>(i)}, 0)));
  }

  void push_forward(GraphTangents& tangents) override {
    std::vector<Scalar> each;
    bool is_constant = true;
    for (const Input& input : inputs_) {
      const Scalar* const tangent =
          input.scalar.requires_grad() ? tangents.find(input.scalar.step()) : nullptr;
      each.push_back(tangent ? *tangent : Scalar());
      is_constant = is_constant && !tangent;
    }
    if (is_constant) return;
    if constexpr (std::is_same_v<T, double>) {
      if (!this->shape().empty()) return tangents.set(*this, stack(each));
    }
    tangents.set(*this, to_tensor<T>(each.front()));
  }

  void clear_gradient() override {
    total_ = unreached;
    TensorNode<T>::clear_gradient();
  }
  Ref<AnyValue> exchange_gradient(Ref<AnyValue> gradient) override {
    total_ = unreached;
    return TensorNode<T>::exchange_gradient(std::move(gradient));
  }
  /// Variables alone hold nothing that could go.
  void release() override {
    if (std::any_of(inputs_.begin(), inputs_.end(), [](const Input& input) {
          return input.scalar.requires_grad() && !is_variable(input.scalar.step());
        }))
      inputs_.clear();
  }
  double* total_in_double() override { return this->shape().empty() ? &total_ : nullptr; }

 private:
  struct Input {
    Scalar scalar;
    std::uint32_t version;  // of a variable, when it was carried over
  };

  static std::uint32_t version_of(const Scalar& s) {
    return is_variable(s.step()) ? thread_record.books->variable(s.step()).version : 0;
  }

  PooledVector<Input> inputs_;
  double total_ = unreached;
};

/// Stands between a variable and the bridge made from it, to notice when the variable is changed. It saves
/// nothing, so no sweep releases it.
template <class T>
class Watch final : public TensorNode<T> {
 public:
  explicit Watch(const Tensor<T>& x)
      : TensorNode<T>(x.shape()), input_{x.node()}, version_(variable().version()) {}

  std::span<const Ref<Node>> inputs() const override { return input_; }
  const char* op_name() const override { return "to_scalar"; }
  void check(const char* caller) const override {
    if (variable().version() != version_)
      fail_changed(caller, variable_text(variable().name()), carried_over);
  }
  void sweep(ScalarSweep&, bool) override {
    if (this->grad) Slot<T>(&variable()).add(this->grad);
  }
  void differentiate(GraphGradients& gradients) override {
    if (const Tensor<T>* const g = gradients.find(*this)) GraphSlot<T>(&variable(), gradients).add(*g);
  }
  void push_forward(GraphTangents& tangents) override {
    if (const Tensor<T>* const tangent = tangents.find(variable())) tangents.set(*this, *tangent);
  }

 private:
  VariableNode<T>& variable() const { return static_cast<VariableNode<T>&>(*input_.front()); }

  std::array<Ref<Node>, 1> input_;
  std::uint32_t version_;
};

template <class T>
Tensor<T> bridge(Array<T> value, std::span<const Scalar> scalars, std::uint32_t steps) {
  const bool is_needed =
      std::any_of(scalars.begin(), scalars.end(), [](const Scalar& s) { return s.requires_grad(); });
  if (!is_needed || !is_recording()) return Tensor<T>(std::move(value));
  Ref<TensorNode<T>> node(new ScalarsNode<T>(shape_of(value), scalars, steps));
  Ref<Value<T>> shared = make_value(std::move(value));
  if (step_observer) [[unlikely]]
    shared = step_observer->recorded(node.get(), std::move(shared));
  return Tensor<T>(std::move(shared), std::move(node));
}

}  // namespace
}  // namespace detail

template <class T>
Scalar to_scalar(const Tensor<T>& x) {
  if (x.size() != 1)
    throw ShapeError("[to_scalar] shape " + to_string(x.shape()) + " has " + std::to_string(x.size()) +
                     " elements: a single one is needed");
  const auto value = static_cast<double>(x.data()[0]);
  if (!x.requires_grad() || !is_recording()) return Scalar(value);
  detail::Ref<detail::Node> node = x.node();
  if (x.is_variable()) node = detail::Ref<detail::Node>(new detail::Watch<T>(x));
  const detail::Step step = detail::thread_record.push_bridge(node.get(), value);
  (void)node.give_up();  // the record owns it now
  return Scalar::from_step(step, value);
}

template <class T>
Tensor<T> to_tensor(const Scalar& x) {
  x.check_thread("to_tensor");
  return detail::bridge(full_array<T>({}, static_cast<T>(x.value())), {&x, 1}, 0);
}

Tensor<double> stack(const std::vector<Scalar>& scalars) {
  if (scalars.empty()) throw ShapeError("[stack] no scalars given: at least one is needed");
  Array<double> value = empty_array<double>({scalars.size()});
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    scalars[i].check_thread("stack");
    value.data()[i] = scalars[i].value();
  }
  return detail::bridge(std::move(value), scalars, 1);
}

template Scalar to_scalar(const Tensor<float>&);
template Scalar to_scalar(const Tensor<double>&);
template Tensor<float> to_tensor(const Scalar&);
template Tensor<double> to_tensor(const Scalar&);

}  // namespace gradus
