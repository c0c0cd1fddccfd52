#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/ops/kernels/simd_math.hpp>
#include <gradus/tests/ops/ulp.hpp>

namespace gradus {
namespace {

template <class T>
using Simd = math::Functions<xsimd::batch<T>>;

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
  for (const double x : {1e-30, 1e-10, 1e-5,  0.1,   0.5,   1.0,  1.5,   2.0,   3.0,   10.0,  20.0,  50.0,
                         87.0,  88.0,  88.5,  88.72, 88.73, 89.0, 100.0, 103.9, 104.0, 708.0, 709.0, 709.7,
                         709.8, 740.0, 745.1, 746.0, 1e3,   1e6,  1e10,  1e38,  1e100, 1e300})
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
  xsimd::batch<T> (*simd)(const xsimd::batch<T>&);
  T (*scalar)(T);
  long double (*exact)(long double);
};

template <class T>
std::vector<Case<T>> cases() {
  using Scalar = math::Functions<T>;
  return {
      {"exp", Simd<T>::exp, Scalar::exp, std::exp},     {"expm1", Simd<T>::expm1, Scalar::expm1, std::expm1},
      {"log", Simd<T>::log, Scalar::log, std::log},     {"log1p", Simd<T>::log1p, Scalar::log1p, std::log1p},
      {"sqrt", Simd<T>::sqrt, Scalar::sqrt, std::sqrt}, {"abs", Simd<T>::abs, Scalar::abs, std::fabs},
      {"sin", Simd<T>::sin, Scalar::sin, std::sin},     {"cos", Simd<T>::cos, Scalar::cos, std::cos},
      {"tanh", Simd<T>::tanh, Scalar::tanh, std::tanh}};
}

template <class T>
class Math : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Math, Numbers);

TYPED_TEST(Math, FunctionsAreWithinAFewUlpsOfTheExactValueEverywhere) {
  using T = TypeParam;
  using Batch = xsimd::batch<T>;
  const std::vector<T> xs = samples<T>();
  for (const Case<T>& function : cases<T>()) {
    double worst = 0;
    T worst_x = 0;
    const auto look = [&](T x, T got) {
      const double error = ulps(got, function.exact(x));
      if (error > worst) worst = error, worst_x = x;
    };
    for (std::size_t i = 0; i + Batch::size <= xs.size(); i += Batch::size) {
      T lanes[Batch::size];
      function.simd(Batch::load_unaligned(&xs[i])).store_unaligned(lanes);
      for (std::size_t lane = 0; lane < Batch::size; ++lane) look(xs[i + lane], lanes[lane]);
    }
    EXPECT_LE(worst, 4) << function.name << " at " << worst_x;
    for (const T x : edges<T>()) {
      look(x, function.simd(Batch(x)).get(0));  // no other lane to lead it another way
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
      EXPECT_LE(ulps(Simd<T>::pow(a, b).get(0), exact), 2) << a << " to the " << b;
      EXPECT_LE(ulps(math::pow(a, b), exact), 2) << a << " to the " << b;
    }
}

TYPED_TEST(Math, PowIsAccurateAtEveryMagnitudeOfItsResult) {
  using T = TypeParam;
  using Batch = xsimd::batch<T>;
  std::mt19937_64 generator(3);
  const double most = std::log(std::numeric_limits<T>::max());
  std::uniform_real_distribution<double> log_base(-most, most), near(-1, 1);
  for (const double range : {1.0, 10.0, most}) {
    std::uniform_real_distribution<double> log_result(-range, range);
    double worst = 0;
    for (int i = 0; i < 3000; ++i) {
      alignas(Batch) T a[Batch::size], b[Batch::size], y[Batch::size];
      for (std::size_t lane = 0; lane < Batch::size; ++lane) {
        const double base = i % 2 == 0 ? log_base(generator) : near(generator);
        a[lane] = static_cast<T>(std::exp(base));
        b[lane] = static_cast<T>(log_result(generator) / base);
      }
      Simd<T>::pow(Batch::load_aligned(a), Batch::load_aligned(b)).store_aligned(y);
      for (std::size_t lane = 0; lane < Batch::size; ++lane)
        worst = std::max(worst, ulps(y[lane], std::pow(static_cast<long double>(a[lane]), b[lane])));
    }
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
      EXPECT_EQ(ulps(Simd<T>::maximum(a, b).get(0), larger), 0) << a << ' ' << b;
      EXPECT_EQ(ulps(Simd<T>::minimum(a, b).get(0), smaller), 0) << a << ' ' << b;
    }
}

TYPED_TEST(Math, SelectAndIsNaN) {
  using T = TypeParam;
  using Batch = xsimd::batch<T>;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  EXPECT_TRUE(math::is_nan(nan));
  EXPECT_FALSE(math::is_nan(T(1)));
  EXPECT_EQ(math::select(true, T(1), nan), 1);
  EXPECT_TRUE(xsimd::all(math::is_nan(Batch(nan))));
  EXPECT_FALSE(xsimd::any(math::is_nan(Batch(T(1)))));
  EXPECT_EQ(math::select(Batch(T(1)) > Batch(T(0)), Batch(T(1)), Batch(nan)).get(0), 1);
  EXPECT_EQ(math::select(Batch(nan) > Batch(T(0)), Batch(nan), Batch(T(2))).get(0), 2);
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
