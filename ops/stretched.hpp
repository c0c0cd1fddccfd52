#pragma once

#include <gradus/core/tensor.hpp>
#include <gradus/ops/kernels/layout.hpp>

namespace gradus::detail {

/// The value of x stretched to `shape` by NumPy's rules, as a constant; x itself where it has that shape.
template <class T>
Tensor<T> stretched(const Tensor<T>& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  Array<T> y = empty_array<T>(shape);
  kernels::broadcast_copy(x.data(), x.shape(), y.data(), shape);
  return Tensor<T>(std::move(y));
}

}  // namespace gradus::detail
