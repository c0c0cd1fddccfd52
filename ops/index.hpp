#pragma once

#include <gradus/ops/operands.hpp>
#include <gradus/ops/scalar_ops.hpp>

/// Ops that pick elements. Each call is one step; the gradient goes back to what was picked.
namespace gradus {
namespace detail {

template <class T>
Tensor<T> take_integers(const Tensor<T>& x, Integers indices, std::ptrdiff_t axis);
template <class T>
Tensor<T> select(Array<bool> mask, const Tensor<T>& a, const Tensor<T>& b);

}  // namespace detail

/// What stands at `indices` along an axis: y[.., i.., ..] = x[.., indices[i..], ..]. Indices are an array of
/// any integral type and rank, negative ones counting from the end; the result has their shape in place of
/// the axis. The gradient of an element is the sum over all its places in y. ValueError for an index out of
/// range, ShapeError for an axis out of range.
template <class T, IndexArray Indices>
Tensor<T> take(const Tensor<T>& x, const Indices& indices, std::ptrdiff_t axis) {
  return detail::take_integers(x, detail::as_integers(detail::OpName::take.text(), indices), axis);
}

/// y = mask ? a : b, element by element, all three broadcast. The mask is an array of bool (or integers, of
/// which 0 is false); a and b are any operands, at least one a tensor or a Scalar. What was not chosen gets a
/// gradient of exactly 0. ShapeError when the shapes do not broadcast.
template <IntegralArray Mask, class A, class B>
requires(TensorOperands<A, B> || ScalarOperands<A, B>) auto where(Mask&& mask, A&& a, B&& b) {
  using T = std::conditional_t<ScalarOperands<A, B>, double, element_type_of<A, B>>;
  detail::check_threads(detail::OpName::where.text(), a, b);
  return detail::select<T>(Array<bool>(mask), as_tensor<T>(a), as_tensor<T>(b));
}

}  // namespace gradus
