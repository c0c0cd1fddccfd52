#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/core/rng.hpp>

namespace gradus {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Rng, BitsAreThoseOfTheStandardEngine) {
  Rng rng{5489};  // the engine's default seed, for which the standard gives the 10000th number
  for (int i = 1; i < 10000; ++i) rng.bits();
  EXPECT_EQ(rng.bits(), 9981545732273789042u);
}

// The expected bits come from a separate implementation, its fused operations made of exact fractions.
TEST(Rng, NumbersOfASeedNeverChange) {
  Rng rng{42};
  EXPECT_EQ(rng.uniform(), 0x1.82a3befaddcbcp-1);
  EXPECT_EQ(rng.uniform(-2, 3), 0x1.31f5cea09db90p+0);
  EXPECT_EQ(rng.below(1000), 450u);
  EXPECT_EQ(rng.normal(), -0x1.b91cda61a7301p-1);
  EXPECT_EQ(rng.normal(10, 0.5), 0x1.334c2f31cb5d3p+3);
  std::vector<int> items{0, 1, 2, 3, 4, 5, 6, 7};
  rng.shuffle(items);
  EXPECT_EQ(items, (std::vector<int>{6, 3, 5, 4, 2, 0, 7, 1}));
}

TEST(Rng, ACopyContinuesOnItsOwn) {
  Rng rng{7};
  rng.normal();
  Rng copy = rng;
  EXPECT_EQ(copy, rng);
  const double expected = rng.normal();
  EXPECT_NE(copy, rng);
  EXPECT_EQ(copy.normal(), expected);
  EXPECT_NE(Rng{7}, Rng{8});
}

TEST(Rng, UniformFillsItsInterval) {
  Rng rng{1};
  double sum = 0, smallest = infinity, largest = -infinity;
  const int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double x = rng.uniform(-2, 4);
    sum += x;
    smallest = std::min(smallest, x);
    largest = std::max(largest, x);
  }
  EXPECT_GE(smallest, -2);
  EXPECT_LT(smallest, -1.99);
  EXPECT_LT(largest, 4);
  EXPECT_GT(largest, 3.99);
  EXPECT_NEAR(sum / n, 1, 5 * 6 / std::sqrt(12.0 * n));  // five standard errors
}

TEST(Rng, UniformLeavesItsUpperEndOut) {
  Rng rng{2};
  const double above_one = std::nextafter(1.0, 2.0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(rng.uniform(1.0, above_one), 1.0);
  EXPECT_EQ(rng.uniform(3, 3), 3);
}

TEST(Rng, NormalHasItsMoments) {
  Rng rng{3};
  const int n = 200000;
  std::array<double, 5> moments{};
  int within_one = 0;
  for (int i = 0; i < n; ++i) {
    const double z = (rng.normal(5, 2) - 5) / 2;
    for (int k = 1; k <= 4; ++k) moments[k] += std::pow(z, k) / n;
    within_one += std::abs(z) < 1;
  }
  EXPECT_NEAR(moments[1], 0, 0.012);
  EXPECT_NEAR(moments[2], 1, 0.016);
  EXPECT_NEAR(moments[3], 0, 0.044);
  EXPECT_NEAR(moments[4], 3, 0.11);
  EXPECT_NEAR(within_one / double(n), 0.682689492, 0.006);
  EXPECT_EQ(rng.normal(1.5, 0), 1.5);
}

TEST(Rng, BelowIsUnbiased) {
  Rng rng{4};
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts.at(rng.below(7));
  for (int count : counts) EXPECT_NEAR(count, 10000, 500);
  // With n just above 2^63 a bare remainder would give the lower half almost always twice as often.
  const std::uint64_t n = (std::uint64_t{1} << 63) + (std::uint64_t{1} << 62);
  int low = 0;
  for (int i = 0; i < 9000; ++i) low += rng.below(n) < n / 3;
  EXPECT_NEAR(low, 3000, 250);
  EXPECT_EQ(rng.below(1), 0u);
}

TEST(Rng, ShuffleReachesEveryOrderEqually) {
  Rng rng{5};
  std::array<int, 27> counts{};
  for (int i = 0; i < 60000; ++i) {
    std::vector<int> items{0, 1, 2};
    rng.shuffle(items);
    ++counts.at(items[0] * 9 + items[1] * 3 + items[2]);
  }
  int orders = 0;
  for (int count : counts) {
    if (count == 0) continue;
    ++orders;
    EXPECT_NEAR(count, 10000, 500);
  }
  EXPECT_EQ(orders, 6);
}

TEST(Rng, ShuffleTakesSpansAndSmallVectors) {
  Rng rng{6};
  std::vector<int> items(10);
  std::iota(items.begin(), items.end(), 0);
  rng.shuffle(std::span<int>(items).first(5));
  for (int i = 5; i < 10; ++i) EXPECT_EQ(items[i], i);
  std::vector<std::string> none, one{"a"};
  rng.shuffle(none);
  rng.shuffle(one);
  EXPECT_EQ(one, std::vector<std::string>{"a"});
}

TEST(Rng, GoesOnFromAState) {
  Rng rng{9}, other{1};
  for (int draws = 0; draws < 700; draws += 100) {
    other.set_state(rng.state());
    EXPECT_EQ(rng, other);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(rng.bits(), other.bits());
    other.normal();
  }
}

TEST(Rng, RefusesStatesThatAreNone) {
  Rng rng{9};
  const Rng before = rng;
  const std::vector<std::uint64_t> good = rng.state();
  auto position = good, longer = good;
  position.back() = 1000000;  // libstdc++ would read there
  longer.push_back(1);
  for (const auto& bad : {std::vector<std::uint64_t>{}, position, longer})
    EXPECT_THROW(rng.set_state(bad), ValueError);
  EXPECT_EQ(rng, before);
}

TEST(Rng, RefusesWhatHasNoMeaningAndStaysAsItWas) {
  Rng rng{8};
  const Rng before = rng;
  for (auto [lo, hi] : {std::pair{2.0, 1.0}, {nan, 1.0}, {0.0, infinity}, {-1e308, 1e308}}) {
    EXPECT_THROW(rng.uniform(lo, hi), ValueError);
  }
  for (auto [mean, stddev] : {std::pair{0.0, -1.0}, {nan, 1.0}, {0.0, nan}, {infinity, 1.0}}) {
    EXPECT_THROW(rng.normal(mean, stddev), ValueError);
  }
  EXPECT_THROW(rng.below(0), ValueError);
  EXPECT_EQ(rng, before);
}

}  // namespace
}  // namespace gradus
