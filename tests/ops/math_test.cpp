#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/ops/kernels/elementwise.hpp>
#include <gradus/tests/ops/ulp.hpp>

namespace gradus {
namespace {

/// rule(x) as the SIMD kernels compute it.
template <class Rule, class T>
std::vector<T> simd(const std::vector<T>& x) {
  std::vector<T> y(x.size());
  kernels::unary_forward(Rule(), x.data(), y.data(), x.size());
  return y;
}

template <class Rule, class T>
std::vector<T> simd(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> y(a.size());
  const Shape shape{a.size()};
  kernels::binary_forward(Rule(), make_broadcast_plan(shape, shape, shape), a.data(), b.data(), y.data());
  return y;
}

/// The largest number of lanes.
constexpr std::size_t most_lanes = 16;

/// The same with all lanes alike: no other one to lead it another way.
template <class Rule, class T>
T simd_alone(T x) {
  return simd<Rule>(std::vector<T>(most_lanes, x)).front();
}
template <class Rule, class T>
T simd_alone(T a, T b) {
  return simd<Rule>(std::vector<T>(most_lanes, a), std::vector<T>(most_lanes, b)).front();
}

/// What no function may get wrong, far from all and in between.
template <class T>
std::vector<T> edges() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> result{0,
                        Limits::min(),
                        Limits::denorm_min(),
                        Limits::min() / 2,
                        Limits::max(),
                        Limits::infinity(),
                        Limits::epsilon(),
                        Limits::quiet_NaN()};
  for (const double x :
       {1e-30, 1e-10, 1e-5,  0.1,   0.5,   1.0,   1.5,    2.0,    3.0,    10.0,   20.0,   50.0,
        87.0,  88.0,  88.5,  88.72, 88.73, 89.0,  100.0,  103.9,  104.0,  708.0,  709.0,  709.7,
        126.0, 127.0, 127.9, 128.0, 149.0, 150.0, 1022.0, 1023.0, 1023.9, 1024.0, 1074.0, 2.5,
        709.8, 740.0, 745.1, 746.0, 1e3,   1e6,   1e10,   1e38,   1e100,  1e300})
    result.push_back(static_cast<T>(x));
  const std::size_t count = result.size();
  for (std::size_t i = 0; i < count; ++i) result.push_back(-result[i]);
  return result;
}

/// Both signs, every magnitude, and densely around 1.
template <class T>
std::vector<T> samples() {
  std::mt19937_64 generator(1);
  std::uniform_real_distribution<double> exponent(std::log(std::numeric_limits<T>::denorm_min()),
                                                  std::log(std::numeric_limits<T>::max()));
  std::uniform_real_distribution<double> near(-4, 4), medium(-110, 110), wide(-750, 750);
  std::vector<T> result = edges<T>();
  for (int i = 0; i < 10000; ++i) {
    const double magnitude = std::exp(exponent(generator));
    for (const double x : {magnitude, -magnitude, near(generator), medium(generator), wide(generator)})
      result.push_back(static_cast<T>(x));
  }
  return result;
}

template <class T>
struct Case {
  const char* name;
  std::vector<T> (*simd)(const std::vector<T>&);
  T (*simd_alone)(T);
  T (*scalar)(T);
  long double (*exact)(long double);
};

template <class T>
std::vector<Case<T>> cases() {
  using Scalar = math::Functions<T>;
  std::vector<Case<T>> result;
#define GRADUS_CASE(function, Rule, reference) \
  result.push_back(                            \
      {#function, simd<rules::Rule, T>, simd_alone<rules::Rule, T>, Scalar::function, reference});
  GRADUS_CASE(exp, Exp, std::exp)
  GRADUS_CASE(expm1, Expm1, std::expm1)
  GRADUS_CASE(log, Log, std::log)
  GRADUS_CASE(log1p, Log1p, std::log1p)
  GRADUS_CASE(sqrt, Sqrt, std::sqrt)
  GRADUS_CASE(abs, Abs, std::fabs)
  GRADUS_CASE(sin, Sin, std::sin)
  GRADUS_CASE(cos, Cos, std::cos)
  GRADUS_CASE(tanh, Tanh, std::tanh)
  GRADUS_CASE(exp2, Exp2, std::exp2)
  GRADUS_CASE(log2, Log2, std::log2)
  GRADUS_CASE(log10, Log10, std::log10)
  GRADUS_CASE(cbrt, Cbrt, std::cbrt)
  GRADUS_CASE(floor, Floor, std::floor)
  GRADUS_CASE(ceil, Ceil, std::ceil)
  GRADUS_CASE(tan, Tan, std::tan)
  GRADUS_CASE(asin, Asin, std::asin)
  GRADUS_CASE(acos, Acos, std::acos)
  GRADUS_CASE(atan, Atan, std::atan)
  GRADUS_CASE(sinh, Sinh, std::sinh)
  GRADUS_CASE(cosh, Cosh, std::cosh)
  GRADUS_CASE(asinh, Asinh, std::asinh)
  GRADUS_CASE(acosh, Acosh, std::acosh)
  GRADUS_CASE(atanh, Atanh, std::atanh)
  GRADUS_CASE(erf, Erf, std::erf)
  GRADUS_CASE(erfc, Erfc, std::erfc)
  GRADUS_CASE(round, Round, std::nearbyint)
#undef GRADUS_CASE
  return result;
}

template <class T>
class Math : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Math, Numbers);

TYPED_TEST(Math, FunctionsAreWithinAFewUlpsOfTheExactValueEverywhere) {
  using T = TypeParam;
  const std::vector<T> xs = samples<T>();
  for (const Case<T>& function : cases<T>()) {
    double worst = 0;
    T worst_x = 0;
    const auto look = [&](T x, T got) {
      const double error = ulps(got, function.exact(x));
      if (error > worst) worst = error, worst_x = x;
    };
    const std::vector<T> ys = function.simd(xs);
    for (std::size_t i = 0; i < xs.size(); ++i) look(xs[i], ys[i]);
    EXPECT_LE(worst, 4) << function.name << " at " << worst_x;
    for (const T x : edges<T>()) {
      look(x, function.simd_alone(x));
      look(x, function.scalar(x));
    }
    EXPECT_LE(worst, 4) << function.name << " at " << worst_x;
  }
}

TYPED_TEST(Math, PowIsThatOfTheStandard) {
  using T = TypeParam;
  std::vector<T> values = edges<T>();
  for (const double x : {101.0, 1e6 + 1, 1.0000001, 0.999999, 0.3, 7.7, 8e-3}) {
    values.push_back(static_cast<T>(x));
    values.push_back(static_cast<T>(-x));
  }
  for (const T a : values)
    for (const T b : values) {
      const long double exact = std::pow(static_cast<long double>(a), static_cast<long double>(b));
      EXPECT_LE(ulps(simd_alone<rules::Pow>(a, b), exact), 2) << a << " to the " << b;
      EXPECT_LE(ulps(math::pow(a, b), exact), 2) << a << " to the " << b;
    }
}

TYPED_TEST(Math, PowIsAccurateAtEveryMagnitudeOfItsResult) {
  using T = TypeParam;
  std::mt19937_64 generator(3);
  const double most = std::log(std::numeric_limits<T>::max());
  std::uniform_real_distribution<double> log_base(-most, most), near(-1, 1);
  for (const double range : {1.0, 10.0, most}) {
    std::uniform_real_distribution<double> log_result(-range, range);
    std::vector<T> a(30000), b(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double base = i / most_lanes % 2 == 0 ? log_base(generator) : near(generator);
      a[i] = static_cast<T>(std::exp(base));
      b[i] = static_cast<T>(log_result(generator) / base);
    }
    const std::vector<T> y = simd<rules::Pow>(a, b);
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      worst = std::max(worst, ulps(y[i], std::pow(static_cast<long double>(a[i]), b[i])));
    EXPECT_LE(worst, 2) << "results up to e^" << range;
  }
}

TYPED_TEST(Math, MaximumAndMinimumKeepNaN) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  const std::vector<T> values{-infinity, -1, 0, 2, infinity, nan};
  for (const T a : values)
    for (const T b : values) {
      const bool no_number = std::isnan(a) || std::isnan(b);
      const long double larger = no_number ? nan : std::max(a, b), smaller = no_number ? nan : std::min(a, b);
      EXPECT_EQ(ulps(math::maximum(a, b), larger), 0) << a << ' ' << b;
      EXPECT_EQ(ulps(math::minimum(a, b), smaller), 0) << a << ' ' << b;
      EXPECT_EQ(ulps(simd_alone<rules::Maximum>(a, b), larger), 0) << a << ' ' << b;
      EXPECT_EQ(ulps(simd_alone<rules::Minimum>(a, b), smaller), 0) << a << ' ' << b;
    }
}

TYPED_TEST(Math, SelectAndIsNaN) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  EXPECT_TRUE(math::is_nan(nan));
  EXPECT_FALSE(math::is_nan(T(1)));
  EXPECT_EQ(math::select(true, T(1), nan), 1);
}

}  // namespace

// A number type of its own kind, the functions of which stand beside it.
namespace elsewhere {

struct Traced {
  std::string text;
};
struct TracedMask {
  std::string text;
};

Traced exp(const Traced& x) { return {"exp(" + x.text + ")"}; }
Traced pow(const Traced& a, const Traced& b) { return {a.text + "^" + b.text}; }
Traced maximum(const Traced& a, const Traced& b) { return {"max(" + a.text + "," + b.text + ")"}; }
TracedMask operator>(const Traced& a, const Traced& b) { return {a.text + ">" + b.text}; }
Traced where(const TracedMask& mask, const Traced& a, const Traced& b) {
  return {mask.text + "?" + a.text + ":" + b.text};
}

TEST(MathOfOtherTypes, FindsTheFunctionsOfAnyOtherTypeBesideIt) {
  const Traced a{"a"}, b{"b"};
  EXPECT_EQ(math::exp(a).text, "exp(a)");
  EXPECT_EQ(math::pow(a, b).text, "a^b");
  EXPECT_EQ(math::maximum(a, b).text, "max(a,b)");
  EXPECT_EQ(math::select(a > b, a, b).text, "a>b?a:b");
}

}  // namespace elsewhere
}  // namespace gradus
