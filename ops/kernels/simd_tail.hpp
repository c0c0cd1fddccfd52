#pragma once

#include <algorithm>
#include <cstddef>

#include <gradus/ops/kernels/simd_math.hpp>

#if defined(__AVX__)
#include <immintrin.h>
#endif

/// Batches of which only the first lanes lie in memory. Where the processor has masked loads and stores they
/// are used: through a buffer, each load would wait for the stores before it, ten times longer.
namespace gradus::kernels::GRADUS_KERNEL_ARCH {

template <class T>
using Batch = xsimd::batch<T>;
template <class T>
using Mask = xsimd::batch_bool<T>;

/// The lanes below `count`.
template <class T>
Mask<T> first_lanes(std::size_t count) {
  alignas(64) static constexpr T number[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  static_assert(Batch<T>::size <= std::size(number));
  return Batch<T>::load_aligned(number) < Batch<T>(static_cast<T>(count));
}

#if defined(__AVX512F__)

inline Batch<float> load_masked(const float* x, Mask<float> mask, Batch<float> rest) {
  return _mm512_mask_loadu_ps(rest, mask, x);
}
inline Batch<double> load_masked(const double* x, Mask<double> mask, Batch<double> rest) {
  return _mm512_mask_loadu_pd(rest, mask, x);
}
inline void store_masked(float* x, Mask<float> mask, Batch<float> value) {
  _mm512_mask_storeu_ps(x, mask, value);
}
inline void store_masked(double* x, Mask<double> mask, Batch<double> value) {
  _mm512_mask_storeu_pd(x, mask, value);
}

#elif defined(__AVX__)

inline Batch<float> load_masked(const float* x, Mask<float> mask, Batch<float> rest) {
  return _mm256_blendv_ps(rest, _mm256_maskload_ps(x, _mm256_castps_si256(mask)), mask);
}
inline Batch<double> load_masked(const double* x, Mask<double> mask, Batch<double> rest) {
  return _mm256_blendv_pd(rest, _mm256_maskload_pd(x, _mm256_castpd_si256(mask)), mask);
}
inline void store_masked(float* x, Mask<float> mask, Batch<float> value) {
  _mm256_maskstore_ps(x, _mm256_castps_si256(mask), value);
}
inline void store_masked(double* x, Mask<double> mask, Batch<double> value) {
  _mm256_maskstore_pd(x, _mm256_castpd_si256(mask), value);
}

#endif

/// The first `count` lanes from memory, 1 in the others.
template <class T>
Batch<T> load_first(const T* x, std::size_t count) {
  const Batch<T> rest(T(1));
#if defined(__AVX__)
  return load_masked(x, first_lanes<T>(count), rest);
#else
  alignas(Batch<T>::arch_type::alignment()) T lanes[Batch<T>::size];
  rest.store_aligned(lanes);
  std::copy_n(x, count, lanes);
  return Batch<T>::load_aligned(lanes);
#endif
}

template <class T>
void store_first(T* x, std::size_t count, const Batch<T>& value) {
#if defined(__AVX__)
  store_masked(x, first_lanes<T>(count), value);
#else
  alignas(Batch<T>::arch_type::alignment()) T lanes[Batch<T>::size];
  value.store_aligned(lanes);
  std::copy_n(lanes, count, x);
#endif
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH
