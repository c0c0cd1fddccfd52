#pragma once

#include <cmath>
#include <concepts>
#include <limits>

#include <gradus/ops/special.hpp>

/// Elementary functions for any number type a rule may be written over: float and double, SIMD batches
/// (ops/kernels/simd_math.hpp), and class types such as graph handles, whose own functions of the same names
/// are found beside them (argument-dependent lookup).

// The functions of one argument that <cmath> has as we want them, and those of two; and the others.
// clang-format off
#define GRADUS_STANDARD_FUNCTIONS(X)                                                                  \
  X(exp) X(exp2) X(expm1) X(log) X(log2) X(log10) X(log1p) X(sqrt) X(cbrt) X(abs) X(floor) X(ceil)    \
  X(sin) X(cos) X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(tanh) X(asinh) X(acosh) X(atanh)     \
  X(erf) X(erfc)
#define GRADUS_UNARY_FUNCTIONS(X) GRADUS_STANDARD_FUNCTIONS(X) X(round) X(lgamma) X(digamma)
#define GRADUS_STANDARD_BINARY_FUNCTIONS(X) X(hypot) X(atan2) X(fmod)
#define GRADUS_BINARY_FUNCTIONS(X) \
  GRADUS_STANDARD_BINARY_FUNCTIONS(X) X(pow) X(maximum) X(minimum) X(flow) X(polygamma)
// clang-format on

// Outside gradus::math, so that an unqualified call finds the argument's own function and never ours.
namespace gradus::detail::by_argument {

#define GRADUS_BY_ARGUMENT(name) \
  template <class T>             \
  T call_##name(const T& x) {    \
    return name(x);              \
  }
GRADUS_UNARY_FUNCTIONS(GRADUS_BY_ARGUMENT)
#undef GRADUS_BY_ARGUMENT

#define GRADUS_BY_ARGUMENT(name)          \
  template <class T>                      \
  T call_##name(const T& a, const T& b) { \
    return name(a, b);                    \
  }
GRADUS_BINARY_FUNCTIONS(GRADUS_BY_ARGUMENT)
#undef GRADUS_BY_ARGUMENT

template <class Mask, class T>
T call_where(const Mask& mask, const T& a, const T& b) {
  return where(mask, a, b);
}

}  // namespace gradus::detail::by_argument

namespace gradus::math {

/// Where the functions of T come from: the functions beside T unless specialised.
template <class T>
struct Functions {
#define GRADUS_FUNCTION(name) \
  static T name(const T& x) { return detail::by_argument::call_##name(x); }
  GRADUS_UNARY_FUNCTIONS(GRADUS_FUNCTION)
#undef GRADUS_FUNCTION
#define GRADUS_FUNCTION(name) \
  static T name(const T& a, const T& b) { return detail::by_argument::call_##name(a, b); }
  GRADUS_BINARY_FUNCTIONS(GRADUS_FUNCTION)
#undef GRADUS_FUNCTION
  template <class Mask>
  static T select(const Mask& mask, const T& a, const T& b) {
    return detail::by_argument::call_where(mask, a, b);
  }
  static auto is_nan(const T& x) { return x != x; }
  static T largest() {
    if constexpr (requires { typename T::value_type; })
      return T(Functions<typename T::value_type>::largest());
    else
      return T(std::numeric_limits<double>::max());
  }
};

template <std::floating_point T>
struct Functions<T> {
#define GRADUS_FUNCTION(name) \
  static T name(T x) { return std::name(x); }
  GRADUS_STANDARD_FUNCTIONS(GRADUS_FUNCTION)
#undef GRADUS_FUNCTION
#define GRADUS_FUNCTION(name) \
  static T name(T a, T b) { return std::name(a, b); }
  GRADUS_STANDARD_BINARY_FUNCTIONS(GRADUS_FUNCTION)
#undef GRADUS_FUNCTION
  static T round(T x) { return std::nearbyint(x); }
  static T lgamma(T x) { return special::lgamma(x); }
  static T digamma(T x) { return special::polygamma(T(0), x); }
  static T polygamma(T order, T x) { return special::polygamma(order, x); }
  static T largest() { return std::numeric_limits<T>::max(); }
  static T pow(T a, T b) { return b == T(2) ? a * a : b == T(1) ? a : std::pow(a, b); }
  // Whether b is NaN comes second: where it is a number known beforehand, one instruction remains.
  static T maximum(T a, T b) { return b > a || b != b ? b : a; }
  static T minimum(T a, T b) { return b < a || b != b ? b : a; }
  static T flow(T g, T d) { return g == T(0) ? T(0) : g * d; }
  static bool is_nan(T x) { return x != x; }
};

#define GRADUS_FUNCTION(name)     \
  template <class T>              \
  T name(const T& x) {            \
    return Functions<T>::name(x); \
  }
GRADUS_UNARY_FUNCTIONS(GRADUS_FUNCTION)
#undef GRADUS_FUNCTION

/// Of two: maximum and minimum are NaN when either is; flow(g, d) is g d, and exactly 0 where g is 0,
/// whatever d is: how a gradient passes a local derivative.
#define GRADUS_FUNCTION(name)        \
  template <class T>                 \
  T name(const T& a, const T& b) {   \
    return Functions<T>::name(a, b); \
  }
GRADUS_BINARY_FUNCTIONS(GRADUS_FUNCTION)
#undef GRADUS_FUNCTION

/// The largest finite number.
template <class T>
T largest() {
  return Functions<T>::largest();
}

/// `a` where the condition holds, else `b`. Both are computed; a comparison of T is fed in directly.
template <class T>
T select(bool condition, const T& a, const T& b) {
  return condition ? a : b;
}
template <class Mask, class T>
T select(const Mask& mask, const T& a, const T& b) {
  return Functions<T>::select(mask, a, b);
}

/// A condition for select(), where `x != x` does not do: comparing SIMD batches, it is false for NaN.
template <class T>
auto is_nan(const T& x) {
  return Functions<T>::is_nan(x);
}

}  // namespace gradus::math

#undef GRADUS_STANDARD_FUNCTIONS
#undef GRADUS_UNARY_FUNCTIONS
#undef GRADUS_STANDARD_BINARY_FUNCTIONS
#undef GRADUS_BINARY_FUNCTIONS
