#include <algorithm>
#include <cmath>
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
