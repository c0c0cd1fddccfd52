#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <type_traits>

#include <gradus/core/error.hpp>
#include <gradus/core/hook.hpp>
#include <gradus/core/node.hpp>
#include <gradus/core/scalar.hpp>

namespace gradus {

/// An xtensor array or lazy expression (not a handle).
template <class E>
concept ArrayExpression = xt::is_xexpression<std::decay_t<E>>::value;

/// The element type a tensor made from an array has: float stays float, everything else becomes double.
template <class E>
using element_of =
    std::conditional_t<std::is_same_v<typename std::decay_t<E>::value_type, float>, float, double>;

namespace detail {
std::ostream& print(std::ostream& out, const Array<float>& array);
std::ostream& print(std::ostream& out, const Array<double>& array);
}  // namespace detail

/// An array in a graph: a constant, a variable, or the result of a recorded step. T is float or double. A
/// cheap handle: copies share their node and value. It may move between threads, but is used by one at a
/// time.
template <class T>
class Tensor {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "Tensor<float> or Tensor<double>");

 public:
  using value_type = T;

  /// The constant 0 of shape (); so is a tensor that was moved from.
  Tensor() = default;
  /// A constant of shape (). Numbers convert implicitly.
  template <Number N>
  Tensor(N number) : Tensor(detail::make_value(full_array<T>({}, static_cast<T>(number))), nullptr) {}
  /// A constant copy of an array; a lazy expression is evaluated here. Arrays convert implicitly.
  template <ArrayExpression E>
  Tensor(const E& array) : Tensor(detail::make_value(Array<T>(array)), nullptr) {}
  Tensor(Array<T>&& array) : Tensor(detail::make_value(std::move(array)), nullptr) {}

  const Array<T>& value() const {
    if (is_variable()) return variable_node().value();
    return value_ ? value_->array : zero();
  }
  const Shape& shape() const& { return shape_of(value()); }
  Shape shape() && { return shape_of(value()); }  // for loops over the shape of a temporary
  std::size_t ndim() const { return value().dimension(); }
  std::size_t size() const { return value().size(); }
  /// The number in a tensor of one element. ShapeError for any other.
  T item() const;

  /// The gradient. Of a variable, the sum of all that has reached it since zero_grad(), zeros where none has.
  /// Of a step, that of the latest sweep, if retain_grad() or keep_grads asked for it; GraphError otherwise,
  /// and for a constant.
  const Array<T>& grad() const;
  bool has_grad() const { return node_ && node_->grad; }
  bool requires_grad() const { return static_cast<bool>(node_); }
  /// Differentiates this tensor of one element with respect to every variable; see gradus::backward.
  void backward() const;
  /// The same for a tensor of any shape, given the gradient that arrives from above, of this shape.
  void backward(const Tensor& seed) const;
  template <ArrayExpression E>
  void backward(const E& seed) const {
    backward(Tensor(seed));
  }
  void zero_grad() const;
  /// Asks the sweeps to come to leave the gradient of this step in place.
  const Tensor& retain_grad() const;
  /// Calls f(g) in every sweep with the complete gradient of this variable or step, before it flows on: f
  /// reads it and returns nothing, or returns the one to go on with, of the same shape. For a variable that
  /// is once a sweep, with what this sweep has found, before it is added to grad(). g is a constant, or a
  /// part of the graph where the sweep is recorded (create_graph). Hooks are called in the order in which
  /// they were registered, until remove(). If f throws, the sweep fails and nothing has changed. f must not
  /// keep a handle of this tensor: they would hold each other. f may run sweeps of its own. Over steps that
  /// the outer sweep has still to do they must retain the graph (the outer one throws GraphError otherwise),
  /// and leave no gradient in its steps; what they find for variables counts as found by the outer one.
  /// GraphError for a constant; ShapeError, during the sweep, when f returns another shape.
  template <GradientHook<Tensor> F>
  HookHandle register_hook(F f) const {
    return add_hook(detail::hook_function<Tensor>(std::move(f)));
  }
  /// Changes a variable. ShapeError when the shape is not the same, GraphError for anything but a variable.
  template <ArrayExpression E>
  void set_value(const E& array) const {
    replace_value(Array<T>(array));
  }
  template <Number N>
  void set_value(N number) const {
    replace_value(full_array<T>({}, static_cast<T>(number)));
  }
  /// The same value as a constant.
  Tensor detach() const;
  /// 1 + the largest stage of what it was made from; variables and constants are at stage 0.
  std::uint32_t stage() const { return node_ ? node_->stage : 0; }
  /// Names the variable or step and returns the handle; a constant keeps no name.
  Tensor named(std::string name) const;
  std::string name() const { return node_ ? node_->name() : std::string(); }
  /// The path of the scope in which the step was recorded, such as "layers.0" (core/scope.hpp); "" outside of
  /// any, and for variables and constants.
  std::string scope() const { return node_ ? detail::path_of(node_->scope.get()) : std::string(); }

  /// Prints the value, as xtensor does.
  friend std::ostream& operator<<(std::ostream& out, const Tensor& x) {
    return detail::print(out, x.value());
  }

  /// For ops: a handle from its parts.
  Tensor(detail::Ref<detail::Value<T>> value, detail::Ref<detail::TensorNode<T>> node)
      : value_(std::move(value)), node_(std::move(node)) {}
  const detail::Ref<detail::TensorNode<T>>& node() const { return node_; }
  const T* data() const { return value().data(); }
  detail::Ref<detail::Value<T>> shared_value() const {
    if (is_variable()) return variable_node().shared_value();
    return value_ ? value_ : detail::make_value(Array<T>(zero()));
  }
  bool is_variable() const { return node_ && node_->is_variable(); }
  /// Whether this handle alone holds its value: then whoever ends the handle may overwrite it.
  bool holds_value_alone() const { return value_ && !value_->is_shared(); }
  /// The value; it is gone from this handle.
  detail::Ref<detail::Value<T>> take_value() { return std::move(value_); }
  /// For optimizers: the value of a variable, to be overwritten or updated in place. GraphError otherwise.
  Array<T>& change(const char* caller) const;

 private:
  static const Array<T>& zero();
  detail::VariableNode<T>& variable_node() const { return static_cast<detail::VariableNode<T>&>(*node_); }
  void replace_value(Array<T> array) const;
  HookHandle add_hook(std::function<Tensor(const Tensor&)> hook) const;

  detail::Ref<detail::Value<T>> value_;      // null for a variable, whose node has it, and for the constant 0
  detail::Ref<detail::TensorNode<T>> node_;  // null for a constant
};

template <ArrayExpression E>
Tensor(const E&) -> Tensor<element_of<E>>;

template <class T>
inline constexpr bool is_tensor = false;
template <class T>
inline constexpr bool is_tensor<Tensor<T>> = true;

/// A variable: an array that collects a gradient. Arrays of float make Tensor<float>, all others
/// Tensor<double>.
template <ArrayExpression E>
Tensor<element_of<E>> variable(const E& array) {
  using T = element_of<E>;
  using Leaf = detail::VariableNode<T>;
  return Tensor<T>(nullptr,
                   detail::Ref<detail::TensorNode<T>>(new Leaf(detail::make_value(Array<T>(array)))));
}

extern template class Tensor<float>;
extern template class Tensor<double>;

}  // namespace gradus
