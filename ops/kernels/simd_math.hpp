#pragma once

#include <cmath>
#include <limits>

#include <gradus/ops/kernels/simd_pow.hpp>
#include <gradus/ops/kernels/xsimd.hpp>
#include <gradus/ops/math.hpp>

/// The elementary functions of SIMD batches: xsimd's, within two units in the last place of the exact value,
/// and corrected where xsimd 8.1 is not; the rarer ones lane by lane (xsimd's erf is wrong in every tail).
/// Included by kernel .cpp files only.
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

  // The same as of exp.
  static Batch exp2(const Batch& x) {
    const Batch y = xsimd::exp2(x);
    const Mask extreme = xsimd::abs(x) > Batch(T(Limits::max_exponent - 2));
    if (!xsimd::any(extreme)) return y;
    const Batch root = xsimd::exp2(T(0.5) * x);
    return xsimd::select(extreme, root * root, y);
  }

#define GRADUS_FUNCTION(name)                                                                      \
  static Batch name(const Batch& x) {                                                              \
    return with_subnormals([](const auto& v) { return xsimd::name(v); }, std::name(log_shift), x); \
  }
  GRADUS_FUNCTION(log)
  GRADUS_FUNCTION(log2)
  GRADUS_FUNCTION(log10)
#undef GRADUS_FUNCTION

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

  // Without SSE4.1 xsimd loses the sign of 0.
  static Batch floor(const Batch& x) { return xsimd::copysign(xsimd::floor(x), x); }
  static Batch ceil(const Batch& x) { return xsimd::copysign(xsimd::ceil(x), x); }
  static Batch round(const Batch& x) { return xsimd::nearbyint(x); }

#define GRADUS_FUNCTION(name) \
  static Batch name(const Batch& x) { return by_lane(x, Functions<T>::name); }
  // clang-format off
  GRADUS_FUNCTION(cbrt) GRADUS_FUNCTION(tan) GRADUS_FUNCTION(asin) GRADUS_FUNCTION(acos) GRADUS_FUNCTION(atan)
  GRADUS_FUNCTION(sinh) GRADUS_FUNCTION(cosh) GRADUS_FUNCTION(asinh) GRADUS_FUNCTION(acosh)
  GRADUS_FUNCTION(atanh) GRADUS_FUNCTION(erf) GRADUS_FUNCTION(erfc) GRADUS_FUNCTION(lgamma)
  GRADUS_FUNCTION(digamma)
  // clang-format on
#undef GRADUS_FUNCTION
#define GRADUS_FUNCTION(name) \
  static Batch name(const Batch& a, const Batch& b) { return by_lane(a, b, Functions<T>::name); }
              GRADUS_FUNCTION(hypot) GRADUS_FUNCTION(atan2) GRADUS_FUNCTION(fmod) GRADUS_FUNCTION(polygamma)
#undef GRADUS_FUNCTION

                  static Batch maximum(const Batch& a, const Batch& b) {
    return xsimd::select(a > b || is_nan(a), a, b);
  }
  static Batch minimum(const Batch& a, const Batch& b) { return xsimd::select(a < b || is_nan(a), a, b); }
  static Batch flow(const Batch& g, const Batch& d) {
    return xsimd::select(g == Batch(T(0)), Batch(T(0)), g * d);
  }
  static Batch select(const Mask& mask, const Batch& a, const Batch& b) { return xsimd::select(mask, a, b); }
  static Mask is_nan(const Batch& x) { return xsimd::isnan(x); }
  static Batch largest() { return Batch(Limits::max()); }

 private:
  static constexpr T log_shift = T(1 / Limits::epsilon());

  /// xsimd's logarithms are wrong for subnormal doubles.
  template <class F>
  static Batch with_subnormals(const F& log, T log_of_shift, const Batch& x) {
    const Batch y = log(x);
    const Mask subnormal = x < Batch(Limits::min()) && x > Batch(T(0));
    if (!xsimd::any(subnormal)) return y;
    return xsimd::select(subnormal, log(x * Batch(log_shift)) - Batch(log_of_shift), y);
  }

  static constexpr T exp_limit = sizeof(T) == sizeof(float) ? T(87) : T(708);
};

}  // namespace gradus::math
