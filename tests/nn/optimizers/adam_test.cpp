#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/nn/optimizers/adam.hpp>
#include <gradus/ops/elementwise.hpp>

namespace gradus::nn {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 nan = std::numeric_limits<double>::quiet_NaN();

Tensor<double> parameter(double value) { return variable(xt::xarray<double>{value}); }

/// Leaves the gradient `slope` in p.
template <class T>
void give_gradient(const Tensor<T>& p, double slope) {
  p.zero_grad();
  (p * slope).backward(xt::xarray<T>(xt::ones<T>(p.shape())));
}

/// Algorithm 1 of the paper for one number, line by line.
struct Reference {
  double p, alpha = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, m = 0, v = 0;
  int t = 0;

  void step(double g) {
    t = t + 1;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const double m_hat = m / (1 - std::pow(beta1, t)), v_hat = v / (1 - std::pow(beta2, t));
    p = p - alpha * m_hat / (std::sqrt(v_hat) + epsilon);
  }
};

TEST(Adam, TheFirstStepIsTheLearningRateWhateverTheSizeOfTheGradient) {
  for (const double g : {1e-3, 1.0, -7.0, 1e6}) {
    const auto w = parameter(2);
    Adam opt{{w}, {.lr = 0.25}};
    give_gradient(w, g);
    opt.step();
    EXPECT_NEAR(w.value()(0), 2 - 0.25 * g / (std::abs(g) + 1e-8), 1e-14) << g;
  }
}

TEST(Adam, AConstantGradientMovesByTheLearningRateAtEveryStep) {
  // the corrected moments of a constant gradient g are g and g^2 at every t
  const auto w = parameter(0);
  Adam opt{{w}, {.lr = 0.01, .beta1 = 0.7, .beta2 = 0.95, .epsilon = 0.5}};
  for (int t = 1; t <= 20; ++t) {
    give_gradient(w, -2);
    opt.step();
    ASSERT_NEAR(w.value()(0), 0.01 * t * 2 / (2 + 0.5), 1e-14) << "step " << t;
  }
}

TEST(Adam, TheSecondStepHasItsClosedForm) {
  const auto w = parameter(1);
  Adam opt{{w}};
  give_gradient(w, 3);
  opt.step();
  give_gradient(w, -1);
  opt.step();
  const double m = (0.9 * 0.1 * 3 - 0.1) / (1 - 0.81), v = (0.999 * 0.001 * 9 + 0.001) / (1 - 0.999 * 0.999);
  EXPECT_NEAR(w.value()(0), 1 - 1e-3 * 3 / (3 + 1e-8) - 1e-3 * m / (std::sqrt(v) + 1e-8), 1e-15);
}

TEST(Adam, FollowsTheAlgorithmOverFiftySteps) {
  // f(p) = sum p^2 / 2 + p^4 / 4, over more elements than two SIMD batches and a rest
  constexpr std::size_t n = 19;
  xt::xarray<double> start = xt::xarray<double>::from_shape({n});
  std::vector<Reference> reference;
  for (std::size_t i = 0; i < n; ++i) {
    start(i) = 0.3 * static_cast<double>(i) - 2;
    reference.push_back({.p = start(i), .alpha = 0.05, .beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-6});
  }
  const auto w = variable(start);
  Adam opt{{w}, {.lr = 0.05, .beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-6}};
  for (int step = 0; step < 50; ++step) {
    opt.zero_grad();
    (square(w) / 2 + pow(w, 4) / 4).backward(xt::xarray<double>(xt::ones<double>({n})));
    opt.step();
    for (std::size_t i = 0; i < n; ++i) {
      const double p = reference[i].p;
      reference[i].step(p + p * p * p);
      ASSERT_NEAR(w.value()(i), reference[i].p, 1e-12) << "step " << step << ", element " << i;
    }
  }
  EXPECT_EQ(opt.steps(), 50u);
}

TEST(Adam, InFloatStaysCloseToTheAlgorithm) {
  const auto w = variable(xt::xarray<float>{1.0f, -2.0f, 3.0f});
  Adam opt{{w}, {.lr = 0.1}};
  std::vector<Reference> reference{{.p = 1, .alpha = 0.1}, {.p = -2, .alpha = 0.1}, {.p = 3, .alpha = 0.1}};
  for (int step = 0; step < 50; ++step) {
    opt.zero_grad();
    square(w).backward(xt::xarray<float>{1, 1, 1});
    opt.step();
    for (std::size_t i = 0; i < 3; ++i) {
      reference[i].step(2 * reference[i].p);
      ASSERT_NEAR(w.value()(i), reference[i].p, 1e-5) << "step " << step << ", element " << i;
    }
  }
}

TEST(Adam, WithoutMemoryItStepsByTheSignOfTheGradient) {
  const auto w = parameter(0);
  Adam opt{{w}, {.lr = 1, .beta1 = 0, .beta2 = 0, .epsilon = 1e-300}};
  double expected = 0;
  for (const double g : {5.0, 3.0, -0.25}) {
    give_gradient(w, g);
    opt.step();
    expected -= g > 0 ? 1 : -1;
    EXPECT_DOUBLE_EQ(w.value()(0), expected);
  }
}

TEST(Adam, AnElementWithoutGradientStaysWhereItIs) {
  const auto w = variable(xt::xarray<float>{1.0f, 2.0f});
  Adam opt{{w}};
  (w * xt::xarray<float>{0.0f, 1.0f}).backward(xt::xarray<float>{1, 1});
  opt.step();
  EXPECT_EQ(w.value()(0), 1.0f) << "0 / (0 + epsilon)";
  EXPECT_LT(w.value()(1), 2.0f);
}

TEST(Adam, LeavesAParameterAloneThatNoGradientHasReached) {
  const auto used = parameter(1), late = parameter(2);
  Adam opt{{used, late}, {.lr = 0.1}};
  give_gradient(used, 1);
  opt.step();
  EXPECT_EQ(late.value()(0), 2);

  opt.zero_grad();  // now neither has one, and the moments of `used` neither move it nor fade
  const double before = used.value()(0);
  opt.step();
  EXPECT_EQ(used.value()(0), before);

  Reference expected{.p = 1, .alpha = 0.1}, expected_late{.p = 2, .alpha = 0.1};
  expected.step(1);
  expected.step(-3);
  expected_late.step(4);  // its first update, whatever the number of steps taken
  give_gradient(used, -3);
  give_gradient(late, 4);
  opt.step();
  EXPECT_NEAR(used.value()(0), expected.p, 1e-14);
  EXPECT_NEAR(late.value()(0), expected_late.p, 1e-14);
}

TEST(Adam, TheLearningRateMayChangeBetweenSteps) {
  const auto w = parameter(1);
  Adam opt{{w}, {.lr = 0.5}};
  Reference expected{.p = 1};
  const auto step_at = [&](double lr, double g) {
    give_gradient(w, g);
    opt.step();
    expected.alpha = lr;
    expected.step(g);
    EXPECT_NEAR(w.value()(0), expected.p, 1e-14);
  };
  step_at(0.5, 2);
  opt.set_lr(0.125);
  step_at(0.125, -1);
  opt.set_schedule([](std::size_t t) { return t == 2 ? 1.0 : 0.0; });
  step_at(1, 0.5);
  step_at(0, 3);
}

TEST(Adam, UpdatesWhatEveryHandleOfTheVariableShows) {
  const auto w = parameter(1);
  const auto copy = w;
  const auto before = w.detach();
  Adam opt{std::vector{copy}, {.lr = 0.5}};
  give_gradient(w, 1);
  opt.step();
  EXPECT_NEAR(w.value()(0), 0.5, 1e-8);
  EXPECT_EQ(copy.value()(0), w.value()(0));
  EXPECT_EQ(before.value()(0), 1) << "detached before";
}

TEST(Adam, ACopyRemembersItsOwnMoments) {
  const auto w = parameter(1);
  Adam first{{w}, {.lr = 0.1}};
  give_gradient(w, 1);
  first.step();
  const double here = w.value()(0);
  Adam second = first;
  give_gradient(w, -2);
  first.step();
  const double there = w.value()(0);
  w.set_value(xt::xarray<double>{here});
  give_gradient(w, -2);
  second.step();
  EXPECT_EQ(w.value()(0), there);
}

TEST(Adam, ChangesAValueInPlaceThatNobodyElseHolds) {
  const auto w = parameter(1);
  Adam opt{{w}};
  const double* const place = w.data();
  square(w).backward();
  opt.step();
  EXPECT_EQ(w.data(), place);
}

TEST(Adam, RejectsOptionsThatMakeNoSense) {
  const auto w = parameter(1);
  const std::vector<Tensor<float>> floats{variable(xt::xarray<float>{1})};
  for (const double lr : {0.0, -0.1, nan, infinity}) EXPECT_THROW((Adam{{w}, {.lr = lr}}), ValueError) << lr;
  for (const double beta : {-0.1, 1.0, 1.5, nan, infinity}) {
    EXPECT_THROW((Adam{{w}, {.beta1 = beta}}), ValueError) << beta;
    EXPECT_THROW((Adam{{w}, {.beta2 = beta}}), ValueError) << beta;
  }
  for (const double epsilon : {0.0, -1e-8, nan, infinity})
    EXPECT_THROW((Adam{{w}, {.epsilon = epsilon}}), ValueError) << epsilon;
  for (const double epsilon : {1e-60, 1e60})  // 0 and infinity in float
    EXPECT_THROW((Adam{floats, {.epsilon = epsilon}}), ValueError) << epsilon;
  EXPECT_THROW((Adam{{square(w)}}), ValueError);
  EXPECT_THROW((Adam{{w, w}}), ValueError);
  try {
    Adam{{w}, {.beta2 = 1}};
    FAIL() << "no error";
  } catch (const ValueError& error) {
    EXPECT_EQ(std::string(error.what()).find("[Adam] beta2 1:"), 0u) << error.what();
  }
}

TEST(Adam, TheElementTypeFollowsFromTheParameters) {
  const auto w = parameter(1);
  const std::vector<Tensor<float>> floats{variable(xt::xarray<float>{1})};
  EXPECT_TRUE((std::is_same_v<decltype(Adam{{w, w}}), Adam<double>>));
  EXPECT_TRUE((std::is_same_v<decltype(Adam{floats, {.lr = 0.1}}), Adam<float>>));
  EXPECT_THROW((Adam<double>{std::vector<Tensor<double>>{}}), ValueError) << "nothing to change";
}

}  // namespace
}  // namespace gradus::nn
