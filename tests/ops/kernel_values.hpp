#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/parallel.hpp>
#include <gradus/core/shape.hpp>

/// What the tests of kernels share.
namespace gradus {

template <class T>
std::vector<T> random_values(std::size_t n, double low = -2, double high = 2, unsigned seed = 1) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> sample(low, high);
  std::vector<T> values(n);
  for (T& v : values) v = static_cast<T>(sample(generator));
  return values;
}

/// Element by element within `epsilons` rounding errors of max(1, |expected|); NaN equals NaN.
template <class T, class U>
void expect_values(const std::vector<T>& got, const std::vector<U>& expected, const std::string& what,
                   double epsilons = 16) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto e = static_cast<long double>(expected[i]);
    if (std::isnan(e) ? std::isnan(got[i]) : got[i] == static_cast<T>(e)) continue;
    const long double tolerance = epsilons * std::numeric_limits<T>::epsilon() * std::max(1.0L, std::abs(e));
    ASSERT_NEAR(static_cast<long double>(got[i]), e, tolerance)
        << what << ", element " << i << " of " << got.size();
  }
}

/// Calls f, which returns a vector, on one thread and on several, and expects the same bits.
template <class F>
void expect_same_on_any_number_of_threads(const F& f) {
  const int before = num_threads();
  set_num_threads(1);
  const auto expected = f();
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    EXPECT_EQ(f(), expected) << threads << " threads";
  }
  set_num_threads(before);
}

/// Where element `index` of an array of shape `whole` lies in one of shape `part` stretched to it.
inline std::size_t stretched_offset(const Shape& part, const Shape& whole, std::size_t index) {
  std::size_t offset = 0, stride = 1;
  for (std::size_t back = 1; back <= part.size(); ++back) {
    const std::size_t extent = whole[whole.size() - back], own = part[part.size() - back];
    if (own != 1) offset += index % extent * stride;
    index /= extent;
    stride *= own;
  }
  return offset;
}

}  // namespace gradus
