#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/nn/optimizers.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

// What all optimizers share; that each is its formula is tested in reference_test.cpp.

namespace gradus::nn {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 nan = std::numeric_limits<double>::quiet_NaN();

template <class T = double>
Tensor<T> parameter(double value) {
  return variable(xt::xarray<T>{static_cast<T>(value)});
}

/// Leaves the gradient `slope` in p.
template <class T>
void give_gradient(const Tensor<T>& p, double slope) {
  p.zero_grad();
  (p * slope).backward(xt::xarray<T>(xt::ones<T>(p.shape())));
}

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const ValueError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Optimizers, RejectOptionsThatMakeNoSense) {
  const auto w = parameter(1);
  const std::vector<std::pair<const char*, std::function<void(double)>>> not_negative{
      {"SGD weight_decay",
       [&](double x) {
         SGD{{w}, {.weight_decay = x}};
       }},
      {"AdaGrad lr_decay",
       [&](double x) {
         AdaGrad{{w}, {.lr_decay = x}};
       }},
      {"AdaGrad initial_accumulator",
       [&](double x) {
         AdaGrad{{w}, {.initial_accumulator = x}};
       }},
      {"AdaGrad weight_decay",
       [&](double x) {
         AdaGrad{{w}, {.weight_decay = x}};
       }},
      {"RMSProp weight_decay",
       [&](double x) {
         RMSProp{{w}, {.weight_decay = x}};
       }},
      {"Adadelta weight_decay",
       [&](double x) {
         Adadelta{{w}, {.weight_decay = x}};
       }},
      {"Adam weight_decay",
       [&](double x) {
         Adam{{w}, {.weight_decay = x}};
       }},
      {"AdamW weight_decay",
       [&](double x) {
         AdamW{{w}, {.weight_decay = x}};
       }},
      {"NAdam weight_decay",
       [&](double x) {
         NAdam{{w}, {.weight_decay = x}};
       }},
      {"NAdam momentum_decay",
       [&](double x) {
         NAdam{{w}, {.momentum_decay = x}};
       }},
      {"Lion weight_decay",
       [&](double x) {
         Lion{{w}, {.weight_decay = x}};
       }},
      {"LBFGS tolerance_grad",
       [&](double x) {
         LBFGS{{w}, {.tolerance_grad = x}};
       }},
      {"LBFGS tolerance_change",
       [&](double x) {
         LBFGS{{w}, {.tolerance_change = x}};
       }},
  };
  const std::vector<std::pair<const char*, std::function<void(double)>>> below_one{
      {"SGD dampening",
       [&](double x) {
         SGD{{w}, {.momentum = 0.5, .dampening = x}};
       }},
      {"RMSProp alpha",
       [&](double x) {
         RMSProp{{w}, {.alpha = x}};
       }},
      {"RMSProp momentum",
       [&](double x) {
         RMSProp{{w}, {.momentum = x}};
       }},
      {"Adadelta rho",
       [&](double x) {
         Adadelta{{w}, {.rho = x}};
       }},
      {"AdamW beta1",
       [&](double x) {
         AdamW{{w}, {.beta1 = x}};
       }},
      {"AdamW beta2",
       [&](double x) {
         AdamW{{w}, {.beta2 = x}};
       }},
      {"NAdam beta1",
       [&](double x) {
         NAdam{{w}, {.beta1 = x}};
       }},
      {"NAdam beta2",
       [&](double x) {
         NAdam{{w}, {.beta2 = x}};
       }},
      {"Lion beta1",
       [&](double x) {
         Lion{{w}, {.beta1 = x}};
       }},
      {"Lion beta2",
       [&](double x) {
         Lion{{w}, {.beta2 = x}};
       }},
  };
  const std::vector<std::pair<const char*, std::function<void(double)>>> positive{
      {"AdaGrad lr",
       [&](double x) {
         AdaGrad{{w}, {.lr = x}};
       }},
      {"AdaGrad epsilon",
       [&](double x) {
         AdaGrad{{w}, {.epsilon = x}};
       }},
      {"RMSProp lr",
       [&](double x) {
         RMSProp{{w}, {.lr = x}};
       }},
      {"RMSProp epsilon",
       [&](double x) {
         RMSProp{{w}, {.epsilon = x}};
       }},
      {"Adadelta lr",
       [&](double x) {
         Adadelta{{w}, {.lr = x}};
       }},
      {"Adadelta epsilon",
       [&](double x) {
         Adadelta{{w}, {.epsilon = x}};
       }},
      {"AdamW lr",
       [&](double x) {
         AdamW{{w}, {.lr = x}};
       }},
      {"AdamW epsilon",
       [&](double x) {
         AdamW{{w}, {.epsilon = x}};
       }},
      {"NAdam lr",
       [&](double x) {
         NAdam{{w}, {.lr = x}};
       }},
      {"NAdam epsilon",
       [&](double x) {
         NAdam{{w}, {.epsilon = x}};
       }},
      {"Lion lr",
       [&](double x) {
         Lion{{w}, {.lr = x}};
       }},
      {"LBFGS lr",
       [&](double x) {
         LBFGS{{w}, {.lr = x}};
       }},
  };
  const auto check = [](const auto& makers, std::vector<double> bad, double good) {
    for (const auto& [name, make] : makers) {
      for (const double value : bad) {
        const std::string text(name), optimizer = text.substr(0, text.find(' '));
        const std::string start = "[" + optimizer + "] " + text.substr(text.find(' ') + 1);
        EXPECT_EQ(message_of([&] { make(value); }).find(start), 0u) << name << " " << value;
      }
      EXPECT_NO_THROW(make(good)) << name;
    }
  };
  check(not_negative, {-0.1, nan, infinity}, 0);
  check(below_one, {-0.1, 1.0, nan, infinity}, 0);
  check(positive, {0.0, -0.1, nan, infinity}, 0.5);
  EXPECT_THROW((LBFGS{{w}, {.max_iter = 0}}), ValueError);
  EXPECT_THROW((LBFGS{{w}, {.history_size = 0}}), ValueError);
  EXPECT_THROW((SGD{{w}, {.nesterov = true}}), ValueError);
  EXPECT_THROW((SGD{{w}, {.momentum = 0.9, .dampening = 0.1, .nesterov = true}}), ValueError);
}

TEST(Optimizers, InFloatStayCloseToThoseInDouble) {
  const auto run = [](auto make, auto zero) {
    using T = decltype(zero);
    const auto w = variable(xt::xarray<T>{T(1), T(-2), T(3), T(0.5), T(-0.25)});
    auto opt = make(std::vector{w});
    for (int step = 0; step < 30; ++step) {
      opt.step([&] {
        opt.zero_grad();
        const auto loss = sum(square(w) / 2 + w);
        loss.backward();
        return loss;
      });
    }
    return std::vector<double>(w.value().begin(), w.value().end());
  };
  const auto check = [&](const char* name, auto make) {
    const std::vector<double> in_float = run(make, 0.0f), in_double = run(make, 0.0);
    for (std::size_t i = 0; i < in_float.size(); ++i)
      EXPECT_NEAR(in_float[i], in_double[i], 1e-4) << name << " " << i;
  };
  check("SGD", [](auto p) { return SGD{p, {.lr = 0.1, .momentum = 0.5, .nesterov = true}}; });
  check("AdaGrad", [](auto p) { return AdaGrad{p, {.lr = 0.1}}; });
  check("RMSProp", [](auto p) { return RMSProp{p, {.momentum = 0.5, .weight_decay = 0.1}}; });
  check("Adadelta", [](auto p) { return Adadelta{p}; });
  check("Adam", [](auto p) { return Adam{p, {.lr = 0.1, .amsgrad = true}}; });
  check("AdamW", [](auto p) { return AdamW{p, {.lr = 0.1}}; });
  check("NAdam", [](auto p) { return NAdam{p, {.lr = 0.1}}; });
  check("Lion", [](auto p) { return Lion{p, {.lr = 0.007}}; });
  check("LBFGS", [](auto p) { return LBFGS{p}; });
}

TEST(Optimizers, GroupsHaveOptionsOfTheirOwn) {
  const auto a = parameter(1), b = parameter(1), c = parameter(1);
  SGD opt{{a}, {.lr = 0.5, .weight_decay = 0.2}};
  opt.add_group({b}, {.lr = 0.25});
  opt.add_group({c}, [](SGDOptions& o) { o.lr = 0.125; });
  EXPECT_EQ(opt.groups(), 3u);
  EXPECT_EQ(opt.parameters().size(), 3u);
  EXPECT_EQ(opt.options(1).weight_decay, 0);
  EXPECT_EQ(opt.options(2).weight_decay, 0.2) << "as in the first group";
  for (const auto& p : opt.parameters()) give_gradient(p, 2);
  opt.step();
  EXPECT_NEAR(a.value()(0), 1 - 0.5 * 2.2, 1e-15);
  EXPECT_DOUBLE_EQ(b.value()(0), 1 - 0.25 * 2);
  EXPECT_DOUBLE_EQ(c.value()(0), 1 - 0.125 * 2.2);
}

TEST(Optimizers, ANewLearningRateChangesThoseOfAllGroupsInProportion) {
  const auto a = parameter(1), b = parameter(1);
  SGD opt{{a}, {.lr = 0.5}};
  opt.add_group({b}, {.lr = 0.125});
  EXPECT_EQ(opt.lr(), 0.5);
  EXPECT_EQ(opt.lr(1), 0.125);
  opt.set_lr(1);
  EXPECT_EQ(opt.lr(1), 0.25);
  opt.set_schedule([](std::size_t step) { return step == 0 ? 2.0 : 0.0; });
  EXPECT_EQ(opt.lr(1), 0.5);
  for (const auto& p : opt.parameters()) give_gradient(p, 1);
  opt.step();
  EXPECT_EQ(a.value()(0), -1);
  EXPECT_EQ(b.value()(0), 0.5);
  EXPECT_EQ(opt.lr(1), 0);
  EXPECT_THROW(opt.lr(2), ValueError);
}

TEST(Optimizers, AGroupThatMakesNoSenseChangesNothing) {
  const auto a = parameter(1), b = parameter(1);
  Adam opt{{a}};
  EXPECT_THROW(opt.add_group({a}, AdamOptions{}), ValueError) << "there already";
  EXPECT_THROW(opt.add_group({b, b}, AdamOptions{}), ValueError);
  EXPECT_THROW(opt.add_group({square(b)}, AdamOptions{}), ValueError);
  EXPECT_THROW(opt.add_group({}, AdamOptions{}), ValueError);
  EXPECT_THROW(opt.add_group({b}, {.lr = -1}), ValueError);
  EXPECT_THROW(opt.add_group({b}, {.beta1 = 1}), ValueError);
  EXPECT_EQ(opt.groups(), 1u);
  EXPECT_EQ(opt.parameters().size(), 1u);
}

TEST(Optimizers, AGroupAddedLaterBeginsAfresh) {
  const auto a = parameter(1), b = parameter(1);
  Adam opt{{a}, {.lr = 0.1}};
  give_gradient(a, 1);
  opt.step();
  opt.add_group({b}, {.lr = 0.1});
  give_gradient(b, 100);
  opt.zero_grad();
  give_gradient(b, 100);
  opt.step();
  EXPECT_NEAR(b.value()(0), 0.9, 1e-9) << "its first update";
}

TEST(Optimizers, AClosureIsCalledOnceAndItsLossComesBack) {
  const auto w = parameter(3);
  SGD opt{{w}, {.lr = 0.5}};
  int calls = 0;
  const double loss = opt.step([&] {
    ++calls;
    opt.zero_grad();
    const auto value = sum(square(w));
    value.backward();
    return value;
  });
  EXPECT_EQ(loss, 9);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(w.value()(0), 0);
  EXPECT_EQ(opt.steps(), 1u);
  EXPECT_THROW(opt.step(SGD<double>::Closure{}), ValueError);
  EXPECT_EQ(opt.steps(), 1u);
}

TEST(Optimizers, AStateNamesWhatItHoldsAndSaysAllThatDoesNotFit) {
  const auto a = parameter(1), b = parameter(2);
  Adam opt{{a, b}, {.lr = 0.5}};
  give_gradient(b, 2);
  opt.step();
  const auto state = opt.state();
  EXPECT_EQ(state.owner, "Adam");
  EXPECT_EQ(state.numbers,
            (std::map<std::string, double>{{"steps", 1}, {"lr.0", 0.5}, {"0.updates", 0}, {"1.updates", 1}}));
  EXPECT_EQ(state.arrays.size(), 4u);
  EXPECT_NEAR(state.array<double>("1.m")(0), 0.2, 1e-15);

  auto bad = state;
  bad.arrays.erase("0.v");
  bad.keep("1.m", full_array<double>({2, 3}, 0.0));
  bad.numbers["2.updates"] = 7;
  EXPECT_EQ(message_of([&] { opt.load_state(bad); }),
            "[Adam] load_state():\n  0.v is missing\n  1.m has shape (2,3): expected (1)\n"
            "  2.updates is unexpected");
  SGD sgd{{a, b}};
  EXPECT_EQ(message_of([&] { sgd.load_state(state); }),
            "[SGD] load_state(): it is the state of 'Adam': expected that of 'SGD'");
}

TEST(Optimizers, AStateHoldsTheLearningRateThatWasSet) {
  const auto w = parameter(1);
  SGD first{{w}, {.lr = 0.5}}, second{{w}, {.lr = 0.5}};
  first.set_lr(0.1);
  second.load_state(first.state());
  EXPECT_EQ(second.lr(), 0.1);
}

TEST(Optimizers, CenteredRMSPropSurvivesAGradientThatNeverChanges) {
  // s - a^2 is 0 there but for rounding
  const auto w = parameter<float>(0);
  RMSProp opt{{w}, {.lr = 1e-3, .alpha = 0.9, .epsilon = 1, .centered = true}};
  for (int step = 0; step < 500; ++step) {
    give_gradient(w, 0.3);
    opt.step();
  }
  EXPECT_TRUE(std::isfinite(w.value()(0)));
}

TEST(Optimizers, EveryOneFallsDownABadlyConditionedValley) {
  const auto loss_after = [](auto make, int steps) {
    const xt::xarray<double> curvature{100, 1, 0.1};
    const auto w = variable(xt::xarray<double>{1, 1, 1});
    auto opt = make(std::vector{w});
    const auto loss = [&] { return sum(square(w) * curvature) / 2; };
    for (int step = 0; step < steps; ++step) {
      opt.zero_grad();
      loss().backward();
      opt.step();
    }
    return loss().item();
  };
  EXPECT_LT(loss_after([](auto p) { return SGD{p, {.lr = 0.01, .momentum = 0.9}}; }, 500), 1e-3);
  EXPECT_LT(loss_after([](auto p) { return AdaGrad{p, {.lr = 0.3}}; }, 500), 1e-3);
  EXPECT_LT(loss_after([](auto p) { return RMSProp{p}; }, 500), 1e-2);
  EXPECT_LT(loss_after([](auto p) { return Adadelta{p, {.lr = 0.3, .epsilon = 1e-4}}; }, 3000), 1);
  EXPECT_LT(loss_after([](auto p) { return Adam{p, {.lr = 0.02}}; }, 500), 1e-3);
  EXPECT_LT(loss_after([](auto p) { return AdamW{p, {.lr = 0.02}}; }, 500), 1e-3);
  EXPECT_LT(loss_after([](auto p) { return NAdam{p, {.lr = 0.02}}; }, 500), 1e-3);
  EXPECT_LT(loss_after([](auto p) { return Lion{p, {.lr = 0.003}}; }, 500), 1e-2);
}

}  // namespace
}  // namespace gradus::nn
