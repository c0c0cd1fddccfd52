#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/scalar_ops.hpp>
#include <gradus/ops/step.hpp>

namespace gradus {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                 infinity = std::numeric_limits<double>::infinity();

using Tensors = std::vector<Tensor<double>>;
using Scalars = std::vector<Scalar>;

const xt::xarray<double> numbers{{0.3, -1.2, 2.0}, {0.7, 1.5, -0.4}};

std::string text(const GradientCheck& check) {
  std::ostringstream out;
  out << check;
  return out.str();
}

template <class T>
struct PlantedVjp {
  xt::xarray<T> factors;
  template <class Slots>
  void sweep(const detail::Ref<detail::Value<T>>& g, const Slots& dx) const {
    dx[0].add(Array<T>(g->array * factors));
  }
  void record(const detail::GraphFlow<T>& flow) const { flow[0].add(flow.g * factors); }
};

/// x, with a rule that multiplies the gradient of each element by a factor: right only where it is 1.
template <class T>
Tensor<T> planted(const Tensor<T>& x, const xt::xarray<double>& factors) {
  return detail::record(detail::OpName::reshape, Array<T>(x.value()), x, PlantedVjp<T>{xt::cast<T>(factors)});
}

TEST(RelativeError, FollowsItsFormula) {
  EXPECT_EQ(relative_error(2, 1), 0.5);
  EXPECT_EQ(relative_error(1, 2), 0.5);
  EXPECT_EQ(relative_error(-3, 3), 2);
  EXPECT_EQ(relative_error(0, 0), 0);
  EXPECT_EQ(relative_error(0, 5e-9), 0.5);  // nothing is divided by less than 1e-8
  for (const double odd : {nan, infinity, -infinity})
    for (const double other : {0.0, 1.0, odd}) {
      EXPECT_TRUE(std::isnan(relative_error(odd, other)));
      EXPECT_TRUE(std::isnan(relative_error(other, odd)));
    }
}

TEST(CheckGradients, RightGradientsPass) {
  const Tensor<double> a = variable(numbers), b = variable(numbers + 1);
  const GradientCheck r = check_gradients([](const Tensors& in) { return sum(tanh(in[0]) * in[1]); }, {a, b},
                                          {.stencil = Stencil::central, .tolerance = 1e-6});
  EXPECT_TRUE(r.ok()) << r;
  EXPECT_LT(r.max_relative_error(), 1e-6);
  EXPECT_EQ(r.size(), 12u);
  EXPECT_EQ(r.tolerance(), 1e-6);
}

TEST(CheckGradients, InputsWithoutElementsAreAnError) {
  const Tensor<double> none = variable(xt::xarray<double>::from_shape({0, 3}));
  const auto f = [](const Tensors& in) { return sum(in.back()); };
  try {
    check_gradients(f, {none, none});
    ADD_FAILURE() << "nothing was compared";
  } catch (const ValueError& error) {
    EXPECT_STREQ(
        error.what(),
        "[check_gradients] inputs of shape (0,3) (0,3) have no elements: there is nothing to compare");
  }
  EXPECT_EQ(check_gradients(f, {none, variable(numbers)}).size(), 6u);
}

TEST(CheckGradients, TakesScalarsTensorsAndEveryKindOfResult) {
  const Scalar x = variable(0.5), y = variable(-2.0);
  const Tensor<double> t = variable(numbers);
  const Tensor<float> f = variable(xt::xarray<float>(numbers));
  const std::vector<GradientCheck> checks{
      check_gradients([](const Scalars& in) { return in[0] * sin(in[1]); }, {x, y}),
      check_gradients(
          [](const Scalars& in) {
            return stack({in[0] * in[1], exp(in[0])});
          },
          {x, y}),
      check_gradients([](const Scalars& in) { return to_tensor<float>(in[0]) * 2; }, {x, y}),
      check_gradients([](const Tensors& in) { return to_scalar(mean(exp(in[0]))); }, {t}),
      check_gradients([](const Tensors& in) { return exp(in[0]) / 3; }, {t}),  // of the shape of its input
      check_gradients([](const auto& in) { return sigmoid(in[0]); }, {f}),
      check_gradients([](const auto& in) { return to_scalar(sum(sigmoid(in[0]))); }, {f}),
  };
  for (const GradientCheck& check : checks) EXPECT_TRUE(check.ok()) << check;
}

Scalar sum_of_squares(const Scalars& in) { return in[0] * in[0] + in[1] * in[1]; }

TEST(CheckGradients, TakesPlainArraysAndNumbersInBraces) {
  const xt::xarray<double> a = numbers;
  const xt::xarray<float> b = xt::cast<float>(numbers);
  EXPECT_EQ(check_gradients([](const Tensors& in) { return sum(in[0] * in[1]); }, {a, a + 1}).size(), 12U);
  EXPECT_TRUE(check_gradients([](const Tensors& in) { return sum(in[0] * in[1]); }, {a, 3.0}).ok());
  EXPECT_TRUE(check_gradients([](Tensors in) mutable { return sum(tanh(in[0])); }, {a}).ok());
  EXPECT_TRUE(
      check_gradients([](const std::vector<Tensor<float>>& in) { return sum(in[0] * in[1]); }, {b, b}).ok());
  EXPECT_TRUE(check_gradients([](const Scalars& in) { return in[0] * in[1]; }, {2, 3.5}).ok());
  EXPECT_TRUE(check_gradients(sum_of_squares, {2, 3.5}).ok());
  EXPECT_TRUE(check_gradients(&sum_of_squares, {2, 3.5}).ok());
  EXPECT_TRUE(check_gradients([](const auto& in) { return sum(tanh(in[0])); }, Tensors{a}).ok());
}

TEST(CheckGradients, EveryStencilServes) {
  const Tensor<double> t = variable(numbers);
  for (const Stencil stencil :
       {Stencil::forward, Stencil::backward, Stencil::central, Stencil::five_point, Stencil::seven_point}) {
    const GradientCheck r = check_gradients([](const Tensors& in) { return sin(in[0]); }, {t},
                                            {.stencil = stencil, .tolerance = 1e-5});
    EXPECT_TRUE(r.ok()) << r;
  }
  const auto error = [&](Stencil stencil) {
    return check_gradients([](const Tensors& in) { return sin(in[0]); }, {t},
                           {.stencil = stencil, .step = 0.01})
        .max_relative_error();
  };
  EXPECT_GT(error(Stencil::forward), 30 * error(Stencil::central));
  EXPECT_GT(error(Stencil::central), 1000 * error(Stencil::five_point));
  EXPECT_GT(error(Stencil::five_point), 1000 * error(Stencil::seven_point));
}

TEST(CheckGradients, APlantedWrongRuleIsCaught) {
  const Tensor<double> a = variable(numbers);
  for (const double factor : {-1.0, 0.0, 2.0, 1.001, 0.999}) {
    const auto f = [&](const Tensors& in) {
      return sum(square(planted(in[0], factor * xt::ones<double>({2, 3}))));
    };
    const GradientCheck r = check_gradients(f, {a});
    EXPECT_FALSE(r.ok()) << factor;
    EXPECT_NEAR(r.max_relative_error(), std::abs(1 - factor) / std::max(1.0, std::abs(factor)), 1e-6);
  }
  const auto right = [](const Tensors& in) { return sum(square(planted(in[0], xt::ones<double>({2, 3})))); };
  EXPECT_TRUE(check_gradients(right, {a}).ok());
  const Tensor<float> single = variable(xt::xarray<float>(numbers));
  const auto wrong = [](const auto& in) { return sum(planted(in[0], 1.05 * xt::ones<double>({2, 3}))); };
  EXPECT_FALSE(check_gradients(wrong, {single}).ok());
}

TEST(CheckGradients, AGradientThatIsMissingIsCaught) {
  const Scalar x = variable(0.5);
  const auto half_detached = [](const Scalars& in) { return in[0] * in[0].detach(); };
  EXPECT_FALSE(check_gradients(half_detached, {x}).ok());
  const auto all_detached = [](const Scalars& in) { return exp(in[0].detach()); };
  const GradientCheck r = check_gradients(all_detached, {x});
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.worst().analytic, 0);
}

TEST(CheckGradients, EveryElementOfTheResultCounts) {
  for (std::size_t row = 0; row < 2; ++row)
    for (std::size_t column = 0; column < 3; ++column) {
      xt::xarray<double> factors = xt::ones<double>({2, 3});
      factors(row, column) = 1.001;
      const auto f = [&](const Tensors& in) { return planted(in[0] * in[0], factors); };
      const GradientCheck r = check_gradients(f, {variable(numbers)});
      EXPECT_FALSE(r.ok());
      EXPECT_EQ(r.worst().index, (Shape{row, column}));
    }
  // Errors that would cancel in a plain sum.
  const auto f = [](const Tensors& in) {
    return planted(to_tensor(to_scalar(sum(in[0]))) * xt::ones<double>({2}), xt::xarray<double>{2, 0});
  };
  EXPECT_FALSE(check_gradients(f, {variable(numbers)}).ok());
}

TEST(CheckGradients, TheReportNamesTheWorstElement) {
  const Tensor<double> a = variable(numbers), b = variable(numbers).named("weight");
  xt::xarray<double> factors = xt::ones<double>({2, 3});
  factors(0, 1) = 1.01;
  factors(1, 2) = 0.5;
  const auto f = [&](const Tensors& in) { return sum(in[0]) + sum(3 * planted(in[1], factors)); };
  const GradientCheck r = check_gradients(f, {a, b}, {.step = 0.125});
  EXPECT_EQ(r.worst().input, 1u);
  EXPECT_EQ(r.worst().name, "weight");
  EXPECT_EQ(r.worst().index, (Shape{1, 2}));
  EXPECT_EQ(r.worst().analytic, 1.5);
  EXPECT_NEAR(r.worst().numerical, 3, 1e-12);
  EXPECT_NEAR(r.worst().relative_error, 0.5, 1e-12);
  EXPECT_EQ(r.worst().step, 0.125);
  EXPECT_EQ(
      text(r).rfind("gradients DIFFER: largest relative error 0.5 (tolerance 1e-06) in 12 elements\n"
                    "  worst: input 1 'weight' at (1,2): analytic 1.5, numerical 3, relative error 0.5, "
                    "step 0.125\n"
                    "  2 wrong, 10 right\n"
                    "  wrong: reshape, step ",
                    0),
      0u)
      << r;
  EXPECT_NE(
      text(r).find(" of 5 (stage 1, shape (2,3)): its rule disagrees with what it computes\n"
                   "    input 0 (input 1 'weight' of f, shape (2,3)) at (1,2): analytic 1.5, numerical 3"),
      std::string::npos)
      << r;
  const GradientCheck good =
      check_gradients([](const Scalars& in) { return in[0] * 2; }, {Scalar(3)}, {.step = 0.5});
  EXPECT_EQ(text(good),
            "gradients agree: largest relative error 0 (tolerance 1e-06) in 1 element\n"
            "  worst: input 0 at (): analytic 2, numerical 2, relative error 0, step 0.5");
}

TEST(CheckGradients, LeavesEverythingAsItWas) {
  const Tensor<double> a = variable(numbers), captured = variable(xt::xarray<double>{1, 2, 3}),
                       untouched = variable(numbers), constant = numbers;
  const Scalar x = variable(2.0), outer = variable(3.0);
  sum(a * captured).backward();
  (x * outer).backward();
  const xt::xarray<double> a_grad = a.grad(), captured_grad = captured.grad();

  const auto f = [&](const Tensors& in) { return in[0] * captured + in[1] * in[2]; };
  EXPECT_TRUE(check_gradients(f, {a, untouched, constant}).ok());
  const auto g = [&](const Tensors& in) { return sum(in[0] * captured); };
  EXPECT_TRUE(check_gradients(g, {a}).ok());
  EXPECT_TRUE(check_gradients([&](const Scalars& in) { return in[0] * outer; }, {x}).ok());

  EXPECT_EQ(xt::xarray<double>(a.value()), numbers);
  EXPECT_EQ(xt::xarray<double>(a.grad()), a_grad);
  EXPECT_EQ(xt::xarray<double>(captured.grad()), captured_grad);
  EXPECT_FALSE(untouched.has_grad());
  EXPECT_FALSE(constant.requires_grad());
  EXPECT_EQ(x.value(), 2);
  EXPECT_EQ(x.grad(), 3);
  EXPECT_EQ(outer.grad(), 2);
}

TEST(CheckGradients, ConstantsAmongTheInputsAreCheckedToo) {
  const Tensor<double> a = variable(numbers), constant = numbers;
  const auto wrong = [](const Tensors& in) {
    return sum(in[0] * planted(in[1], 1.001 * xt::ones<double>({2, 3})));
  };
  const GradientCheck r = check_gradients(wrong, {a, constant});
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.worst().input, 1u);
  EXPECT_EQ(check_gradients([](const Scalars& in) { return in[0] * in[1]; }, {Scalar(1), 2.0}).size(), 2u);
}

TEST(CheckGradients, NaNIsNeverOk) {
  const Tensor<double> a = variable(numbers);
  const std::vector<GradientCheck> checks{
      check_gradients([](const Tensors& in) { return sum(in[0] * nan); }, {a}),
      check_gradients([](const Tensors& in) { return sum(in[0] * infinity); }, {a}),
      check_gradients([](const Tensors& in) { return sum(log(in[0])); }, {a}),  // of negative numbers
      check_gradients(
          [](const Tensors& in) {
            return sum(planted(in[0], nan * xt::ones<double>({2, 3})));
          },
          {a}, {.tolerance = infinity}),
      check_gradients([](const Scalars& in) { return in[0] * 1; }, {Scalar(nan)}),
  };
  for (const GradientCheck& check : checks) {
    EXPECT_FALSE(check.ok()) << check;
    EXPECT_TRUE(std::isnan(check.max_relative_error()));
  }
  // The first NaN is what the report names, before and after ordinary errors.
  xt::xarray<double> factors{{5.0, nan, 5.0}, {7.0, nan, 1.0}};
  const GradientCheck r = check_gradients([&](const Tensors& in) { return planted(in[0], factors); }, {a});
  EXPECT_EQ(r.worst().index, (Shape{0, 1}));
}

TEST(CheckGradients, InputsThatDoNotMatterHaveGradientZero) {
  const Tensor<double> a = variable(numbers), b = variable(numbers);
  EXPECT_TRUE(check_gradients([](const Tensors& in) { return sum(in[0]); }, {a, b}).ok());
  EXPECT_TRUE(check_gradients([](const Tensors&) { return Tensor<double>(3.0); }, {a}).ok());
  EXPECT_TRUE(check_gradients([](const Scalars&) { return Scalar(3.0); }, {Scalar(1)}).ok());
}

TEST(CheckGradients, ToleranceCountsFromItself) {
  const auto f = [](const Scalars& in) { return in[0] * 2; };
  EXPECT_TRUE(check_gradients(f, {Scalar(3)}, {.tolerance = 0.0, .step = 0.5}).ok());
  EXPECT_FALSE(
      check_gradients([](const Scalars& in) { return exp(in[0]); }, {Scalar(3)}, {.tolerance = 0.0}).ok());
}

TEST(CheckGradients, RefusesWhatIsNeverTheSame) {
  double state = 0;
  const auto drifting = [&](const Tensors& in) { return sum(in[0]) * (state += 0.1); };
  EXPECT_THROW(check_gradients(drifting, {variable(numbers)}), ValueError);
  EXPECT_THROW(check_directional(drifting, {variable(numbers)}), ValueError);
}

TEST(CheckGradients, RefusesFunctionsOfTheInputsThemselves) {
  const Tensor<double> a = variable(numbers), w = variable(numbers).named("w");
  const auto of_w = [&](const Tensors& in) { return sum(exp(in[0]) * w); };
  const auto message = [](auto check) {
    try {
      check();
    } catch (const ValueError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string expected =
      "] f uses input 1 'w' itself and not the argument in its place: expected f to depend on its arguments, "
      "which are varied";
  EXPECT_EQ(message([&] { (void)check_gradients(of_w, {a, w}); }), "[check_gradients" + expected);
  EXPECT_EQ(message([&] { (void)check_directional(of_w, {a, w}); }), "[check_directional" + expected);
  EXPECT_EQ(message([&] { (void)check_second_order(of_w, {a, w}); }), "[check_second_order" + expected);
  const Scalar s = variable(2.0);
  EXPECT_THROW(check_gradients([&](const Scalars&) { return s * s; }, {s}), ValueError);
  EXPECT_TRUE(check_gradients(of_w, {a}).ok()) << "w is captured, and nobody asks for it";
  EXPECT_FALSE(w.has_grad());
}

TEST(CheckGradients, RefusesWhatProvesNothing) {
  const auto f = [](const Scalars& in) { return in[0] * 2; };
  EXPECT_THROW(check_gradients(f, Scalars{}), ValueError);
  EXPECT_THROW(check_gradients(f, {Scalar(1)}, {.step = -1.0}), ValueError);
  EXPECT_THROW(check_gradients(f, {Scalar(1)}, {.step = 1e-30}), ValueError);
  auto fickle = [calls = 0](const Scalars& in) mutable {
    return calls++ == 0 ? stack({in[0]}) : stack({in[0], in[0]});
  };
  EXPECT_THROW(check_gradients(fickle, {Scalar(1)}), ValueError);
  const NoGrad off;
  EXPECT_THROW(check_gradients(f, {Scalar(1)}), GraphError);
}

}  // namespace
}  // namespace gradus
