#pragma once

#include <cmath>
#include <limits>

#include <gradus/ops/kernels/simd_pow.hpp>
#include <gradus/ops/kernels/xsimd.hpp>
#include <gradus/ops/math.hpp>

/// The elementary functions of SIMD batches: xsimd's, within two units in the last place of the exact value,
/// and corrected where xsimd 8.1 is not. Included by kernel .cpp files only.
namespace gradus::math {

template <class T, class A>
struct Functions<xsimd::batch<T, A>> {
  using Batch = xsimd::batch<T, A>;
  using Mask = xsimd::batch_bool<T, A>;
  using Limits = std::numeric_limits<T>;

  // xsimd gives infinity and 0 shortly before e^x leaves the range of T. There, e^x = (e^(x/2))^2.
  static Batch exp(const Batch& x) {
    const Batch y = xsimd::exp(x);
    const Mask extreme = xsimd::abs(x) > Batch(exp_limit);
    if (!xsimd::any(extreme)) return y;
    const Batch root = xsimd::exp(T(0.5) * x);
    return xsimd::select(extreme, root * root, y);
  }

  static Batch expm1(const Batch& x) {
    const Batch y = xsimd::expm1(x);
    const Mask extreme = x > Batch(exp_limit);
    if (!xsimd::any(extreme)) return y;
    return xsimd::select(extreme, exp(x), y);
  }

  // xsimd is wrong for subnormal doubles.
  static Batch log(const Batch& x) {
    const Batch y = xsimd::log(x);
    const Mask subnormal = x < Batch(Limits::min()) && x > Batch(T(0));
    if (!xsimd::any(subnormal)) return y;
    const T shift = T(1 / Limits::epsilon());
    return xsimd::select(subnormal, xsimd::log(x * Batch(shift)) - Batch(std::log(shift)), y);
  }

  static Batch pow(const Batch& a, const Batch& b) {
    if (xsimd::all(b == Batch(T(2)))) return a * a;
    if (xsimd::all(b == Batch(T(1)))) return a;
    return simd_pow(a, b);
  }

  static Batch log1p(const Batch& x) { return xsimd::log1p(x); }
  static Batch sqrt(const Batch& x) { return xsimd::sqrt(x); }
  static Batch abs(const Batch& x) { return xsimd::abs(x); }
  static Batch sin(const Batch& x) { return xsimd::sin(x); }
  static Batch cos(const Batch& x) { return xsimd::cos(x); }
  static Batch tanh(const Batch& x) { return xsimd::tanh(x); }

  static Batch maximum(const Batch& a, const Batch& b) { return xsimd::select(a > b || is_nan(a), a, b); }
  static Batch minimum(const Batch& a, const Batch& b) { return xsimd::select(a < b || is_nan(a), a, b); }
  static Batch flow(const Batch& g, const Batch& d) {
    return xsimd::select(g == Batch(T(0)), Batch(T(0)), g * d);
  }
  static Batch select(const Mask& mask, const Batch& a, const Batch& b) { return xsimd::select(mask, a, b); }
  static Mask is_nan(const Batch& x) { return xsimd::isnan(x); }

 private:
  static constexpr T exp_limit = sizeof(T) == sizeof(float) ? T(87) : T(708);
};

}  // namespace gradus::math
