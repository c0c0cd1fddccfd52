#include <cmath>
#include <limits>

#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/kernels/vector.hpp>
#include <gradus/ops/linalg/lapack.hpp>
#include <gradus/ops/linalg/matrices.hpp>
#include <gradus/ops/product_step.hpp>

namespace gradus::detail {

MatrixShape matrix_shape(OpName op, const Shape& shape) {
  if (shape.size() < 2)
    throw ShapeError(op.tag() + to_string(shape) + ": expected matrices, of at least two axes");
  const MatrixShape result{Shape(shape.begin(), shape.end() - 2), shape[shape.size() - 2], shape.back()};
  const auto [smaller, larger] = std::minmax(result.rows, result.columns);
  if (smaller > lapack::largest_smaller_extent || (smaller > 0 && larger > lapack::largest_extent))
    throw ShapeError(op.tag() + to_string(shape) + ": LAPACK counts up to " +
                     std::to_string(lapack::largest_smaller_extent) + " of the smaller extent and " +
                     std::to_string(lapack::largest_extent) + " of the larger");
  return result;
}

MatrixShape square_shape(OpName op, const Shape& shape) {
  MatrixShape result = matrix_shape(op, shape);
  if (result.rows != result.columns)
    throw ShapeError(op.tag() + to_string(shape) + ": expected square matrices, the last two extents equal");
  return result;
}

Shape with_axes(const Shape& batch, const Shape& axes) {
  Shape result = batch;
  for (const std::size_t extent : axes) result.push_back(extent);
  return result;
}

void fail_matrix(OpName op, const Shape& shape, std::size_t matrix, const std::string& what) {
  const std::string which =
      shape.size() > 2 ? "matrix " + std::to_string(matrix) + " of the batch " : std::string("the matrix ");
  throw ValueError(op.tag() + to_string(shape) + ": " + which + what);
}

template <class T>
void check_finite(OpName op, const Tensor<T>& a) {
  if (kernels::all_finite(a.data(), a.size())) return;
  const MatrixShape shape = matrix_shape(op, a.shape());
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!std::isfinite(a.data()[i]))
      fail_matrix(op, a.shape(), i / shape.size(), "has an element that is infinite or NaN");
}

template <class T>
Tensor<T> times(OpName op, const Tensor<T>& a, Trans ta, const Tensor<T>& b, Trans tb, Gradient gradient) {
  const MatrixShape left = matrix_shape(op, a.shape()), right = matrix_shape(op, b.shape());
  const Shape batch = broadcast_shapes(op.text(), left.batch, right.batch);
  const Product one{.ta = ta,
                    .tb = tb,
                    .m = ta == Trans::no ? left.rows : left.columns,
                    .n = tb == Trans::no ? right.columns : right.rows,
                    .k = ta == Trans::no ? left.columns : left.rows,
                    .gradient = gradient};
  const Shape result = with_axes(batch, {one.m, one.n});
  const Product p = batched_product(one, left.batch, right.batch, batch);
  check_sizes(op, a.shape(), b.shape(), p, result);
  return record_product(op, p, a, b, result);
}

template <class T>
Tensor<T> symmetric_part(const Tensor<T>& a) {
  return 0.5 * (a + matrix_transpose(a));
}

xt::xarray<bool> diagonal_mask(std::size_t n) {
  xt::xarray<bool> mask = xt::xarray<bool>::from_shape({n, n});
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) mask(i, j) = i == j;
  return mask;
}

template <class T>
Tensor<T> diagonal_matrix(const Tensor<T>& v) {
  return where(diagonal_mask(v.shape().back()), expand_dims(v, -1), T(0));
}

template <class T>
Tensor<T> identity(std::size_t n) {
  Array<T> ones = full_array<T>({n, n}, T(0));
  for (std::size_t i = 0; i < n; ++i) ones.data()[i * n + i] = 1;
  return Tensor<T>(std::move(ones));
}

template <class T>
Tensor<T> reciprocal_gaps(const Tensor<T>& v) {
  const Tensor<T> gaps = expand_dims(v, -2) - expand_dims(v, -1);
  const std::size_t n = v.shape().back();
  xt::xarray<bool> is_gap = xt::xarray<bool>::from_shape(gaps.shape());
  for (std::size_t matrix = 0; matrix * n < v.size(); ++matrix) {
    T largest = 0;
    for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(v.data()[matrix * n + i]));
    const T smallest_gap = largest * std::numeric_limits<T>::epsilon();
    for (std::size_t i = matrix * n * n; i < (matrix + 1) * n * n; ++i)
      is_gap.data()[i] = std::abs(gaps.data()[i]) > smallest_gap;
  }
  const Tensor<T> inverse = where(is_gap, reciprocal(gaps), std::numeric_limits<T>::quiet_NaN());
  return where(diagonal_mask(n), T(0), inverse);
}

#define GRADUS_INSTANTIATE(T)                                                                   \
  template void check_finite(OpName, const Tensor<T>&);                                         \
  template Tensor<T> times(OpName, const Tensor<T>&, Trans, const Tensor<T>&, Trans, Gradient); \
  template Tensor<T> symmetric_part(const Tensor<T>&);                                          \
  template Tensor<T> diagonal_matrix(const Tensor<T>&);                                         \
  template Tensor<T> identity(std::size_t);                                                     \
  template Tensor<T> reciprocal_gaps(const Tensor<T>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::detail
