#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include <math.h>

#include <gradus/ops/special.hpp>

namespace gradus::special {
namespace {

constexpr int highest_order = 100;

template <class Real>
Real factorial(int n) {
  Real result = 1;
  for (int i = 2; i <= n; ++i) result *= static_cast<Real>(i);
  return result;
}

/// The asymptotic series, for x well above the order:
/// digamma(x) = ln x - 1/(2x) - sum of B_2k / (2k x^2k), and its derivatives.
template <class Real>
Real asymptotic(int n, Real x) {
  constexpr std::array<Real, 10> bernoulli{
      Real(1) / 6,       Real(-1) / 30, Real(1) / 42,      Real(-1) / 30,     Real(5) / 66,
      Real(-691) / 2730, Real(7) / 6,   Real(-3617) / 510, Real(43867) / 798, Real(-174611) / 330};
  const Real order = static_cast<Real>(n), power = std::pow(x, -order), inverse_square = 1 / (x * x);
  const Real at_zero = factorial<Real>(n) * power / x;  // n!/x^(n+1)
  Real coefficient = at_zero / x * (order + 1) / 2;     // (2k+n-1)!/((2k)! x^(2k+n)) for k = 1
  Real sum = at_zero / 2;
  for (std::size_t k = 0; k < bernoulli.size(); ++k) {
    sum += bernoulli[k] * coefficient;
    const Real two_k = static_cast<Real>(2 * k + 2);
    coefficient *= (two_k + order) * (two_k + order + 1) / ((two_k + 1) * (two_k + 2)) * inverse_square;
  }
  if (n == 0) return std::log(x) - sum;
  return (n % 2 == 0 ? -1 : 1) * (factorial<Real>(n - 1) * power + sum);
}

/// For x > 0: psi_n(x) = psi_n(x + m) -+ n! (1/x^(n+1) + ... + 1/(x+m-1)^(n+1)).
template <class Real>
Real of_positive(int n, Real x) {
  const Real order = static_cast<Real>(n), enough = order + 20;
  Real sum = 0, shifted = x;
  for (; shifted < enough; shifted += 1) sum += n == 0 ? 1 / shifted : std::pow(shifted, -order - 1);
  if (sum > 0) sum *= factorial<Real>(n);
  return asymptotic(n, shifted) + (n % 2 == 0 ? -sum : sum);
}

/// The derivative of pi cot(pi x) of the order n, for x that is no whole number: a polynomial in c = cot(pi
/// x), since dc/dx = -pi (1 + c^2).
template <class Real>
Real derivative_of_cotangent(int n, Real x) {
  constexpr Real pi = std::numbers::pi_v<Real>;
  std::array<Real, highest_order + 2> p{0, 1};
  for (int i = 0; i < n; ++i) {
    std::array<Real, highest_order + 2> derivative{};
    for (std::size_t k = 1; k <= static_cast<std::size_t>(i) + 1; ++k) {
      const Real term = -pi * static_cast<Real>(k) * p[k];
      derivative[k - 1] += term;
      derivative[k + 1] += term;
    }
    p = derivative;
  }
  const Real part = x - std::nearbyint(x), size = std::abs(part);
  const Real c =
      size < Real(0.25) ? 1 / std::tan(pi * part) : std::copysign(std::tan(pi * (Real(0.5) - size)), part);
  Real sum = 0;
  for (std::size_t k = static_cast<std::size_t>(n) + 2; k-- > 0;) sum = sum * c + p[k];
  return pi * sum;
}

template <class Real>
Real polygamma_of(Real order, Real x) {
  using Limits = std::numeric_limits<Real>;
  if (!(order >= 0 && order < highest_order + 1) || !(x > -Limits::infinity())) return Limits::quiet_NaN();
  const int n = static_cast<int>(order);
  if (x == 0) return n % 2 == 0 ? std::copysign(Limits::infinity(), -x) : Limits::infinity();
  if (x == Limits::infinity()) return n == 0 ? x : Real(0);
  if (x > 0) return of_positive(n, x);
  if (x == std::nearbyint(x)) return n % 2 == 0 ? Limits::quiet_NaN() : Limits::infinity();
  const Real reflected = of_positive(n, 1 - x);
  return (n % 2 == 0 ? reflected : -reflected) - derivative_of_cotangent(n, x);
}

}  // namespace

#if defined(__GLIBC__)  // std::lgamma leaves the sign in a variable that all threads share
float lgamma(float x) {
  int sign;
  return ::lgammaf_r(x, &sign);
}
double lgamma(double x) {
  int sign;
  return ::lgamma_r(x, &sign);
}
long double lgamma(long double x) {
  int sign;
  return ::lgammal_r(x, &sign);
}
#else
float lgamma(float x) { return std::lgamma(x); }
double lgamma(double x) { return std::lgamma(x); }
long double lgamma(long double x) { return std::lgamma(x); }
#endif

float polygamma(float order, float x) { return static_cast<float>(polygamma_of<double>(order, x)); }
double polygamma(double order, double x) {  // wider, because its parts cancel beside its zeros
  return static_cast<double>(polygamma_of<long double>(order, x));
}
long double polygamma(long double order, long double x) { return polygamma_of(order, x); }

}  // namespace gradus::special
