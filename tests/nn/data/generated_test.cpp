#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/generated.hpp>
#include <gradus/tests/nn/data/bytes.hpp>

namespace gradus::nn {
namespace {

constexpr double pi = std::numbers::pi;

struct Set {
  std::string name;
  std::size_t classes;
  std::function<Dataset<>(std::size_t, double, Rng&)> generate;
  /// Zero where a point without noise belongs to the class.
  std::function<double(double x, double y, double label)> miss;
};

// How far an angle is from the nearest whole turn.
double turn_miss(double angle) { return std::remainder(angle, 2 * pi); }

const std::vector<Set>& every_set() {
  static const std::vector<Set> sets{
      {"generate_moons", 2, generate_moons,
       [](double x, double y, double label) {
         if (label == 1) x = 1 - x, y = 0.5 - y;
         return std::hypot(x, y) - 1 + (y < -1e-6);
       }},
      {"generate_circles", 2, generate_circles,
       [](double x, double y, double label) { return std::hypot(x, y) - (label == 0 ? 1 : 0.5); }},
      {"generate_spirals", 2,
       [](std::size_t n, double noise, Rng& rng) { return generate_spirals(n, noise, rng); },
       [](double x, double y, double label) {
         const double r = std::hypot(x, y);
         return r * turn_miss(std::atan2(y, x) - 5 * r - pi * label);
       }},
      {"generate_spirals", 5,
       [](std::size_t n, double noise, Rng& rng) { return generate_spirals(n, noise, rng, 5); },
       [](double x, double y, double label) {
         const double r = std::hypot(x, y);
         return r * turn_miss(std::atan2(y, x) - 5 * r - 2 * pi / 5 * label);
       }},
      {"generate_blobs", 3,
       [](std::size_t n, double noise, Rng& rng) { return generate_blobs(n, noise, rng); },
       [](double x, double y, double label) {
         return std::hypot(x, y) - 1 + turn_miss(std::atan2(y, x) - 2 * pi / 3 * label);
       }},
      {"generate_xor", 2, generate_xor, [](double x, double y, double label) {
         return (x * y < 0) != (label == 1) || std::max(std::abs(x), std::abs(y)) > 1;
       }}};
  return sets;
}

TEST(GeneratedSets, PointsLieWhereTheirClassSays) {
  for (const Set& set : every_set()) {
    Rng rng{5};
    const Dataset made = set.generate(400, 0, rng);
    std::vector<int> counts(set.classes, 0);
    for (std::size_t i = 0; i < 400; ++i) {
      EXPECT_NEAR(set.miss(made.inputs(i, 0), made.inputs(i, 1), static_cast<double>(made.targets(i))), 0,
                  1e-5)
          << set.name << ' ' << i;
      ++counts[static_cast<std::size_t>(made.targets(i))];
    }
    for (int count : counts) EXPECT_NEAR(count, 400.0 / static_cast<double>(set.classes), 40) << set.name;
  }
}

TEST(GeneratedSets, NoiseSpreadsThemAndTheGeneratorDecides) {
  for (const Set& set : every_set()) {
    Rng rng{5}, same{5}, other{6};
    const Dataset made = set.generate(300, 0.3, rng);
    EXPECT_EQ(made.inputs, set.generate(300, 0.3, same).inputs) << set.name;
    EXPECT_NE(made.inputs, set.generate(300, 0.3, other).inputs) << set.name;
    int off = 0;
    for (std::size_t i = 0; i < 300; ++i)
      off += std::abs(set.miss(made.inputs(i, 0), made.inputs(i, 1), static_cast<double>(made.targets(i)))) >
             1e-3;
    EXPECT_GT(off, 20) << set.name;
    EXPECT_EQ(set.generate(0, 0, rng).size(), 0u);
  }
}

TEST(GeneratedSets, SineIsForRegression) {
  Rng rng{1};
  const Dataset<float> set = generate_sine(2000, 0.1, rng);
  EXPECT_EQ(set.targets.shape(), set.inputs.shape());
  double squares = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    EXPECT_LE(std::abs(set.inputs(i, 0)), 1);
    squares += std::pow(set.targets(i, 0) - std::sin(pi * static_cast<double>(set.inputs(i, 0))), 2);
  }
  EXPECT_NEAR(std::sqrt(squares / 2000), 0.1, 0.01);
}

TEST(GeneratedSets, RefuseNoiseThatIsNone) {
  for (double noise :
       {-0.1, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    for (const Set& set : every_set()) {
      Rng rng{1};
      testing::expect_named(testing::message_of<ValueError>([&] { set.generate(1, noise, rng); }),
                            {set.name, "noise"});
    }
    Rng rng{1};
    EXPECT_THROW(generate_sine(1, noise, rng), ValueError);
  }
  Rng rng{1};
  EXPECT_THROW(generate_blobs(1, 0, rng, 0), ValueError);
}

}  // namespace
}  // namespace gradus::nn
