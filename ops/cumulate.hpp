#pragma once

#include <gradus/core/tensor.hpp>

/// Running sums and products along an axis; without one, of all elements in row-major order, as a vector.
/// Each call is one step. ShapeError for an axis out of range.
namespace gradus {

/// y_k = sum_(i <= k) x_i, dx_i = sum_(k >= i) g_k. Rounding errors do not grow with the number of elements.
template <class T>
Tensor<T> cumsum(Tensor<T> x, std::ptrdiff_t axis);
template <class T>
Tensor<T> cumsum(Tensor<T> x);

/// y_k = prod_(i <= k) x_i, dx_i = sum_(k >= i) g_k prod_(j <= k, j != i) x_j, without a division: exact with
/// any number of zeros.
template <class T>
Tensor<T> cumprod(Tensor<T> x, std::ptrdiff_t axis);
template <class T>
Tensor<T> cumprod(Tensor<T> x);

}  // namespace gradus
