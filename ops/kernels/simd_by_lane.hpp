#pragma once

#include <cstddef>

#include <gradus/ops/kernels/xsimd.hpp>

/// A function of numbers, called for each lane of SIMD batches: for what has no vector form.
namespace gradus::math {

template <class T, class A, class F>
xsimd::batch<T, A> by_lane(const xsimd::batch<T, A>& x, const F& f) {
  constexpr std::size_t size = xsimd::batch<T, A>::size;
  alignas(A::alignment()) T lanes[size];
  x.store_aligned(lanes);
  for (std::size_t i = 0; i < size; ++i) lanes[i] = f(lanes[i]);
  return xsimd::batch<T, A>::load_aligned(lanes);
}

template <class T, class A, class F>
xsimd::batch<T, A> by_lane(const xsimd::batch<T, A>& a, const xsimd::batch<T, A>& b, const F& f) {
  constexpr std::size_t size = xsimd::batch<T, A>::size;
  alignas(A::alignment()) T first[size], second[size];
  a.store_aligned(first);
  b.store_aligned(second);
  for (std::size_t i = 0; i < size; ++i) first[i] = f(first[i], second[i]);
  return xsimd::batch<T, A>::load_aligned(first);
}

}  // namespace gradus::math
