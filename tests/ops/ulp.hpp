#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace gradus {

/// How far `got` is from the exact value, in units in the last place of T; infinite when one is NaN or
/// infinite and the other is not.
template <class T>
double ulps(T got, long double exact) {
  using Limits = std::numeric_limits<T>;
  const T rounded = static_cast<T>(exact);
  if (std::isnan(exact) && std::isnan(got)) return 0;
  if (std::isinf(rounded) || std::isinf(got) || std::isnan(exact) || std::isnan(got))
    return rounded == got ? 0 : std::numeric_limits<double>::infinity();
  int exponent;
  std::frexp(std::max(std::fabs(rounded), Limits::min()), &exponent);
  return static_cast<double>(std::fabs(got - exact) / std::ldexp(1.0L, exponent - Limits::digits));
}

}  // namespace gradus
