#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/core/numerical.hpp>

namespace gradus {
namespace {

struct Case {
  Stencil stencil;
  const char* name;
  int order;
  std::vector<int> offsets;  // of its points, in steps
};

const std::vector<Case> cases{
    {Stencil::forward, "forward", 1, {0, 1}},
    {Stencil::backward, "backward", 1, {-1, 0}},
    {Stencil::central, "central", 2, {-1, 1}},
    {Stencil::five_point, "five_point", 4, {-2, -1, 1, 2}},
    {Stencil::seven_point, "seven_point", 6, {-3, -2, -1, 1, 2, 3}},
};

/// The points at which the derivative is computed, in increasing order.
template <class X>
std::vector<double> points(Stencil stencil, X x, std::optional<double> step = {}) {
  std::vector<double> seen;
  numerical_derivative([&](auto v) { return seen.push_back(v), v; }, x, stencil, step);
  std::sort(seen.begin(), seen.end());
  return seen;
}

TEST(NumericalDerivative, EvaluatesExactlyThePointsOfTheStencil) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<double> expected;
    for (const int offset : c.offsets) expected.push_back(5 + 0.25 * offset);
    EXPECT_EQ(points(c.stencil, 5.0, 0.25), expected);
    EXPECT_EQ(points(c.stencil, 5.0).size(), expected.size());
    EXPECT_EQ(points(c.stencil, 5.0f).size(), expected.size());
  }
}

TEST(NumericalDerivative, IsExactForPolynomialsUpToItsOrder) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    for (int degree = 0; degree <= c.order + 1; ++degree) {
      const double d =
          numerical_derivative([&](double v) { return std::pow(v, degree); }, 1.0, c.stencil, 0.5);
      if (degree <= c.order)
        EXPECT_NEAR(d, degree, 1e-13) << degree;
      else
        EXPECT_GT(std::abs(d - degree), 1e-3) << degree;
    }
  }
}

TEST(NumericalDerivative, ItsErrorFallsWithThePowerOfItsOrder) {
  for (const Case& c : cases) {
    const auto error = [&](double step) {
      return std::abs(numerical_derivative([](double v) { return std::exp(v); }, 0.5, c.stencil, step) -
                      std::exp(0.5));
    };
    EXPECT_NEAR(std::log2(error(0.25) / error(0.125)), c.order, 0.2) << c.name;
  }
}

template <class T>
void expect_accuracy() {
  const double eps = std::numeric_limits<T>::epsilon();
  for (const Case& c : cases)
    for (const double x : {-30.0, -1.0, 0.0, 1e-9, 0.7, 2.0, 100.0}) {
      const T d = numerical_derivative([](T v) { return std::sin(v); }, static_cast<T>(x), c.stencil);
      const double bound =
          10 * std::pow(eps, c.order / (c.order + 1.0)) * std::pow(std::max(1.0, std::abs(x)), c.order);
      EXPECT_NEAR(d, std::cos(static_cast<T>(x)), bound) << c.name << " at " << x;
    }
}

TEST(NumericalDerivative, ChoosesItsStepByOrderAndNumberType) {
  expect_accuracy<double>();
  expect_accuracy<float>();
  EXPECT_NEAR(numerical_derivative([](double v) { return std::sin(v); }, 1.0, Stencil::seven_point),
              std::cos(1.0), 1e-12);
  EXPECT_NEAR(numerical_derivative([](double v) { return std::sin(v); }, 1.0), std::cos(1.0),
              1e-9);  // central
}

TEST(NumericalDerivative, StepsScaleWithTheNumber) {
  for (const Case& c : cases) {
    const auto step_at = [&](double x) {
      const std::vector<double> p = points(c.stencil, x);
      return (p.back() - p.front()) / (c.offsets.back() - c.offsets.front());
    };
    EXPECT_NEAR(step_at(1e6) / step_at(1), 1e6, 1e-2 * 1e6) << c.name;
    EXPECT_NEAR(step_at(-1e6) / step_at(-1), 1e6, 1e-2 * 1e6) << c.name;
    EXPECT_NEAR(step_at(1e-12) / step_at(1), 1, 1e-2) << c.name;
  }
  const double slope = numerical_derivative([](double v) { return v * v; }, 1e150);
  EXPECT_NEAR(slope / 2e150, 1, 1e-9);
}

TEST(NumericalDerivative, TheStepIsTheDistanceOfThePoints) {
  // Of a straight line through a number whose steps would be rounded, nothing but an exact step gives the
  // slope.
  for (const double x : {0.1, 1.1, 1234.567, 1e10 + 1.0 / 3}) {
    const double slope = numerical_derivative([](double v) { return v; }, x, Stencil::forward);
    EXPECT_EQ(slope, 1) << x;
  }
  EXPECT_EQ(numerical_derivative([](float v) { return v; }, 0.1f, Stencil::forward), 1);
}

TEST(NumericalDerivative, ComputesInTheTypeOfTheNumber) {
  const auto identity = [](auto v) { return v; };
  static_assert(std::is_same_v<decltype(numerical_derivative(identity, 1.0f)), float>);
  static_assert(std::is_same_v<decltype(numerical_derivative(identity, 1.0)), double>);
  static_assert(std::is_same_v<decltype(numerical_derivative(identity, 1)), double>);
  EXPECT_EQ(points(Stencil::central, 3, 0.5), (std::vector{2.5, 3.5}));
}

TEST(NumericalDerivative, RefusesAStepOfNoUse) {
  for (const double step : {0.0, -1e-3, std::nan(""), std::numeric_limits<double>::infinity(), 1e-20}) {
    EXPECT_THROW(points(Stencil::central, 1.0, step), ValueError) << step;
  }
  EXPECT_THROW(points(Stencil::central, 1.0f, 1e-9), ValueError);
  try {
    points(Stencil::central, 1.0, -0.5);
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("[numerical_derivative] a step of -0.5 at 1: ", 0), 0u)
        << error.what();
  }
}

TEST(Ridders, FindsAStepForFunctionsOfAnyScale) {
  struct Function {
    const char* name;
    std::function<double(double)> f;
    double x, slope, bound;
  };
  const double e = std::exp(1), s = std::sin(1) - 1;
  const std::vector<Function> functions{
      {"sin", [](double v) { return std::sin(v); }, 0.7, std::cos(0.7), 1e-14},
      {"sin far from 0", [](double v) { return std::sin(v); }, 100, std::cos(100.0), 1e-12},
      {"a line", [](double v) { return 3 * v - 1; }, 0.1, 3, 1e-15},
      {"a constant", [](double) { return 2.0; }, 0.1, 0, 0},
      {"a steep one", [](double v) { return std::exp(100 * v); }, 0.3, 100 * std::exp(30.0), 1e-9},
      {"beside a pole", [](double v) { return std::log(v); }, 0.01, 100, 1e-10},
      {"with a pole inside the first step", [](double v) { return std::exp(v) / (std::sin(v) - v * v); }, 1.0,
       e / s - e * (std::cos(1) - 2) / (s * s), 1e-8},
      {"small beside a large constant", [](double v) { return std::sin(v) + 1e6; }, 0.7, std::cos(0.7), 1e-8},
      {"of a large number", [](double v) { return v * v; }, 1e150, 2e150, 1e-12},
  };
  for (const Function& c : functions) {
    int calls = 0;
    const auto counted = [&](double v) { return ++calls, c.f(v); };
    const double d = numerical_derivative(counted, c.x, Stencil::ridders);
    EXPECT_NEAR(d / (c.slope == 0 ? 1 : c.slope), c.slope == 0 ? 0 : 1, c.bound) << c.name;
    EXPECT_GE(calls, 4) << c.name;
    EXPECT_LE(calls, 20) << c.name;
  }
  EXPECT_NEAR(numerical_derivative([](float v) { return std::sin(v); }, 0.7f, Stencil::ridders),
              std::cos(0.7f), 1e-5);
}

TEST(Ridders, IsMoreAccurateThanEveryFixedStencil) {
  const auto error = [](Stencil stencil) {
    return std::abs(numerical_derivative([](double v) { return std::exp(5 * v); }, 0.5, stencil) /
                        (5 * std::exp(2.5)) -
                    1);
  };
  for (const Case& c : cases) EXPECT_LT(error(Stencil::ridders), error(c.stencil)) << c.name;
}

TEST(Ridders, SaysHowFarItMayBeOff) {
  const auto estimate = [](double noise) {
    return detail::ridders(
        [noise, sign = 1.0](double h) mutable {
          sign = -sign;
          return (std::exp(h) - std::exp(-h)) / (2 * h) + sign * noise / h;
        },
        0.125);
  };
  for (const double noise : {0.0, 1e-12, 1e-8, 1e-4}) {
    const detail::Estimate e = estimate(noise);
    EXPECT_LE(std::abs(e.value - 1), 10 * e.error + 1e-14) << noise;
    EXPECT_LE(e.error, 1e-12 + 1000 * noise) << noise;
  }
}

TEST(Ridders, StartsFromAGivenStepOnBothSides) {
  const std::vector<double> seen = points(Stencil::ridders, 5.0, 0.25);
  EXPECT_EQ(seen.front(), 4.75);
  EXPECT_EQ(seen.back(), 5.25);
  EXPECT_THROW(points(Stencil::ridders, 1.0, -1.0), ValueError);
}

TEST(Ridders, NaNGoesInAndComesOut) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(numerical_derivative([](double) { return nan; }, 1.0, Stencil::ridders)));
  EXPECT_TRUE(std::isnan(numerical_derivative([](double v) { return v; }, nan, Stencil::ridders)));
  // Steps that leave the domain are passed over.
  EXPECT_NEAR(numerical_derivative([](double v) { return std::sqrt(v); }, 0.01, Stencil::ridders), 5, 1e-9);
}

TEST(NumericalDerivative, NaNGoesInAndComesOut) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                   infinity = std::numeric_limits<double>::infinity();
  for (const Case& c : cases) {
    EXPECT_TRUE(std::isnan(numerical_derivative([](double) { return nan; }, 1.0, c.stencil)));
    EXPECT_TRUE(std::isnan(numerical_derivative([](double v) { return v; }, nan, c.stencil)));
    EXPECT_TRUE(std::isnan(numerical_derivative([](double v) { return v; }, infinity, c.stencil)));
  }
}

}  // namespace
}  // namespace gradus
