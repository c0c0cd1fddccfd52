#pragma once

#include <cmath>
#include <concepts>

/// Elementary functions for any number type a rule may be written over: float and double, SIMD batches
/// (ops/kernels/simd_math.hpp), and class types such as graph handles, whose own functions of the same names
/// are found beside them (argument-dependent lookup).

// The functions of one argument that <cmath> names as we do.
#define GRADUS_MATH_FUNCTIONS(X) X(exp) X(log) X(log1p) X(expm1) X(sqrt) X(abs) X(sin) X(cos) X(tanh)

// Outside gradus::math, so that an unqualified call finds the argument's own function and never ours.
namespace gradus::detail::by_argument {

#define GRADUS_BY_ARGUMENT(name) \
  template <class T>             \
  T call_##name(const T& x) {    \
    return name(x);              \
  }
GRADUS_MATH_FUNCTIONS(GRADUS_BY_ARGUMENT)
#undef GRADUS_BY_ARGUMENT

template <class T>
T call_pow(const T& a, const T& b) {
  return pow(a, b);
}
template <class T>
T call_maximum(const T& a, const T& b) {
  return maximum(a, b);
}
template <class T>
T call_minimum(const T& a, const T& b) {
  return minimum(a, b);
}
template <class T>
T call_flow(const T& g, const T& d) {
  return flow(g, d);
}
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
  GRADUS_MATH_FUNCTIONS(GRADUS_FUNCTION)
#undef GRADUS_FUNCTION
  static T pow(const T& a, const T& b) { return detail::by_argument::call_pow(a, b); }
  static T maximum(const T& a, const T& b) { return detail::by_argument::call_maximum(a, b); }
  static T minimum(const T& a, const T& b) { return detail::by_argument::call_minimum(a, b); }
  static T flow(const T& g, const T& d) { return detail::by_argument::call_flow(g, d); }
  template <class Mask>
  static T select(const Mask& mask, const T& a, const T& b) {
    return detail::by_argument::call_where(mask, a, b);
  }
  static auto is_nan(const T& x) { return x != x; }
};

template <std::floating_point T>
struct Functions<T> {
#define GRADUS_FUNCTION(name) \
  static T name(T x) { return std::name(x); }
  GRADUS_MATH_FUNCTIONS(GRADUS_FUNCTION)
#undef GRADUS_FUNCTION
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
GRADUS_MATH_FUNCTIONS(GRADUS_FUNCTION)
#undef GRADUS_FUNCTION

template <class T>
T pow(const T& base, const T& exponent) {
  return Functions<T>::pow(base, exponent);
}

/// The larger of two; NaN when either is.
template <class T>
T maximum(const T& a, const T& b) {
  return Functions<T>::maximum(a, b);
}

/// The smaller of two; NaN when either is.
template <class T>
T minimum(const T& a, const T& b) {
  return Functions<T>::minimum(a, b);
}

/// g d, and exactly 0 where g is 0, whatever d is: how a gradient passes a local derivative.
template <class T>
T flow(const T& g, const T& d) {
  return Functions<T>::flow(g, d);
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

#undef GRADUS_MATH_FUNCTIONS
