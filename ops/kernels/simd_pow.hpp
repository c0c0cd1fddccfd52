#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include <gradus/ops/kernels/simd_by_lane.hpp>
#include <gradus/ops/kernels/xsimd.hpp>

/// a^b for SIMD batches. xsimd's own is a hundred units in the last place off, and wrong at 0, infinity and
/// NaN. Here a^b = e^(b ln a) where a > 0 and nothing is infinite, with ln a more precise than the result;
/// std::pow, lane by lane, elsewhere. Included by simd_math.hpp only.
namespace gradus::math {

#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
inline constexpr bool has_fused_multiply_add = true;
#else
inline constexpr bool has_fused_multiply_add = false;
#endif

/// a b + c, rounded once. xsimd 8.1 has it for every processor that does but those with AVX-512.
template <class A>
xsimd::batch<double, A> fused(const xsimd::batch<double, A>& a, const xsimd::batch<double, A>& b,
                              const xsimd::batch<double, A>& c) {
#if defined(__AVX512F__)
  if constexpr (std::is_base_of_v<xsimd::avx512f, A>) return _mm512_fmadd_pd(a, b, c);
#endif
  return xsimd::fma(a, b, c);
}

template <class T, class A>
xsimd::batch<T, A> pow_by_lane(const xsimd::batch<T, A>& a, const xsimd::batch<T, A>& b) {
  return by_lane(a, b, [](T base, T exponent) { return std::pow(base, exponent); });
}

/// The unevaluated sum of two numbers, the second a rounding error of the first.
template <class Batch>
struct Pair {
  Batch high, low;
};

/// ln x to about 65 bits, for normal x > 0. With x = 2^k m and s = (m-1)/(m+1):
/// ln x = k ln 2 + 2 (s + s^3/3 + s^5/5 + ...), all but the tail of the series kept as pairs (Dekker 1971).
template <class A>
Pair<xsimd::batch<double, A>> precise_log(const xsimd::batch<double, A>& x) {
  using Batch = xsimd::batch<double, A>;
  const auto rounding_error = [](const Batch& p, const Batch& q, const Batch& product) {
    return fused(p, q, -product);
  };
  xsimd::as_integer_t<Batch> exponent;
  Batch m = xsimd::frexp(x, exponent);
  Batch k = xsimd::to_float(exponent);
  const auto below = m < Batch(0.70710678118654752440);
  m = xsimd::select(below, m + m, m);
  k = xsimd::select(below, k - Batch(1.0), k);

  const Batch f = m - Batch(1.0), d = f + Batch(2.0), d_low = f - (d - Batch(2.0));
  const Batch s = f / d, s_low = (fused(-s, d, f) - s * d_low) / d;
  const Batch s2 = s * s, s2_low = rounding_error(s, s, s2) + Batch(2.0) * s * s_low;
  const Batch s3 = s2 * s, s3_low = rounding_error(s2, s, s3) + s2_low * s + s2 * s_low;

  Batch tail(2.0 / 27);
  for (int n = 25; n >= 5; n -= 2) tail = fused(tail, s2, Batch(2.0 / n));
  constexpr double third = 2.0 / 3, third_low = 0x1.5555555555555p-55;
  const Batch cube = Batch(third) * s3;
  const Batch cube_low =
      rounding_error(Batch(third), s3, cube) + Batch(third) * s3_low + Batch(third_low) * s3 + s3 * s2 * tail;

  constexpr double ln2 = 0x1.62e42fefa3800p-1, ln2_low = 0x1.ef35793c76730p-45;  // k ln2 is exact
  const Batch shift = k * Batch(ln2), twice = s + s;
  const Batch sum = shift + twice, sum_low = (shift - sum) + twice;
  const Batch high = sum + cube, high_low = (sum - high) + cube;
  const Batch low = high_low + sum_low + cube_low + (s_low + s_low) + k * Batch(ln2_low);
  const Batch result = high + low;
  return {result, (high - result) + low};
}

template <class A>
xsimd::batch<double, A> simd_pow(const xsimd::batch<double, A>& a, const xsimd::batch<double, A>& b) {
  using Batch = xsimd::batch<double, A>;
  using Limits = std::numeric_limits<double>;
  if constexpr (has_fused_multiply_add) {
    if (xsimd::all(a >= Batch(Limits::min()) && a <= Batch(Limits::max()))) {
      const Pair<Batch> log = precise_log(a);
      const Batch power = b * log.high;
      const Batch power_low = fused(b, log.high, -power) + b * log.low;
      if (xsimd::all(xsimd::abs(power) < Batch(400.0))) {  // also false for NaN
        const Batch y = xsimd::exp(power);
        return fused(y, power_low, y);
      }
    }
  }
  return pow_by_lane(a, b);
}

/// In double, where a few units in the last place are far below those of float.
template <class A>
xsimd::batch<float, A> simd_pow(const xsimd::batch<float, A>& a, const xsimd::batch<float, A>& b) {
  using Batch = xsimd::batch<float, A>;
  using Double = xsimd::batch<double, A>;
  using Limits = std::numeric_limits<float>;
  const auto ordinary =
      a >= Batch(Limits::min()) && a <= Batch(Limits::max()) && xsimd::abs(b) <= Batch(Limits::max());
  if (!xsimd::all(ordinary)) return pow_by_lane(a, b);
  alignas(A::alignment()) float base[Batch::size], exponent[Batch::size];
  alignas(A::alignment()) double wide_base[Batch::size], wide_exponent[Batch::size];
  a.store_aligned(base);
  b.store_aligned(exponent);
  for (std::size_t i = 0; i < Batch::size; ++i) wide_base[i] = base[i], wide_exponent[i] = exponent[i];
  for (std::size_t i = 0; i < Batch::size; i += Double::size) {
    const Double log = xsimd::log(Double::load_aligned(wide_base + i));
    xsimd::exp(Double::load_aligned(wide_exponent + i) * log).store_aligned(wide_base + i);
  }
  for (std::size_t i = 0; i < Batch::size; ++i) base[i] = static_cast<float>(wide_base[i]);
  return Batch::load_aligned(base);
}

}  // namespace gradus::math
