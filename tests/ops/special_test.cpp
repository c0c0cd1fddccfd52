#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include <gradus/ops/special.hpp>
#include <gradus/tests/ops/ulp.hpp>

namespace gradus::special {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr long double pi = std::numbers::pi_v<long double>, euler = std::numbers::egamma_v<long double>,
                      zeta_3 = 1.2020569031595942853997L, catalan = 0.9159655941772190150546L;

/// Away from poles, both signs.
constexpr double samples[] = {1e-300, 1e-5, 0.01, 0.25, 0.5,   1,     1.4616, 2,    3.7,    10,      19.9,
                              20,     57.3, 1e3,  1e10, 1e300, -1e-9, -0.25,  -0.5, -3.001, -17.625, -1000.3};

void expect_close(long double got, long double expected, double tolerance, int order, double x) {
  EXPECT_NEAR(got, expected, tolerance * std::max(1.0L, std::abs(expected)))
      << "order " << order << " at " << x;
}

TEST(Polygamma, HasTheKnownValues) {
  const struct {
    int order;
    double x;
    long double exact;
  } known[] = {{0, 1, -euler},
               {0, 0.5, -euler - 2 * std::log(2.0L)},
               {0, 0.25, -euler - pi / 2 - 3 * std::log(2.0L)},
               {0, 10, 7129.0L / 2520 - euler},
               {0, -0.5, -euler - 2 * std::log(2.0L) + 2},
               {1, 1, pi * pi / 6},
               {1, 0.5, pi * pi / 2},
               {1, 0.25, pi * pi + 8 * catalan},
               {1, -0.5, pi * pi / 2 + 4},
               {2, 1, -2 * zeta_3},
               {2, 0.5, -14 * zeta_3},
               {3, 1, std::pow(pi, 4) / 15},
               {3, 0.5, std::pow(pi, 4)},
               {5, 1, 8 * std::pow(pi, 6) / 63}};
  for (const auto& [order, x, exact] : known) {
    expect_close(polygamma(static_cast<long double>(order), static_cast<long double>(x)), exact, 1e-17, order,
                 x);
    EXPECT_LE(ulps(polygamma(static_cast<double>(order), x), exact), 8) << order << ' ' << x;
    EXPECT_LE(ulps(polygamma(static_cast<float>(order), static_cast<float>(x)), exact), 1)
        << order << ' ' << x;
  }
}

/// psi_n(x + 1) - psi_n(x) = (-1)^n n!/x^(n+1)
TEST(Polygamma, ObeysItsRecurrence) {
  for (int n = 0; n <= 6; ++n)
    for (const double x : {0.125, 0.5, 1.5, 7.25, 18.75, 25.5, 300.0, -0.25, -5.625, -80.5}) {
      const long double step = std::tgamma(n + 1.0L) / std::pow(static_cast<long double>(x), n + 1);
      const auto at = [&](double v) {
        return static_cast<long double>(polygamma(static_cast<double>(n), v));
      };
      const long double scale = std::max(std::abs(at(x)), std::abs(at(x + 1)));
      EXPECT_NEAR(at(x + 1) - at(x), n % 2 == 0 ? step : -step, 1e-15L * std::max(1.0L, scale))
          << n << ' ' << x;
    }
}

/// psi(2x) = (psi(x) + psi(x + 1/2))/2 + ln 2, and its derivatives.
TEST(Polygamma, ObeysTheDuplicationFormula) {
  for (int n = 0; n <= 6; ++n)
    for (const double x : {0.125, 0.5, 1.5, 7.25, 18.75, 300.0, -0.375, -5.625}) {
      const auto at = [&](double v) { return polygamma(static_cast<double>(n), v); };
      const double sum = (at(x) + at(x + 0.5)) / 2 + (n == 0 ? std::log(2.0) : 0),
                   left = std::ldexp(at(2 * x), n);
      const double scale = std::max({1.0, std::abs(at(x)), std::abs(at(x + 0.5))});
      EXPECT_NEAR(left, sum, 2e-15 * scale) << n << ' ' << x;
    }
}

/// The slope of f at x, by a seven-point difference that keeps away from poles.
template <class F>
long double slope(const F& f, long double x) {
  const long double to_pole = x > 0 ? x : std::abs(x - std::nearbyint(x)), h = std::min(1.0L, to_pole) / 1000;
  const auto difference = [&](int k) { return f(x + k * h) - f(x - k * h); };
  return (45 * difference(1) - 9 * difference(2) + difference(3)) / (60 * h);
}

TEST(Polygamma, IsTheDerivativeOfTheOrderBelow) {
  for (const double x : samples) {
    if (std::abs(x) > 1e4 || std::abs(x) < 1e-3) continue;
    const long double exact = slope([](long double v) { return std::lgamma(v); }, x);
    expect_close(polygamma(0.0, x), exact, 1e-11, 0, x);
    for (int n = 0; n < 5; ++n) {
      const auto below = [&](long double v) { return polygamma(static_cast<long double>(n), v); };
      expect_close(polygamma(n + 1.0, x), slope(below, x), 1e-10, n + 1, x);
    }
  }
}

TEST(Polygamma, AtTheEdges) {
  EXPECT_EQ(polygamma(0.0, 0.0), -infinity);
  EXPECT_EQ(polygamma(0.0, -0.0), infinity);
  EXPECT_EQ(polygamma(1.0, -0.0), infinity);
  EXPECT_EQ(polygamma(2.0, 0.0), -infinity);
  EXPECT_EQ(polygamma(1.0, -3.0), infinity);
  EXPECT_TRUE(std::isnan(polygamma(0.0, -3.0)));
  EXPECT_TRUE(std::isnan(polygamma(0.0, -infinity)));
  EXPECT_EQ(polygamma(0.0, infinity), infinity);
  EXPECT_EQ(polygamma(1.0, infinity), 0);
  EXPECT_EQ(polygamma(1.9, 2.5), polygamma(1.0, 2.5)) << "the whole number below";
  for (const double order : {-1.0, 101.0, infinity, std::nan("")})
    EXPECT_TRUE(std::isnan(polygamma(order, 1.0))) << order;
  EXPECT_TRUE(std::isnan(polygamma(0.0, std::nan(""))));
}

TEST(Lgamma, IsThatOfTheStandard) {
  for (const double x : samples) {
    EXPECT_EQ(lgamma(x), std::lgamma(x)) << x;
    EXPECT_EQ(lgamma(static_cast<float>(x)), std::lgamma(static_cast<float>(x))) << x;
  }
  for (const double pole : {0.0, -0.0, -1.0, -20.0}) EXPECT_EQ(lgamma(pole), infinity) << pole;
}

}  // namespace
}  // namespace gradus::special
