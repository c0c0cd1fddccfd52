#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include <gradus/core/graph_errors.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/step_observer.hpp>
#include <gradus/core/tensor.hpp>
#include <gradus/ops/block_sweep.hpp>
#include <gradus/ops/graph_flow.hpp>
#include <gradus/ops/kernels/reduce.hpp>
#include <gradus/ops/kernels/vector.hpp>
#include <gradus/ops/op_name.hpp>

/// How a tensor op becomes a step of the graph: record() takes the value, the inputs and the vector-Jacobian
/// product in two forms. sweep(g, slots) adds to slots[i] the gradient of input i given that of the result,
/// which it may use up; record(flow) does the same with handles, when the sweep itself is recorded. Where the
/// Jacobian is at hand it may offer push(flow) as well: the tangent of the result from those of the inputs,
/// with handles. Otherwise forward sweeps make that from record().
namespace gradus::detail {

/// Where the gradient of one input of a step goes. False for an input that needs none.
template <class T>
class Slot {
 public:
  Slot() = default;
  explicit Slot(TensorNode<T>* node) : node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }
  const Shape& shape() const { return node_->shape(); }

  /// Adds a contribution of this shape, or of a shape this one was broadcast to.
  void add(Array<T> contribution) const {
    if (takes_over(contribution))
      node_->grad = make_value(std::move(contribution));
    else
      accumulate(contribution);
  }

  /// The same for a gradient passed on unchanged: no copy is made while nobody changes it.
  void add(const Ref<Value<T>>& g) const {
    if (takes_over(g->array))
      node_->grad = g;
    else
      accumulate(g->array);
  }

  /// Adds the same number to every element, without writing them all where the step can do with one number.
  /// False when it cannot: nothing has been added then.
  bool add_to_all(T number) const {
    if (!node_ || node_->grad || !node_->takes_one_number()) return false;
    node_->grad = make_value(full_array<T>({}, number));
    return true;
  }

  /// Lets `write(T* out, bool accumulate)` add to (or, the first time, write) the gradient in place.
  template <class Write>
  void write(const Write& write_into) const {
    if (!node_) return;
    if (node_->grad && !node_->total_in_double()) return write_into(owned().data(), true);
    const Ref<Value<T>> fresh = empty_value<T>(shape());
    write_into(fresh->array.data(), false);
    add(fresh);
  }

  /// The same; the contribution may overwrite `g`, the last use of which this is, when nobody else holds it.
  template <class Write>
  void write_over(Ref<Value<T>>& g, const Write& write_into) const {
    if (g->is_shared() || !takes_over(g->array)) return write(shape_of(g->array), write_into);
    write_into(g->array.data(), false);
    node_->grad = std::move(g);
  }

  /// The same for a contribution of `broadcast`, a shape to which this one was broadcast.
  template <class Write>
  void write(const Shape& broadcast, const Write& write_into) const {
    if (!node_) return;
    if (shape() == broadcast) return write(write_into);
    const Ref<Value<T>> contribution = empty_value<T>(broadcast);
    write_into(contribution->array.data(), false);
    add(contribution);
  }

 private:
  bool takes_over(const Array<T>& contribution) const {
    return node_ && !node_->grad && !node_->total_in_double() && shape_of(contribution) == shape();
  }

  /// Sums the axes away along which this shape was stretched: the one place where a broadcast is undone
  /// (beside undo_broadcast, for handles).
  void accumulate(const Array<T>& contribution) const {
    if (!node_) return;
    if (double* const total = node_->total_in_double()) {
      *total += kernels::sum_in_double(contribution.data(), contribution.size());
      return;
    }
    write([&](T* out, bool adds) {
      kernels::reduce_to(contribution.data(), shape_of(contribution), out, shape(), adds);
    });
  }

  Array<T>& owned() const {
    node_->whole_gradient();
    if (node_->grad->is_shared()) node_->grad = make_value(Array<T>(node_->grad->array));
    return node_->grad->array;
  }

  TensorNode<T>* node_ = nullptr;
};

/// Something for each input.
template <class Each, class Inputs>
struct ForInputs {
  using type = std::vector<Each>;
};
template <class Each, std::size_t n>
struct ForInputs<Each, std::array<Ref<Node>, n>> {
  using type = std::array<Each, n>;
};
template <class Inputs>
using VersionsOf = typename ForInputs<std::uint32_t, Inputs>::type;
template <class T, class Inputs>
using SlotsOf = typename ForInputs<Slot<T>, Inputs>::type;

/// What recorded steps share that does not depend on their op: not compiled again for each. Inputs is a
/// std::array or std::vector of Ref<Node>.
template <class T, class Inputs, class Base>
class StepOnInputs : public Base {
 public:
  std::span<const Ref<Node>> inputs() const final { return inputs_; }
  const char* op_name() const final { return op_.text(); }

 protected:
  StepOnInputs(OpName op, const Shape& shape, Inputs inputs)
      : Base(shape), op_(op), inputs_(std::move(inputs)) {
    this->scope = Ref<ScopeRecord>(innermost_scope);
    if constexpr (requires { versions_.resize(1); }) versions_.resize(inputs_.size());
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (!inputs_[i]) continue;
      this->stage = std::max(this->stage, inputs_[i]->stage + 1);
      this->position = std::max(this->position, inputs_[i]->position);
      versions_[i] = version_of(*inputs_[i]);
    }
  }

  void check_inputs(const char* caller, bool is_released) const {
    if (is_released) fail_released(caller, this->text());
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (inputs_[i] && version_of(*inputs_[i]) != versions_[i])
        fail_changed(caller, variable_text(inputs_[i]->name()), this->text() + " that uses it was recorded");
  }
  void release_inputs() {
    for (Ref<Node>& input : inputs_) input = nullptr;
    this->note = nullptr;
  }
  /// Where the gradients of the inputs go.
  auto slots() const {
    SlotsOf<T, Inputs> slots{};
    if constexpr (requires { slots.resize(1); }) slots.resize(inputs_.size());
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      slots[i] = Slot<T>(static_cast<TensorNode<T>*>(inputs_[i].get()));
    return slots;
  }

 private:
  static std::uint32_t version_of(const Node& input) {
    return input.is_variable() ? static_cast<const VariableNode<T>&>(input).version() : 0;
  }

  OpName op_;
  Inputs inputs_;
  VersionsOf<Inputs> versions_{};  // of the inputs that are variables, when they were read
};

/// A recorded step.
template <class T, class Inputs, class Vjp, class Base = TensorNode<T>>
class RecordedStep : public StepOnInputs<T, Inputs, Base> {
  static constexpr bool has_one_number = requires { Vjp::takes_one_number; };

 public:
  RecordedStep(OpName op, const Shape& shape, Inputs inputs, Vjp vjp)
      : StepOnInputs<T, Inputs, Base>(op, shape, std::move(inputs)), vjp_(std::move(vjp)) {}

  void check(const char* caller) const override { this->check_inputs(caller, !vjp_); }

  void sweep(ScalarSweep&, bool keep_gradient) override {
    if (!this->grad) return;
    if constexpr (!has_one_number) this->whole_gradient();
    Ref<Value<T>> g = keep_gradient ? this->grad : std::move(this->grad);
    vjp_->sweep(g, this->slots());
  }

  void differentiate(GraphGradients& gradients) override {
    if (const Tensor<T>* const g = gradients.find(*this)) vjp_->record(GraphFlow<T>(*g, *this, gradients));
  }

  void push_forward(GraphTangents& tangents) override {
    if constexpr (requires(const Vjp& vjp, const TangentFlow<T>& flow) { vjp.push(flow); }) {
      const TangentFlow<T> flow(*this, tangents);
      if (!flow.is_constant()) vjp_->push(flow);
    } else {
      Base::push_forward(tangents);
    }
  }

  /// A vector-Jacobian product that has `takes_one_number` takes a gradient of shape () for one of any shape.
  bool takes_one_number() const override { return has_one_number || Base::takes_one_number(); }

  void release() override {
    vjp_.reset();
    this->release_inputs();
  }

 protected:
  const Vjp& vjp() const { return *vjp_; }

 private:
  std::optional<Vjp> vjp_;
};

/// A step that may be swept in blocks. Its vector-Jacobian product offers, beside the whole of it, what
/// BlockStep asks for, and `fits_blocks`: whether what it reads can be cut into blocks.
template <class T, class Inputs, class Vjp>
class RecordedBlockStep final : public RecordedStep<T, Inputs, Vjp, BlockStep<T>> {
 public:
  RecordedBlockStep(OpName op, const Shape& shape, Inputs inputs, Vjp vjp)
      : RecordedStep<T, Inputs, Vjp, BlockStep<T>>(op, shape, std::move(inputs), std::move(vjp)),
        runs_in_blocks_(count(shape) >= smallest_in_blocks && this->vjp().fits_blocks(shape) &&
                        have_shape(this->inputs(), shape)) {}

  bool runs_in_blocks() const override { return runs_in_blocks_; }
  bool passes_on(std::size_t i) const override { return this->vjp().passes_on(i); }
  void run_block(std::size_t i, std::size_t begin, std::size_t n, const T* g, T* dx,
                 bool accumulate) const override {
    this->vjp().run_block(i, begin, n, g, dx, accumulate);
  }

 private:
  static bool have_shape(std::span<const Ref<Node>> inputs, const Shape& shape) {
    return std::all_of(inputs.begin(), inputs.end(), [&](const Ref<Node>& input) {
      return !input || static_cast<const TensorNode<T>&>(*input).shape() == shape;
    });
  }

  bool runs_in_blocks_;
};

template <class T, class Inputs, class Vjp>
struct StepFor {
  using type = RecordedStep<T, Inputs, Vjp>;
};
template <class T, class Inputs, class Vjp>
requires requires { &Vjp::run_block; }
struct StepFor<T, Inputs, Vjp> {
  using type = RecordedBlockStep<T, Inputs, Vjp>;
};

/// The result of an op: a step when an input needs a gradient and steps are recorded, else a constant.
template <class T, class Inputs, class Vjp>
Tensor<T> record(OpName op, Ref<Value<T>> value, Inputs inputs, Vjp vjp) {
  const bool is_needed = std::any_of(inputs.begin(), inputs.end(), [](const auto& i) { return bool(i); });
  if (!is_needed || !is_recording()) {
    if (is_needed && step_observer) [[unlikely]]
      value = step_observer->recorded(static_cast<TensorNode<T>*>(nullptr), std::move(value));
    return Tensor<T>(std::move(value), nullptr);
  }
  const Shape& shape = shape_of(value->array);
  using Recorded = typename StepFor<T, Inputs, Vjp>::type;
  Ref<TensorNode<T>> node(new Recorded(op, shape, std::move(inputs), std::move(vjp)));
  if (step_observer) [[unlikely]]
    value = step_observer->recorded(node.get(), std::move(value));
  return Tensor<T>(std::move(value), std::move(node));
}

template <class T, class Vjp>
Tensor<T> record(OpName op, Ref<Value<T>> value, const Tensor<T>& x, Vjp vjp) {
  return record(op, std::move(value), std::array<Ref<Node>, 1>{x.node()}, std::move(vjp));
}
template <class T, class Vjp>
Tensor<T> record(OpName op, Array<T> value, const Tensor<T>& x, Vjp vjp) {
  return record(op, make_value(std::move(value)), x, std::move(vjp));
}

}  // namespace gradus::detail
