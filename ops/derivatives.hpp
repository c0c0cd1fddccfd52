#pragma once

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/operands.hpp>
#include <gradus/ops/scalar_ops.hpp>

/// Derivatives of functions. f is called with variables of its own: what it is given stays as it is, and so
/// does every grad(). Results are constants, unless an argument leads to variables: then they are steps of
/// its graph and can be differentiated again.
namespace gradus {

/// A function of one Scalar.
template <class F>
concept ScalarFunction = std::invocable<F&, const Scalar&>;

/// f' of a function of one Scalar, itself such a function: grad(grad(f)) is f''.
///
///     auto df = grad([](const Scalar& x) { return sin(x) * x; });
///     auto d2f = grad(df);
///     d2f(0.5).value();
template <ScalarFunction F>
auto grad(F f) {
  return [f](const Scalar& x) -> Scalar {
    const detail::RecordingScope on(true);
    if (x.requires_grad()) return grad(f(x), {x}, {.create_graph = true})[0];
    const Scalar v = variable(x.value());
    const Scalar y = f(v);
    return y.requires_grad() ? grad(y, {v})[0] : Scalar(0.0);
  };
}

/// f and f' of a function of one Scalar, as a pair.
template <ScalarFunction F>
auto value_and_grad(F f) {
  return [f](const Scalar& x) -> std::pair<Scalar, Scalar> {
    const detail::RecordingScope on(true);
    const bool is_constant = !x.requires_grad();
    const Scalar v = is_constant ? variable(x.value()) : x, y = f(v);
    const Scalar slope = y.requires_grad() ? grad(y, {v}, {.create_graph = true})[0] : Scalar(0.0);
    return is_constant ? std::pair{y.detach(), slope.detach()} : std::pair{y, slope};
  };
}

/// A function's value and what belongs to it, each in the order of the inputs.
template <class T>
struct ValueAndGradients {
  Tensor<T> value;
  std::vector<Tensor<T>> gradients;
};

namespace detail {

/// f's result on variables of its own, and these.
template <class T>
struct Recorded {
  std::vector<Tensor<T>> inputs;
  Tensor<T> y;

  template <class F>
  Recorded(F& f, const std::vector<Tensor<T>>& values) {
    const RecordingScope on(true);
    for (const Tensor<T>& x : values) inputs.push_back(variable(x.value()));
    y = as_tensor<T>(f(std::as_const(inputs)));
  }

  /// Zeros where y leads to no variable.
  std::vector<Tensor<T>> gradients(const Tensor<T>& seed, GradOptions options = {}) const {
    const RecordingScope on(true);
    if (y.requires_grad()) return gradus::grad(y, inputs, seed, options);
    std::vector<Tensor<T>> zeros;
    for (const Tensor<T>& x : inputs) zeros.push_back(full_array<T>(x.shape(), T(0)));
    return zeros;
  }
};

/// Zeros but for a 1 at element i.
template <class T>
Tensor<T> unit(const Shape& shape, std::size_t i) {
  Array<T> v = full_array<T>(shape, T(0));
  v.data()[i] = T(1);
  return Tensor<T>(std::move(v));
}

/// The matrix of derivatives of every element of y with respect to every element of x, of shape y.shape +
/// x.shape.
template <class T>
Tensor<T> jacobian_of(const Tensor<T>& y, const Tensor<T>& x) {
  Shape shape = y.shape();
  shape.insert(shape.end(), x.shape().begin(), x.shape().end());
  Array<T> rows = full_array<T>(shape, T(0));
  for (std::size_t i = 0; y.requires_grad() && i < y.size(); ++i) {
    const Tensor<T> row = gradus::grad(y, {x}, unit<T>(y.shape(), i), {.retain_graph = true})[0];
    std::copy_n(row.data(), x.size(), rows.data() + i * x.size());
  }
  return Tensor<T>(std::move(rows));
}

}  // namespace detail

/// The value y of f and g^T dy/dx_i for each input: a vector-Jacobian product, what a backward sweep
/// computes. ShapeError: g's shape is not y's.
template <class T, class F>
requires std::invocable < F&, const std::vector<Tensor<T>>
& > ValueAndGradients<T> vjp(F&& f, const std::vector<Tensor<T>>& inputs,
                             const std::type_identity_t<Tensor<T>>& g) {
  const detail::Recorded<T> recorded(f, inputs);
  return {recorded.y.detach(), recorded.gradients(g)};
}

/// The value of f, a tensor of one element, and its gradients.
template <class T, class F>
requires std::invocable < F&, const std::vector<Tensor<T>>
& > ValueAndGradients<T> value_and_grad(F&& f, const std::vector<Tensor<T>>& inputs) {
  const detail::Recorded<T> recorded(f, inputs);
  return {recorded.y.detach(), recorded.gradients(detail::unit<T>(recorded.y.shape(), 0))};
}

/// dy/dx of y = f(x), of shape y.shape + x.shape: one backward sweep for each element of y.
template <class T, class F>
requires std::invocable < F&, const Tensor<T>
& > Tensor<T> jacobian(F&& f, const Tensor<T>& x) {
  const detail::RecordingScope on(true);
  const Tensor<T> v = variable(x.value());
  return detail::jacobian_of(as_tensor<T>(f(v)), v);
}

/// The second derivatives of a function with one value, of shape x.shape + x.shape: one backward sweep
/// through its recorded gradient for each element of x.
template <class T, class F>
requires std::invocable < F&, const Tensor<T>
& > Tensor<T> hessian(F&& f, const Tensor<T>& x) {
  const detail::RecordingScope on(true);
  const Tensor<T> v = variable(x.value()), y = as_tensor<T>(f(v));
  const Tensor<T> slope =
      y.requires_grad() ? grad(y, {v}, {.create_graph = true})[0] : Tensor<T>(full_array<T>(x.shape(), T(0)));
  return detail::jacobian_of(slope, v);
}

/// The second derivatives of a function of n Scalars, of shape (n,n).
template <class F>
requires std::invocable < F&, const std::vector<Scalar>
& > Tensor<double> hessian(F&& f, const std::vector<Scalar>& x) {
  const detail::RecordingScope on(true);
  const std::size_t n = x.size();
  std::vector<Scalar> v;
  for (const Scalar& s : x) v.push_back(variable(s.value()));
  const Scalar y = f(std::as_const(v));
  Array<double> rows = full_array<double>({n, n}, 0.0);
  const std::vector<Scalar> slopes =
      y.requires_grad() ? grad(y, v, {.create_graph = true}) : std::vector<Scalar>(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (!slopes[i].requires_grad()) continue;
    const std::vector<Scalar> row = grad(slopes[i], v, {.retain_graph = true});
    for (std::size_t k = 0; k < n; ++k) rows.data()[i * n + k] = row[k].value();
  }
  return Tensor<double>(std::move(rows));
}

/// H v for the second derivatives H of a function with one value, without H: the gradient of (grad f)^T v
/// (B. Pearlmutter, "Fast exact multiplication by the Hessian", 1994). ShapeError: v's shape is not x's.
template <class T, class F>
requires std::invocable < F&, const Tensor<T>
& > Tensor<T> hvp(F&& f, const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& v) {
  const detail::RecordingScope on(true);
  const Tensor<T> at = variable(x.value()), y = as_tensor<T>(f(at));
  const Tensor<T> zeros = full_array<T>(x.shape(), T(0));
  const Tensor<T> slope = y.requires_grad() ? grad(y, {at}, {.create_graph = true})[0] : zeros;
  if (v.shape() != x.shape())
    throw ShapeError("[hvp] a direction of shape " + to_string(v.shape()) + " at x of shape " +
                     to_string(x.shape()) + ": they must be the same");
  return slope.requires_grad() ? grad(slope, {at}, v)[0] : zeros;
}

}  // namespace gradus
