#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/nn/optimizers/sgd.hpp>
#include <gradus/ops/elementwise.hpp>

namespace gradus::nn {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 nan = std::numeric_limits<double>::quiet_NaN();

Tensor<double> parameter(double value) { return variable(xt::xarray<double>{value}); }

/// Leaves the gradient `slope` in p.
void give_gradient(const Tensor<double>& p, double slope) {
  p.zero_grad();
  (p * slope).backward();
}

TEST(SGD, WithoutMomentumGoesDownTheGradient) {
  const auto w = variable(xt::xarray<double>{{1, 2}, {3, 4}});
  SGD opt{{w}, {.lr = 0.5}};
  (w * xt::xarray<double>{{2, -4}, {0, 1}}).backward(xt::xarray<double>{{1, 1}, {1, 1}});
  opt.step();
  EXPECT_EQ(w.value(), (xt::xarray<double>{{0, 4}, {3, 3.5}}));
}

TEST(SGD, FollowsTheRecurrenceOfMomentumOverFiftySteps) {
  // f(p) = p^2 / 2 + p^4 / 4
  const auto w = parameter(1.5);
  SGD opt{{w}, {.lr = 0.05, .momentum = 0.9}};
  double p = 1.5, v = 0;
  for (int step = 0; step < 50; ++step) {
    opt.zero_grad();
    (square(w) / 2 + pow(w, 4) / 4).backward();
    opt.step();
    v = 0.9 * v + (p + p * p * p);
    p -= 0.05 * v;
    ASSERT_NEAR(w.value()(0), p, 1e-13) << "step " << step;
  }
  EXPECT_EQ(opt.steps(), 50u);
}

TEST(SGD, InFloatRoundsAsTheRecurrenceInFloat) {
  const auto w = variable(xt::xarray<float>{1.0f, -2.0f, 3.0f});
  SGD opt{{w}, {.lr = 0.1, .momentum = 0.5}};
  std::vector<float> p{1, -2, 3}, v{0, 0, 0};
  for (int step = 0; step < 50; ++step) {
    opt.zero_grad();
    square(w).backward(xt::xarray<float>{1, 1, 1});
    opt.step();
    for (std::size_t i = 0; i < 3; ++i) {
      v[i] = 0.5f * v[i] + 2 * p[i];
      p[i] -= 0.1f * v[i];
      ASSERT_NEAR(w.value()(i), p[i], 1e-5f);
    }
  }
}

TEST(SGD, UpdatesEveryParameterOfAnyShape) {
  const auto a = parameter(1), b = variable(xt::xarray<double>(2.0));
  SGD opt{std::vector{a, b}, {.lr = 1}};
  (a * b).backward();
  opt.step();
  EXPECT_EQ(a.value()(0), -1);
  EXPECT_EQ(b.item(), 1);
}

TEST(SGD, LeavesAParameterAloneThatNoGradientHasReached) {
  const auto used = parameter(1), unused = parameter(2);
  SGD opt{{used, unused}, {.lr = 0.1, .momentum = 0.9}};
  give_gradient(used, 1);
  opt.step();
  EXPECT_DOUBLE_EQ(used.value()(0), 0.9);
  EXPECT_EQ(unused.value()(0), 2);

  opt.zero_grad();  // now neither has one, and the velocity of `used` neither moves it nor fades
  opt.step();
  EXPECT_DOUBLE_EQ(used.value()(0), 0.9);
  give_gradient(used, 1);
  opt.step();
  EXPECT_DOUBLE_EQ(used.value()(0), 0.9 - 0.1 * 1.9);
}

TEST(SGD, ZeroGradForgetsTheGradients) {
  const auto w = parameter(1);
  SGD opt{{w}};
  give_gradient(w, 3);
  opt.zero_grad();
  EXPECT_FALSE(w.has_grad());
  EXPECT_EQ(w.grad()(0), 0);
}

TEST(SGD, WhatSharesTheOldValueKeepsIt) {
  const auto w = parameter(1);
  const auto before = w.detach();
  SGD opt{{w}, {.lr = 1}};
  give_gradient(w, 1);
  opt.step();
  EXPECT_EQ(before.value()(0), 1);
  EXPECT_EQ(w.value()(0), 0);
}

TEST(SGD, ChangesAValueInPlaceThatNobodyElseHolds) {
  const auto w = parameter(1);
  SGD opt{{w}};
  const double* const place = w.data();
  const auto loss = square(w);  // its graph is released by the sweep
  loss.backward();
  opt.step();
  EXPECT_EQ(w.data(), place);
}

TEST(SGD, SteppingBetweenRecordingAndSweepingIsAnError) {
  const auto w = parameter(1).named("w0");
  SGD opt{{w}};
  const auto y = square(w);
  give_gradient(w, 1);
  opt.step();
  try {
    y.backward();
    FAIL() << "no error";
  } catch (const GraphError& error) {
    EXPECT_NE(std::string(error.what()).find("w0"), std::string::npos) << error.what();
  }
}

TEST(SGD, RejectsRatesAndMomentaThatMakeNoSense) {
  const auto w = parameter(1);
  for (const double lr : {0.0, -0.1, nan, infinity}) EXPECT_THROW((SGD{{w}, {.lr = lr}}), ValueError) << lr;
  for (const double momentum : {-0.1, 1.0, 1.5, nan, infinity})
    EXPECT_THROW((SGD{{w}, {.lr = 0.1, .momentum = momentum}}), ValueError) << momentum;
  SGD opt{{w}, {.lr = 0.1}};
  for (const double lr : {0.0, -0.1, nan, infinity}) EXPECT_THROW(opt.set_lr(lr), ValueError) << lr;
  EXPECT_EQ(opt.lr(), 0.1);
}

TEST(SGD, WritesNumbersInFullWhereItRejectsThem) {
  const auto w = parameter(1);
  try {
    SGD{{w}, {.lr = -1e-9}};
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_STREQ(error.what(), "[SGD] lr -1e-09: expected a positive, finite number");
  }
}

TEST(SGD, RejectsWhatIsNoVariableAndWhatIsGivenTwice) {
  const auto w = parameter(1), other = parameter(2);
  const Tensor<double> constant = xt::xarray<double>{1};
  EXPECT_THROW((SGD{{w, constant}}), ValueError);
  EXPECT_THROW((SGD{{square(w)}}), ValueError);
  EXPECT_THROW((SGD{{w, other, w}}), ValueError);
  EXPECT_THROW((SGD<double>{std::vector<Tensor<double>>{}}), ValueError) << "nothing to change";
}

TEST(SGD, TheElementTypeFollowsFromTheParameters) {
  const auto w = parameter(1);
  const std::vector<Tensor<float>> floats{variable(xt::xarray<float>{1})};
  EXPECT_TRUE((std::is_same_v<decltype(SGD{{w, w}}), SGD<double>>));
  EXPECT_TRUE((std::is_same_v<decltype(SGD{floats, {.lr = 0.1}}), SGD<float>>));
}

// The learning rates of steps 0 ... n - 1.
std::vector<double> rates(const Schedule& schedule, std::size_t n) {
  std::vector<double> values;
  for (std::size_t step = 0; step < n; ++step) values.push_back(schedule(step));
  return values;
}

TEST(Schedule, ReadyMadeOnesFollowTheirFormulas) {
  EXPECT_EQ(rates(schedule::constant(0.3), 3), (std::vector<double>{0.3, 0.3, 0.3}));
  EXPECT_EQ(rates(schedule::step_decay(8, 0.5, 2), 6), (std::vector<double>{8, 8, 4, 4, 2, 2}));
  EXPECT_EQ(rates(schedule::exponential(8, 0.5), 4), (std::vector<double>{8, 4, 2, 1}));
}

TEST(Schedule, RejectsArgumentsThatMakeNoSense) {
  for (const double bad : {0.0, -1.0, nan, infinity}) {
    EXPECT_THROW(schedule::constant(bad), ValueError) << bad;
    EXPECT_THROW(schedule::step_decay(bad, 0.5, 1), ValueError) << bad;
    EXPECT_THROW(schedule::step_decay(1, bad, 1), ValueError) << bad;
    EXPECT_THROW(schedule::exponential(bad, 0.5), ValueError) << bad;
    EXPECT_THROW(schedule::exponential(1, bad), ValueError) << bad;
  }
  EXPECT_THROW(schedule::step_decay(1, 0.5, 0), ValueError);
}

TEST(Schedule, GivesTheRateOfEachStep) {
  const auto w = parameter(0);
  SGD opt{{w}, {.lr = 100}};
  opt.set_schedule([](std::size_t step) { return step == 0 ? 1.0 : step == 1 ? 10.0 : 0.0; });
  const std::vector<double> expected{-1, -11, -11};
  for (const double value : expected) {
    give_gradient(w, 1);
    opt.step();
    EXPECT_EQ(w.value()(0), value);
  }
}

TEST(Schedule, TheRateCanBeReadAndSetAtAnyTime) {
  const auto w = parameter(0);
  SGD opt{{w}, {.lr = 4}};
  EXPECT_EQ(opt.lr(), 4);
  opt.step();
  opt.set_schedule(schedule::step_decay(2, 0.5, 1));
  EXPECT_EQ(opt.lr(), 1) << "one step has been taken";
  opt.set_lr(7);
  opt.step();
  EXPECT_EQ(opt.lr(), 7);
}

TEST(Schedule, ABadRateStopsTheStepBeforeAnythingIsChanged) {
  const auto w = parameter(1);
  SGD opt{{w}};
  give_gradient(w, 1);
  for (const double bad : {-1.0, nan, infinity}) {
    opt.set_schedule([=](std::size_t) { return bad; });
    EXPECT_THROW(opt.step(), ValueError) << bad;
  }
  EXPECT_EQ(w.value()(0), 1);
  EXPECT_EQ(opt.steps(), 0u);
  EXPECT_THROW(opt.set_schedule({}), ValueError);
}

}  // namespace
}  // namespace gradus::nn
