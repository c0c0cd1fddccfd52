#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <gradus/core/array.hpp>
#include <gradus/core/hook.hpp>
#include <gradus/core/ref.hpp>
#include <gradus/core/scope.hpp>

namespace gradus {
class Scalar;
}

namespace gradus::detail {

class ScalarSweep;
class GraphGradients;
class GraphTangents;
class Node;
void destroy(Node* node);

/// What a step remembers for pictures and staged code, where somebody asked for it
/// (StepObserver::wants_calls).
struct StepNote {
  virtual ~StepNote() = default;
};

/// Where a gradient can flow: a variable, a recorded step, or the bridge from scalars. Values lie elsewhere:
/// a node keeps only what its gradient reads.
class Node : public RefCounted, public Pooled {
 public:
  virtual ~Node() = default;

  /// The nodes gradients go on to; null where an input was a constant.
  virtual std::span<const Ref<Node>> inputs() const { return {}; }

  /// Lets the incoming gradient flow on to the inputs. Called once in a sweep, when it is complete. Unless it
  /// is to be kept the gradient may be used up.
  virtual void sweep(ScalarSweep& scalars, bool keep_gradient) = 0;

  /// The same in a sweep that is recorded: adds handles to the gradients of the inputs.
  virtual void differentiate(GraphGradients& gradients) = 0;

  /// The way forward: makes the tangent of this node from those of its inputs.
  virtual void push_forward(GraphTangents& tangents) = 0;

  /// The same for this node, the first of `nodes` (all that a sweep has still to do, in its order), and for
  /// as many of the next as it can take along. Returns how many it swept.
  virtual std::size_t sweep_from(std::span<const Ref<Node>> nodes, ScalarSweep& scalars, bool keep_all) {
    (void)nodes;
    sweep(scalars, keep_all || retain_grad);
    return 1;
  }

  /// Throws GraphError when the node cannot be swept: it was released, or a variable it used was changed.
  virtual void check(const char* caller) const = 0;

  /// Lets go of inputs and saved values. Variables keep everything.
  virtual void release() {}

  virtual void clear_gradient() = 0;
  /// Puts another gradient (or none) in place of the one that has arrived.
  virtual Ref<AnyValue> exchange_gradient(Ref<AnyValue> gradient) = 0;
  /// Where contributions are summed in double instead of in a gradient; null for most nodes.
  virtual double* total_in_double() { return nullptr; }
  /// Adds the one that has arrived to an earlier gradient, in whose array the sum stays, for whoever refers
  /// to it. own_earlier() makes that ready; then nothing is thrown.
  virtual void own_earlier(Ref<AnyValue>& earlier) const = 0;
  virtual void add_to_earlier(Ref<AnyValue> earlier) noexcept = 0;
  bool retain_grad = false;  ///< leave the gradient in place after a sweep
  virtual bool is_variable() const { return false; }
  /// The op that made the node.
  virtual const char* op_name() const = 0;
  /// Takes in a gradient that a scalar made from this node has collected. Only for nodes of one element.
  virtual void receive(double gradient) = 0;
  /// Scalars from which a bridge was made start the scalar part of a sweep.
  virtual void start_scalars(ScalarSweep&) const {}
  /// Hands on those scalars, constants too.
  virtual void for_each_scalar(const std::function<void(const Scalar&)>&) const {}

  /// How messages speak of it: "the sum step", "the variable 'w'".
  std::string text() const;

  std::unique_ptr<NodeHooks> hooks;  ///< what sees the gradient before it flows on
  std::unique_ptr<StepNote> note;    ///< null for most
  Ref<ScopeRecord> scope;            ///< in which the step was recorded; null: in none

  void set_name(std::string name) { name_ = std::make_unique<std::string>(std::move(name)); }
  const std::string& name() const;

  /// Order of a sweep, last first: by `position`, the last scalar step the node depends on (0: none), then by
  /// stage, 1 + the largest stage of the inputs.
  std::uint64_t position = 0;
  std::uint32_t stage = 0;
  std::uint64_t visited_in = 0;  ///< number of the collection that saw the node last

 private:
  friend void destroy(Node* node);
  std::unique_ptr<std::string> name_;
  Node* next_to_destroy_ = nullptr;
};

/// Destroys a node and whatever only it held, one after another: a chain of a million steps must not recurse.
void destroy(Node* node);

template <class T>
class TensorNode;

/// The tangent of a step by its vector-Jacobian product alone (ops/forward.cpp): that is linear in the
/// gradient, and its derivative with respect to it is the Jacobian.
template <class T>
void push_by_transposing(TensorNode<T>& step, GraphTangents& tangents);

/// A node whose value is a tensor.
template <class T>
class TensorNode : public Node {
 public:
  explicit TensorNode(Shape shape) : shape_(std::move(shape)) {}

  const Shape& shape() const { return shape_; }
  void clear_gradient() override { grad = nullptr; }
  Ref<AnyValue> exchange_gradient(Ref<AnyValue> gradient) override {
    Ref<Value<T>> old = std::move(grad);
    grad = Ref<Value<T>>::adopt(static_cast<Value<T>*>(gradient.give_up()));
    return old;
  }
  void own_earlier(Ref<AnyValue>& earlier) const override {
    if (grad && earlier->is_shared())
      earlier = make_value(Array<T>(static_cast<const Value<T>&>(*earlier).array));
  }
  void add_to_earlier(Ref<AnyValue> earlier) noexcept override {
    const Ref<AnyValue> arrived = exchange_gradient(std::move(earlier));
    if (!arrived) return;
    const T* const more = static_cast<const Value<T>&>(*arrived).array.data();
    for (std::size_t i = 0; i < grad->array.size(); ++i) grad->array.data()[i] += more[i];
  }

  void push_forward(GraphTangents& tangents) override { push_by_transposing(*this, tangents); }

  void receive(double gradient) override {
    if (double* const total = total_in_double()) {
      *total += gradient;
      return;
    }
    if (grad) gradient += static_cast<double>(grad->array.data()[0]);
    grad = make_value(full_array<T>(shape_, static_cast<T>(gradient)));
  }

  /// Whether the step makes use of a gradient that is the same for all elements: it is then left as one
  /// number, an array of shape (), until something else is added to it or somebody looks.
  virtual bool takes_one_number() const { return false; }
  /// The gradient with all its elements; null: none has arrived.
  const Ref<Value<T>>& whole_gradient() {
    if (grad && grad->array.dimension() < shape_.size())
      grad = make_value(full_array<T>(shape_, grad->array.data()[0]));
    return grad;
  }

  Ref<Value<T>> grad;  ///< null: none has arrived

 private:
  Shape shape_;
};

/// A leaf that collects a gradient.
template <class T>
class VariableNode final : public TensorNode<T> {
 public:
  explicit VariableNode(Ref<Value<T>> initial)
      : TensorNode<T>(shape_of(initial->array)), value_(std::move(initial)) {}

  void sweep(ScalarSweep&, bool) override {}
  void differentiate(GraphGradients&) override {}
  void push_forward(GraphTangents&) override {}
  void check(const char*) const override {}
  bool is_variable() const override { return true; }
  const char* op_name() const override { return "variable"; }

  const Array<T>& value() const { return value_->array; }
  std::uint32_t version() const { return version_; }

  /// The value for overwriting all of it or updating it in place; whoever shares the old one keeps it. Sweeps
  /// through steps recorded before fail.
  Array<T>& change() {
    own_value();
    ++version_;
    return value_->array;
  }
  /// What of change() may throw.
  void own_value() {
    if (value_->is_shared()) value_ = make_value(Array<T>(value_->array));
  }
  const Ref<Value<T>>& shared_value() const { return value_; }

  /// What a variable shows that no gradient has reached.
  const Array<T>& no_gradient() const {
    if (!zeros_) zeros_ = make_value(full_array<T>(this->shape(), T(0)));
    return zeros_->array;
  }

 private:
  Ref<Value<T>> value_;
  mutable Ref<Value<T>> zeros_;
  std::uint32_t version_ = 0;
};

}  // namespace gradus::detail
