#pragma once

#include <gradus/ops/axes.hpp>
#include <gradus/ops/operands.hpp>

/// Other products of two operands. Each is one product of matrices, and a transpose before it for an operand
/// whose axes do not lie as the product needs them.
namespace gradus {

/// The axes that tensordot sums over, of each operand: pairs of the same extent.
struct TensordotAxes {
  IntList first, second;
};

namespace detail {

template <class T>
Tensor<T> dot_product(const Tensor<T>& a, const Tensor<T>& b);
template <class T>
Tensor<T> outer_product(const Tensor<T>& a, const Tensor<T>& b);
template <class T>
Tensor<T> tensor_product(const Tensor<T>& a, const Tensor<T>& b, std::ptrdiff_t axes);
template <class T>
Tensor<T> tensor_product(const Tensor<T>& a, const Tensor<T>& b, const TensordotAxes& axes);

}  // namespace detail

/// NumPy's dot: the sum over the last axis of a and the last but one of b (the only one of a vector),
/// y[i.., j.., n] = sum_k a[i.., k] b[j.., k, n]. With an operand of shape () it is a * b, a step of mul.
/// ShapeError when the two extents differ.
template <class A, class B>
requires TensorOperands<A, B>
auto dot(A&& a, B&& b) {
  using T = element_type_of<A, B>;
  detail::check_threads(detail::OpName::dot.text(), a, b);
  return detail::dot_product<T>(as_tensor<T>(a), as_tensor<T>(b));
}

/// y[i, j] = a_i b_j, a and b seen as vectors of all their elements, as NumPy sees them.
template <class A, class B>
requires TensorOperands<A, B>
auto outer(A&& a, B&& b) {
  using T = element_type_of<A, B>;
  detail::check_threads(detail::OpName::outer.text(), a, b);
  return detail::outer_product<T>(as_tensor<T>(a), as_tensor<T>(b));
}

/// NumPy's tensordot: products summed over the last `axes` axes of a and the first of b, or over pairs of
/// axes, {{0, 2}, {1, 0}}: the result has the other axes of a, then those of b. ShapeError for an axis out of
/// range or given twice, lists of different lengths, and extents that differ. ValueError for a negative
/// number of axes.
template <class A, class B>
requires TensorOperands<A, B>
auto tensordot(A&& a, B&& b, std::ptrdiff_t axes = 2) {
  using T = element_type_of<A, B>;
  detail::check_threads(detail::OpName::tensordot.text(), a, b);
  return detail::tensor_product<T>(as_tensor<T>(a), as_tensor<T>(b), axes);
}
template <class A, class B>
requires TensorOperands<A, B>
auto tensordot(A&& a, B&& b, const TensordotAxes& axes) {
  using T = element_type_of<A, B>;
  detail::check_threads(detail::OpName::tensordot.text(), a, b);
  return detail::tensor_product<T>(as_tensor<T>(a), as_tensor<T>(b), axes);
}

}  // namespace gradus
