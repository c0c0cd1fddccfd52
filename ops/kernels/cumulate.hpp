#pragma once

#include <gradus/core/dispatch.hpp>
#include <gradus/ops/kernels/reduce.hpp>

/// Running sums and products along the middle axis of contiguous arrays (outer, n, inner), for float and
/// double. The results are the same at any number of threads.
namespace gradus::kernels {

/// y_k (+)= sum_(i <= k) x_i, or of i >= k when `reversed`. In blocks, so that rounding errors do not grow
/// with n.
template <class T>
void cumsum(const T* x, ReduceShape shape, bool reversed, T* y, bool accumulate) {
  dispatch<cumsum<T>>(x, shape, reversed, y, accumulate);
}

/// y_k = prod_(i <= k) x_i
template <class T>
void cumprod(const T* x, ReduceShape shape, T* y) {
  dispatch<cumprod<T>>(x, shape, y);
}

/// gx_i (+)= y_(i-1) s_i with s_i = g_i + x_(i+1) s_(i+1): no division, so zeros are no exception. Factors
/// that are exactly 0 absorb.
template <class T>
void cumprod_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  dispatch<cumprod_backward<T>>(g, x, y, gx, shape, accumulate);
}

}  // namespace gradus::kernels
