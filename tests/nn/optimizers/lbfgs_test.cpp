#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/nn/optimizers/lbfgs.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

Tensor<double> sum_of_fourth_powers(const Tensor<double>& w) { return sum(pow(w - 2, 4)); }

/// One step of opt on f(w).
template <class F>
double step(LBFGS<double>& opt, const F& f) {
  return opt.step([&] {
    opt.zero_grad();
    const Tensor<double> loss = f();
    loss.backward();
    return loss;
  });
}

TEST(LBFGS, FindsTheMinimumOfAQuadraticInOneStep) {
  const auto w = variable(xt::xarray<double>{1, -3, 20, 0.5});
  const xt::xarray<double> curvature{100, 1, 0.01, 7}, centre{4, 5, 6, 7};
  LBFGS opt{{w}, {.max_iter = 100}};
  step(opt, [&] { return sum(curvature * square(w - centre)); });
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(w.value()(i), centre(i), 1e-4) << i;
  EXPECT_LE(opt.iterations(), 40u);
}

TEST(LBFGS, ReturnsTheLossBeforeTheStepAndCountsEvaluations) {
  const auto w = variable(xt::xarray<double>{1, 4});
  LBFGS opt{{w}, {.max_iter = 3, .max_eval = 100}};
  std::size_t calls = 0;
  const double loss = step(opt, [&] {
    ++calls;
    return sum_of_fourth_powers(w);
  });
  EXPECT_EQ(loss, 17);
  EXPECT_EQ(opt.evaluations(), calls);
  EXPECT_EQ(opt.iterations(), 3u);
  EXPECT_EQ(opt.steps(), 1u);
}

TEST(LBFGS, DoesNothingAtAMinimum) {
  const auto w = variable(xt::xarray<double>{2, 2});
  LBFGS opt{{w}};
  EXPECT_EQ(step(opt, [&] { return sum_of_fourth_powers(w); }), 0);
  EXPECT_EQ(w.value(), (xt::xarray<double>{2, 2}));
  EXPECT_EQ(opt.iterations(), 0u);
}

TEST(LBFGS, ALossThatIsNotFiniteBeyondSomePointIsGoneAroundIt) {
  // log is NaN below 0: the first steps of the search fall off
  const auto w = variable(xt::xarray<double>{0.01});
  LBFGS opt{{w}, {.lr = 100}};
  step(opt, [&] { return sum(w * w - log(w)); });
  EXPECT_NEAR(w.value()(0), std::sqrt(0.5), 1e-4);
}

TEST(LBFGS, ALossThatIsNotFiniteAtFirstIsAnError) {
  const auto w = variable(xt::xarray<double>{-1});
  LBFGS opt{{w}};
  EXPECT_THROW(step(opt, [&] { return sum(log(w)); }), ValueError);
  EXPECT_EQ(w.value()(0), -1);
}

TEST(LBFGS, AParameterWithoutGradientStays) {
  const auto w = variable(xt::xarray<double>{5}), unused = variable(xt::xarray<double>{7});
  LBFGS opt{{w, unused}};
  step(opt, [&] { return sum_of_fourth_powers(w); });
  EXPECT_LT(std::abs(w.value()(0) - 2), 0.1);
  EXPECT_EQ(unused.value()(0), 7);
}

TEST(LBFGS, WhatTheClosureThrowsLeavesTheParametersWhereTheyWere) {
  for (int last_call = 1; last_call < 8; ++last_call) {
    const auto w = variable(xt::xarray<double>{1, 4});
    LBFGS opt{{w}};
    int call = 0;
    const auto failing = [&] {
      if (++call == last_call) throw std::runtime_error("stop");
      return sum_of_fourth_powers(w);
    };
    EXPECT_THROW(step(opt, failing), std::runtime_error);
    EXPECT_LE(sum_of_fourth_powers(w).item(), 17) << "no trial of the line search stays";
    EXPECT_EQ(w.value() == (xt::xarray<double>{1, 4}), last_call <= 2) << last_call;
    step(opt, [&] { return sum_of_fourth_powers(w); });  // it is usable
    EXPECT_LT(sum_of_fourth_powers(w).item(), 1e-4) << last_call;
  }
}

TEST(LBFGS, StepWithoutAClosureIsAnError) {
  const auto w = variable(xt::xarray<double>{1});
  LBFGS opt{{w}};
  EXPECT_THROW(static_cast<Optimizer<double>&>(opt).step(), ValueError);
  EXPECT_EQ(opt.steps(), 0u);
}

TEST(LBFGS, AStateWithMorePairsThanItRemembersDoesNotFit) {
  const auto w = variable(xt::xarray<double>{1, 4});
  LBFGS opt{{w}, {.max_iter = 6}}, forgetful{{w}, {.history_size = 2}};
  step(opt, [&] { return sum_of_fourth_powers(w); });
  EXPECT_THROW(forgetful.load_state(opt.state()), ValueError);
}

TEST(CubicMinimum, IsThatOfTheCubicThroughBothPoints) {
  // x^3 - 3 x has its minimum at 1
  const auto f = [](double x) { return x * x * x - 3 * x; };
  const auto g = [](double x) { return 3 * x * x - 3; };
  const auto minimum = [&](double a, double b, double lowest, double highest) {
    return detail::cubic_minimum(a, f(a), g(a), b, f(b), g(b), lowest, highest);
  };
  EXPECT_NEAR(minimum(0, 3, 0, 3), 1, 1e-14);
  EXPECT_NEAR(minimum(3, 0, 0, 3), 1, 1e-14);
  EXPECT_NEAR(minimum(-0.5, 0.5, -0.5, 10), 1, 1e-14) << "beyond both";
  EXPECT_EQ(minimum(0, 3, 1.5, 3), 1.5);
  EXPECT_EQ(minimum(0, 3, 0, 0.5), 0.5);
  EXPECT_EQ(detail::cubic_minimum(0, 0, 1, 1, 10, 1, 0, 1), 0) << "it rises all the way";
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(detail::cubic_minimum(0, 0, -1, 1, nan, nan, 0, 1), 0.5);
}

}  // namespace
}  // namespace gradus::nn
