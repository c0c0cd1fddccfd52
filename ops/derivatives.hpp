#pragma once

#include <algorithm>
#include <concepts>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/forward.hpp>
#include <gradus/ops/operands.hpp>
#include <gradus/ops/scalar_ops.hpp>

/// Derivatives of functions. f is called with variables, or steps, of its own: what it is given stays as it
/// is, so do graphs that f uses without being given them, and every grad().
namespace gradus {

/// A function of one Scalar, of several, of one tensor, of several.
template <class F>
concept ScalarFunction = std::invocable<F&, const Scalar&>;
template <class F>
concept ScalarsFunction = std::invocable < F&,
        const std::vector<Scalar>
& > ;
template <class F, class T>
concept TensorFunction = std::invocable < F&,
        const Tensor<T>
& > ;
template <class F, class T>
concept TensorsFunction = std::invocable < F&,
        const std::vector<Tensor<T>>
& > ;

/// A function's value and its gradients, in the order of the inputs.
template <class T>
struct ValueAndGradients {
  Tensor<T> value;
  std::vector<Tensor<T>> gradients;
};

namespace detail {

/// Gradients as grad() finds them, zeros where y leads to no variable. The graph stays.
template <class Y, class Input, class... Seed>
std::vector<Input> gradients_or_zeros(const Y& y, const std::vector<Input>& inputs, bool create_graph,
                                      const Seed&... seed) {
  if (y.requires_grad())
    return gradus::grad(y, inputs, seed..., {.retain_graph = true, .create_graph = create_graph});
  std::vector<Input> zeros;
  for (const Input& input : inputs) zeros.push_back(zeros_like(input));
  return zeros;
}

template <class T>
std::vector<Tensor<T>> as_variables(const std::vector<Tensor<T>>& values) {
  std::vector<Tensor<T>> variables;
  for (const Tensor<T>& x : values) variables.push_back(variable(x.value()));
  return variables;
}

/// What a function is differentiated by: steps of the graphs that the values lead to, or variables.
template <class X>
std::vector<X> linked_variables(const std::vector<X>& values, bool may_record) {
  std::vector<X> at;
  for (const X& x : values) at.push_back(x.requires_grad() && may_record ? x * 1.0 : X(variable(x.value())));
  return at;
}

template <class T>
void check_same_shape(const char* caller, const char* what, const Tensor<T>& given,
                      const Tensor<T>& expected) {
  if (given.shape() != expected.shape())
    throw ShapeError("[" + std::string(caller) + "] " + what + " of shape " + to_string(given.shape()) +
                     ": expected " + to_string(expected.shape()));
}

template <class T>
void check_one_element(const char* caller, const Tensor<T>& y) {
  if (y.size() != 1)
    throw ShapeError("[" + std::string(caller) + "] the function returned shape " + to_string(y.shape()) +
                     ": expected one element");
}

/// The matrix of derivatives of every element of y with respect to every element of x, of shape y.shape +
/// x.shape.
template <class T>
Tensor<T> jacobian_of(const Tensor<T>& y, const Tensor<T>& x) {
  Shape shape = y.shape();
  shape.insert(shape.end(), x.shape().begin(), x.shape().end());
  Array<T> rows = empty_array<T>(shape);
  for (std::size_t i = 0; i < y.size(); ++i) {
    Array<T> unit = full_array<T>(y.shape(), T(0));
    unit.data()[i] = T(1);
    const Tensor<T> row = gradients_or_zeros(y, std::vector{x}, false, Tensor<T>(std::move(unit)))[0];
    std::copy_n(row.data(), x.size(), rows.data() + i * x.size());
  }
  return Tensor<T>(std::move(rows));
}

/// The gradient of f at a variable, a graph of it.
template <class T, class F>
Tensor<T> recorded_slope(const char* caller, F& f, const Tensor<T>& at) {
  const Tensor<T> y = as_tensor<T>(f(at));
  check_one_element(caller, y);
  return gradients_or_zeros(y, std::vector{at}, true)[0];
}

}  // namespace detail

/// f and f' of a function of one Scalar, as a pair. Where x leads to variables they are steps of its graph,
/// outside NoGrad, and constants otherwise.
template <ScalarFunction F>
auto value_and_grad(F f) {
  return [f](const Scalar& x) -> std::pair<Scalar, Scalar> {
    const bool stays = x.requires_grad() && is_recording();
    const detail::RecordingScope on(true);
    const Scalar v = stays ? x * 1.0 : variable(x.value()), y = f(v);  // f may use x itself as well
    const Scalar slope = detail::gradients_or_zeros(y, std::vector{v}, stays)[0];
    return stays ? std::pair{y, slope} : std::pair{y.detach(), slope.detach()};
  };
}

/// f' of a function of one Scalar, itself such a function: grad(grad(f)) is f''.
///
///     auto df = grad([](const Scalar& x) { return sin(x) * x; });
///     auto d2f = grad(df);
///     d2f(0.5).value();
template <ScalarFunction F>
auto grad(F f) {
  return [f](const Scalar& x) -> Scalar { return value_and_grad(f)(x).second; };
}

/// The value of f, a tensor of one element, and its gradients, as constants. ShapeError for a result of
/// another size.
template <class T, TensorsFunction<T> F>
ValueAndGradients<T> value_and_grad(F&& f, const std::vector<Tensor<T>>& inputs) {
  const detail::RecordingScope on(true);
  const std::vector<Tensor<T>> v = detail::as_variables(inputs);
  const Tensor<T> y = as_tensor<T>(f(v));
  detail::check_one_element("value_and_grad", y);
  return {y.detach(), detail::gradients_or_zeros(y, v, false)};
}

/// The value y of f and g^T dy/dx_i for each input: a vector-Jacobian product, what a backward sweep
/// computes. ShapeError: g's shape is not y's.
template <class T, TensorsFunction<T> F>
ValueAndGradients<T> vjp(F&& f, const std::vector<Tensor<T>>& inputs,
                         const std::type_identity_t<Tensor<T>>& g) {
  const detail::RecordingScope on(true);
  const std::vector<Tensor<T>> v = detail::as_variables(inputs);
  const Tensor<T> y = as_tensor<T>(f(v));
  detail::check_same_shape("vjp", "a gradient", g, y);
  return {y.detach(), detail::gradients_or_zeros(y, v, false, g)};
}

/// The value y of f and sum_i dy/dx_i t_i for tangents t_i of the inputs: a Jacobian-vector product, y's
/// derivative in the direction t (forward mode; A. Griewank, A. Walther, "Evaluating Derivatives" (2008),
/// chapter 3). One forward sweep, whatever the number of outputs, by the rules that backward sweeps follow:
/// elementwise steps, linear maps and products push tangents on, for all others each is transposed by itself.
/// A tangent that is 0 contributes 0, whatever the local derivative.
///
///     auto [y, dy] = jvp([](const Tensor<double>& x) { return sum(exp(x)); }, x, direction);
///
/// Outside NoGrad both are steps of the graph if an input, a tangent or what else f uses leads to variables,
/// and can be differentiated: jvp of a function that calls grad() (with create_graph) multiplies by a
/// Hessian. What f uses without being given it has no tangent, and f's graph is not released. ShapeError: a
/// tangent has not the shape of its input; ValueError: there are not as many as inputs. GraphError as for
/// backward().
template <class T, TensorsFunction<T> F>
ValueAndTangent<Tensor<T>> jvp(F&& f, const std::vector<Tensor<T>>& inputs,
                               const std::type_identity_t<std::vector<Tensor<T>>>& tangents) {
  detail::check_tangents(inputs, tangents);
  const bool may_record = is_recording();
  const detail::RecordingScope on(true);
  const std::vector<Tensor<T>> at = detail::linked_variables(inputs, may_record);
  return detail::push_forward(as_tensor<T>(f(at)), at, tangents, may_record);
}
template <class T, TensorFunction<T> F>
ValueAndTangent<Tensor<T>> jvp(F&& f, const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& tangent) {
  return jvp([&f](const std::vector<Tensor<T>>& in) { return f(in[0]); }, std::vector<Tensor<T>>{x},
             {tangent});
}
/// The same for functions of Scalars, whose value is a Scalar or a tensor.
template <ScalarsFunction F>
auto jvp(F&& f, const std::vector<Scalar>& inputs, const std::vector<Scalar>& tangents) {
  using Y = std::decay_t<std::invoke_result_t<F&, const std::vector<Scalar>&>>;
  using Result = std::conditional_t<is_tensor<Y>, Y, Scalar>;
  detail::check_tangents(inputs, tangents);
  const bool may_record = is_recording();
  const detail::RecordingScope on(true);
  const std::vector<Scalar> at = detail::linked_variables(inputs, may_record);
  return detail::push_forward(Result(f(at)), at, tangents, may_record);
}
template <ScalarFunction F>
auto jvp(F&& f, const Scalar& x, const Scalar& tangent) {
  return jvp([&f](const std::vector<Scalar>& in) { return f(in[0]); }, std::vector<Scalar>{x}, {tangent});
}

/// dy/dx of y = f(x), of shape y.shape + x.shape: one backward sweep for each element of y.
template <class T, TensorFunction<T> F>
Tensor<T> jacobian(F&& f, const Tensor<T>& x) {
  const detail::RecordingScope on(true);
  const Tensor<T> v = variable(x.value());
  return detail::jacobian_of(as_tensor<T>(f(v)), v);
}

/// The second derivatives of a function with one value, of shape x.shape + x.shape: one backward sweep
/// through its recorded gradient for each element of x. ShapeError for a result of another size.
template <class T, TensorFunction<T> F>
Tensor<T> hessian(F&& f, const Tensor<T>& x) {
  const detail::RecordingScope on(true);
  const Tensor<T> v = variable(x.value());
  return detail::jacobian_of(detail::recorded_slope("hessian", f, v), v);
}

/// The second derivatives of a function of n Scalars, of shape (n,n).
template <ScalarsFunction F>
Tensor<double> hessian(F&& f, const std::vector<Scalar>& x) {
  const detail::RecordingScope on(true);
  std::vector<Scalar> v;
  for (const Scalar& s : x) v.push_back(variable(s.value()));
  const Scalar y = f(std::as_const(v));
  Array<double> rows = empty_array<double>({x.size(), x.size()});
  double* to = rows.data();
  for (const Scalar& slope : detail::gradients_or_zeros(y, v, true))
    for (const Scalar& second : detail::gradients_or_zeros(slope, v, false)) *to++ = second.value();
  return Tensor<double>(std::move(rows));
}

/// H v for the second derivatives H of a function with one value, without H: the gradient of (grad f)^T v
/// (B. Pearlmutter, "Fast exact multiplication by the Hessian", 1994). ShapeError: v's shape is not x's, or
/// the result has not one element.
template <class T, TensorFunction<T> F>
Tensor<T> hvp(F&& f, const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& v) {
  detail::check_same_shape("hvp", "a direction", v, x);
  const detail::RecordingScope on(true);
  const Tensor<T> at = variable(x.value());
  return detail::gradients_or_zeros(detail::recorded_slope("hvp", f, at), std::vector{at}, false, v)[0];
}

}  // namespace gradus
