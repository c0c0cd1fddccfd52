#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/ops/op_list.hpp>
#include <gradus/ops/rules.hpp>

namespace gradus::rules {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The slope of f at x, by a five-point difference: in long double good to about fourteen digits.
template <class F>
double slope(const F& f, double x) {
  const long double h = 1e-4L, at = x;
  return static_cast<double>((8 * (f(at + h) - f(at - h)) - (f(at + 2 * h) - f(at - 2 * h))) / (12 * h));
}

void expect_close(double got, double expected, const std::string& where) {
  EXPECT_NEAR(got, expected, 1e-9 * std::max(1.0, std::abs(expected))) << where;
}

template <class Rule>
void check_unary(const Rule& rule) {
  std::mt19937_64 generator(1);
  std::uniform_real_distribution<double> sample(rule.domain.low, rule.domain.high);
  for (int i = 0; i < 200; ++i) {
    const double x = sample(generator);
    if (std::any_of(rule.kinks.begin(), rule.kinks.end(), [&](double k) { return std::abs(x - k) < 1e-3; }))
      continue;
    // Whatever is not declared as read must not matter.
    const double seen_x = reads(Rule::reads, Reads::first) ? x : nan;
    const double seen_y = reads(Rule::reads, Reads::output) ? rule.forward(x) : nan;
    expect_close(rule.dx(seen_x, seen_y), slope([&](long double v) { return rule.forward(v); }, x),
                 std::string(Rule::name) + " at " + std::to_string(x));
  }
}

template <class Rule>
void check_binary(const Rule& rule) {
  std::mt19937_64 generator(1);
  std::uniform_real_distribution<double> first(Rule::domain.low, Rule::domain.high),
      second(Rule::second_domain.low, Rule::second_domain.high);
  EXPECT_EQ(Rule::reads, Rule::da_reads | Rule::db_reads) << Rule::name;
  for (int i = 0; i < 200; ++i) {
    const double a = first(generator), b = second(generator), y = rule.forward(a, b);
    if (Rule::kink_at_equal && std::abs(a - b) < 1e-3) continue;
    if (std::any_of(Rule::kinks.begin(), Rule::kinks.end(), [&](double k) { return std::abs(a - k) < 1e-3; }))
      continue;
    const std::string where = std::string(Rule::name) + " at " + std::to_string(a) + ", " + std::to_string(b);
    const auto seen = [](Reads all, Reads one, double value) { return reads(all, one) ? value : nan; };
    const auto read = [&](Reads all, auto derivative) {
      return derivative(seen(all, Reads::first, a), seen(all, Reads::second, b), seen(all, Reads::output, y));
    };
    expect_close(read(Rule::da_reads, [&](double p, double q, double r) { return rule.da(p, q, r); }),
                 slope([&](long double v) { return rule.forward(v, static_cast<long double>(b)); }, a),
                 where);
    expect_close(read(Rule::db_reads, [&](double p, double q, double r) { return rule.db(p, q, r); }),
                 slope([&](long double v) { return rule.forward(static_cast<long double>(a), v); }, b),
                 where);
  }
}

TEST(Rules, EveryDerivativeIsTheSlopeOfItsFunction) {
#define CHECK_UNARY(name, Rule) check_unary(Rule{});
#define CHECK_BINARY(name, Rule) check_binary(Rule{});
  GRADUS_UNARY_OPS(CHECK_UNARY)
  GRADUS_BINARY_OPS(CHECK_BINARY)
  check_unary(Clip(-1, 2));
}

TEST(Rules, AreNamedAsTheyAreListed) {
#define CHECK_NAME(function, Rule) EXPECT_STREQ(Rule::name, #function);
  GRADUS_UNARY_OPS(CHECK_NAME)
  GRADUS_BINARY_OPS(CHECK_NAME)
}

TEST(Rules, NaNGoesInAndComesOut) {
#define CHECK_UNARY_NAN(name, Rule)                                      \
  EXPECT_EQ(std::isnan(Rule::forward(nan)), Rule::keeps_nan) << #name;   \
  if (Rule::reads != Reads::none) {                                      \
    EXPECT_EQ(std::isnan(Rule::dx(nan, nan)), Rule::keeps_nan) << #name; \
  }
#define CHECK_BINARY_NAN(name, Rule)                         \
  EXPECT_TRUE(std::isnan(Rule::forward(nan, 1.5))) << #name; \
  EXPECT_TRUE(std::isnan(Rule::forward(1.5, nan)) || std::isnan(Rule::forward(0.0, nan))) << #name;
  GRADUS_UNARY_OPS(CHECK_UNARY_NAN)
  GRADUS_BINARY_OPS(CHECK_BINARY_NAN)
  const Clip clip(-1, 1);
  EXPECT_TRUE(std::isnan(clip.forward(nan)));
  EXPECT_TRUE(std::isnan(clip.dx(nan, nan)));
  for (const double a : {nan, 1.0})
    for (const double b : {nan, 1.0}) {
      if (a == 1 && b == 1) continue;
      EXPECT_TRUE(std::isnan(Maximum::da(a, b, nan)) && std::isnan(Maximum::db(a, b, nan)));
      EXPECT_TRUE(std::isnan(Minimum::da(a, b, nan)) && std::isnan(Minimum::db(a, b, nan)));
    }
}

TEST(Rules, KinksHaveTheDocumentedDerivatives) {
  for (const double zero : {0.0, -0.0}) {
    EXPECT_EQ(Abs::dx(zero, 0.0), 0);
    EXPECT_EQ(Relu::dx(zero, Relu::forward(zero)), 0);
  }
  EXPECT_EQ(Maximum::da(2.0, 2.0, 2.0), 0.5);
  EXPECT_EQ(Maximum::db(2.0, 2.0, 2.0), 0.5);
  EXPECT_EQ(Minimum::da(2.0, 2.0, 2.0), 0.5);
  EXPECT_EQ(Minimum::db(2.0, 2.0, 2.0), 0.5);
  EXPECT_EQ(Maximum::da(infinity, infinity, infinity), 0.5);
  EXPECT_EQ(Maximum::da(infinity, -infinity, infinity), 1);
  EXPECT_EQ(Maximum::db(infinity, -infinity, infinity), 0);
  const Clip clip(-1, 2);
  EXPECT_EQ(clip.dx(-1.0, -1.0), 1);
  EXPECT_EQ(clip.dx(2.0, 2.0), 1);
  EXPECT_EQ(clip.dx(std::nextafter(2.0, 3.0), 2.0), 0);
  EXPECT_EQ(Clip(-infinity, infinity).dx(-infinity, -infinity), 1);
}

TEST(Rules, PowAtItsEdges) {
  EXPECT_EQ(Pow::forward(0.0, 0.0), 1);
  for (const double a : {0.0, -0.0, 2.0, -3.0, infinity}) EXPECT_EQ(Pow::da(a, 0.0, 1.0), 0) << a;
  EXPECT_EQ(Pow::da(0.0, 1.0, 0.0), 1);
  EXPECT_EQ(Pow::da(0.0, 2.0, 0.0), 0);
  EXPECT_EQ(Pow::da(-3.0, 2.0, 9.0), -6);
  EXPECT_EQ(Pow::da(-2.0, 3.0, -8.0), 12);
  for (const double b : {0.0, 0.5, 3.0}) EXPECT_EQ(Pow::db(0.0, b, Pow::forward(0.0, b)), 0) << b;
  EXPECT_EQ(Pow::db(0.0, -1.0, infinity), -infinity);
  EXPECT_TRUE(std::isnan(Pow::db(-2.0, 2.0, 4.0)));
  EXPECT_TRUE(std::isnan(Pow::db(0.0, nan, nan)));
}

TEST(Rules, SaturatedFunctionsStayFinite) {
  EXPECT_EQ(Sigmoid::forward(1000.0), 1);
  EXPECT_EQ(Sigmoid::forward(-1000.0), 0);
  EXPECT_EQ(Sigmoid::dx(1000.0, 1.0), 0);
  EXPECT_EQ(Sigmoid::dx(-1000.0, 0.0), 0);
  EXPECT_EQ(Softplus::forward(1000.0), 1000);
  EXPECT_EQ(Softplus::forward(-1000.0), 0);
  EXPECT_EQ(Softplus::dx(1000.0, 1000.0), 1);
  EXPECT_EQ(Softplus::dx(-1000.0, 0.0), 0);
  EXPECT_DOUBLE_EQ(Softplus::forward(-40.0), std::exp(-40.0));
  EXPECT_DOUBLE_EQ(Sigmoid::forward(-40.0), std::exp(-40.0));
  const struct {
    double x, y, dx;
  } log_sigmoids[] = {{1000, 0, 0},           {-1000, -1000, 1},
                      {infinity, 0, 0},       {-infinity, -infinity, 1},
                      {0, -std::log(2), 0.5}, {40, -std::exp(-40.0), std::exp(-40.0)},
                      {-40, -40, 1}};
  for (const auto& [x, y, dx] : log_sigmoids) {
    EXPECT_DOUBLE_EQ(LogSigmoid::forward(x), y) << x;
    EXPECT_DOUBLE_EQ(LogSigmoid::dx(x, y), dx) << x;
    EXPECT_EQ(LogSigmoid::forward(x), -Softplus::forward(-x)) << x;
  }
  EXPECT_EQ(Tanh::dx(1000.0, Tanh::forward(1000.0)), 0);
  EXPECT_EQ(Relu::forward(-infinity), 0);
  EXPECT_EQ(Relu::dx(infinity, infinity), 1);
}

}  // namespace
}  // namespace gradus::rules
