#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/shape.hpp>
#include <gradus/nn/data/digits.hpp>

namespace gradus::nn {
namespace {

constexpr std::size_t pixels = 784;

const float* image(const Dataset<>& set, std::size_t i) { return set.inputs.data() + i * pixels; }

TEST(Digits, HaveTheFormOfADataset) {
  Rng rng{1};
  const Dataset set = generate_digits(300, rng);
  EXPECT_EQ(set.inputs.shape(), (Shape{300, pixels}));
  EXPECT_EQ(set.targets.shape(), (Shape{300}));
  for (float ink : set.inputs) ASSERT_TRUE(ink >= 0 && ink <= 1) << ink;
  for (std::int64_t label : set.targets) ASSERT_TRUE(label >= 0 && label <= 9) << label;
  EXPECT_EQ(generate_digits(0, rng).inputs.shape(), (Shape{0, pixels}));
}

TEST(Digits, AreThoseOfTheirSeed) {
  Rng rng{5}, same{5}, other{6};
  const Dataset first = generate_digits(20, rng);
  const Dataset again = generate_digits(20, same);
  EXPECT_EQ(first.inputs, again.inputs);
  EXPECT_EQ(first.targets, again.targets);
  EXPECT_NE(generate_digits(20, other).inputs, first.inputs);
  EXPECT_NE(generate_digits(20, rng).inputs, first.inputs);
}

TEST(Digits, EveryClassIsEquallyLikely) {
  Rng rng{2};
  const Dataset set = generate_digits(5000, rng);
  std::array<int, 10> counts{};
  for (std::int64_t label : set.targets) ++counts[static_cast<std::size_t>(label)];
  for (int count : counts) EXPECT_NEAR(count, 500, 110);  // five standard deviations
}

TEST(Digits, EachIsInkInTheMiddleOnAnEmptyGround) {
  Rng rng{3};
  const Dataset set = generate_digits(500, rng);
  for (std::size_t i = 0; i < set.size(); ++i) {
    const float* ink = image(set, i);
    const auto dark = std::count_if(ink, ink + pixels, [](float v) { return v > 0.5f; });
    EXPECT_GT(dark, 15) << i;
    EXPECT_LT(dark, 300) << i;
    const auto corner = {ink[0], ink[27], ink[27 * 28], ink[783]};
    EXPECT_LT(std::max(corner), 0.3f) << i;
  }
}

TEST(Digits, NoTwoAreAlike) {
  Rng rng{4};
  const Dataset set = generate_digits(1000, rng);
  std::set<std::vector<float>> distinct;
  for (std::size_t i = 0; i < set.size(); ++i) distinct.emplace(image(set, i), image(set, i) + pixels);
  EXPECT_EQ(distinct.size(), set.size());
}

// The nearest of the ten mean images tells most digits, but far from all: MNIST's own figure is 82 %.
TEST(Digits, CanBeToldApartButNotTrivially) {
  Rng rng{7};
  const Dataset train = generate_digits(3000, rng), test = generate_digits(1000, rng);
  std::vector<std::vector<double>> mean(10, std::vector<double>(pixels, 0));
  std::array<double, 10> counts{};
  for (std::size_t i = 0; i < train.size(); ++i) {
    const auto label = static_cast<std::size_t>(train.targets(i));
    ++counts[label];
    for (std::size_t p = 0; p < pixels; ++p) mean[label][p] += image(train, i)[p];
  }
  int right = 0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    std::array<double, 10> distance{};
    for (std::size_t label = 0; label < 10; ++label) {
      for (std::size_t p = 0; p < pixels; ++p) {
        const double difference = image(test, i)[p] - mean[label][p] / counts[label];
        distance[label] += difference * difference;
      }
    }
    right += std::min_element(distance.begin(), distance.end()) - distance.begin() == test.targets(i);
  }
  EXPECT_GT(right, 600);
  EXPECT_LT(right, 950);
}

}  // namespace
}  // namespace gradus::nn
