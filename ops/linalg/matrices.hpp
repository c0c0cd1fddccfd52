#pragma once

#include <string>
#include <vector>

#include <gradus/core/tensor.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/op_name.hpp>
#include <gradus/ops/product_step.hpp>

/// What the ops of linear algebra share. Their operands are matrices (m,n), or batches of them (..,m,n).
namespace gradus::detail {

/// The extents of matrices.
struct MatrixShape {
  Shape batch;
  std::size_t rows, columns;

  std::size_t size() const { return rows * columns; }
  std::size_t matrices() const { return count(batch); }
};

/// ShapeError for an operand without two axes, or one that LAPACK cannot count.
MatrixShape matrix_shape(OpName op, const Shape& shape);
/// The same for square matrices.
MatrixShape square_shape(OpName op, const Shape& shape);

/// The batch with the axes of a matrix, a vector or nothing behind it.
Shape with_axes(const Shape& batch, const Shape& axes);

/// ValueError: "[inv] (3,2,2): matrix 1 of the batch is singular".
[[noreturn]] void fail_matrix(OpName op, const Shape& shape, std::size_t matrix, const std::string& what);

/// Throws as fail_matrix where a number is infinite or NaN.
template <class T>
void check_finite(OpName op, const Tensor<T>& a);

// For rules, on handles of the graph.

/// op(A) op(B) of matrices, the batches broadcast: a step of `op`. A factor that is a gradient, or was made
/// from one, is named, so that its zeros absorb.
template <class T>
Tensor<T> times(OpName op, const Tensor<T>& a, Trans ta, const Tensor<T>& b, Trans tb,
                Gradient gradient = Gradient::none);
/// A B, A^T B and A B^T, steps of matmul.
template <class T>
Tensor<T> times(const Tensor<T>& a, const Tensor<T>& b, Gradient gradient = Gradient::none) {
  return times(OpName::matmul, a, Trans::no, b, Trans::no, gradient);
}
template <class T>
Tensor<T> transposed_times(const Tensor<T>& a, const Tensor<T>& b, Gradient gradient = Gradient::none) {
  return times(OpName::matmul, a, Trans::yes, b, Trans::no, gradient);
}
template <class T>
Tensor<T> times_transposed(const Tensor<T>& a, const Tensor<T>& b, Gradient gradient = Gradient::none) {
  return times(OpName::matmul, a, Trans::no, b, Trans::yes, gradient);
}

/// A^T
template <class T>
Tensor<T> matrix_transpose(const Tensor<T>& a) {
  return swapaxes(a, -2, -1);
}

/// (A + A^T)/2
template <class T>
Tensor<T> symmetric_part(const Tensor<T>& a);

/// True on the diagonal of an (n,n) matrix.
xt::xarray<bool> diagonal_mask(std::size_t n);

/// Vectors as the diagonals of matrices.
template <class T>
Tensor<T> diagonal_matrix(const Tensor<T>& v);

/// Constant.
template <class T>
Tensor<T> identity(std::size_t n);

/// 1/(v_j - v_i) for vectors, 0 for i = j. NaN where the two are as good as equal: where they differ by no
/// more than the largest |v| times the precision of T.
template <class T>
Tensor<T> reciprocal_gaps(const Tensor<T>& v);

}  // namespace gradus::detail
