#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/localise.hpp>
#include <gradus/gradus.hpp>

// Checks of gradients of gradients, and along one direction.
namespace gradus {
namespace {

using Tensors = std::vector<Tensor<double>>;
using Scalars = std::vector<Scalar>;

const xt::xarray<double> numbers{{0.3, -1.2, 2.0}, {0.7, 1.5, -0.4}};

template <class Check>
std::string text(const Check& check) {
  std::ostringstream out;
  out << check;
  return out.str();
}

/// x^3 by a rule written in ops, or with a mistake that only its recorded form has.
enum class Mistake { none, constant, forgotten };
Tensor<double> cube(const Tensor<double>& x, Mistake mistake) {
  return custom_op(
      "cube", {x}, [](const auto& in) { return in[0] * in[0] * in[0]; },
      [mistake](const auto& g, const auto& in, const auto&) {
        const Tensor<double> base = mistake == Mistake::constant ? in[0].detach() : in[0];
        const double factor = mistake == Mistake::forgotten && is_recording() ? 2 : 3;
        return std::vector{flow(g, factor * square(base))};
      });
}

TEST(CheckSecondOrder, RightRulesPass) {
  const auto f = [](const Tensors& in) {
    return sum(tanh(0.2 * in[0] * in[1]) / (2 + cube(in[1], Mistake::none)));
  };
  const SecondOrderCheck check = check_second_order(f, {variable(numbers), variable(numbers + 3)});
  EXPECT_TRUE(check.ok()) << check;
  EXPECT_EQ(check.first.size(), 12u);
  EXPECT_EQ(check.second.size(), 12u);
  EXPECT_EQ(text(check).rfind("first order: gradients agree", 0), 0u) << check;
  EXPECT_NE(text(check).find("\nsecond order: gradients agree"), std::string::npos) << check;
}

TEST(CheckSecondOrder, TakesEveryKindOfInputAndResult) {
  const Tensor<float> floats = variable(xt::xarray<float>(numbers));
  const std::vector<SecondOrderCheck> checks{
      check_second_order([](const Scalars& in) { return sin(in[0]) * exp(in[1]); }, {0.5, 0.7}),
      check_second_order(
          [](const Scalars& in) {
            return stack({in[0] * in[1], exp(in[0])});
          },
          {0.5, 0.7}),
      check_second_order([](const Tensors& in) { return exp(in[0]) * in[0]; }, {variable(numbers)}),
      check_second_order([](const Tensors& in) { return sin(to_scalar(sum(in[0] * in[0]))); },
                         {variable(numbers)}),
      check_second_order([](const auto& in) { return sin(in[0]) * in[0]; }, {floats}),
      check_second_order([](const Tensors& in) { return sum(in[0]); }, {variable(numbers)}),  // zero
      check_second_order([](const Tensors&) { return Tensor<double>(3.0); }, {variable(numbers)}),
  };
  for (const SecondOrderCheck& check : checks) EXPECT_TRUE(check.ok()) << check;
}

TEST(CheckSecondOrder, FindsRulesWhoseRecordedFormIsWrong) {
  for (const Mistake mistake : {Mistake::constant, Mistake::forgotten}) {
    const auto f = [mistake](const Tensors& in) {
      Tensor<double> y = in[0];
      for (int i = 0; i < 3; ++i) y = sin(1.1 * y) + 0.1 * in[0];
      return sum(exp(cube(y, mistake)));
    };
    const SecondOrderCheck check = check_second_order(f, {variable(numbers)});
    EXPECT_TRUE(check.first.ok()) << check;
    EXPECT_FALSE(check.second.ok()) << check;
    EXPECT_FALSE(check.ok());
    const std::string expected = mistake == Mistake::constant
                                     ? " (in the recorded rule of cube, step 13), is handed a value"
                                     : "the rule of cube, step 13 of 15, passes on another gradient when";
    EXPECT_NE(text(check.second).find(expected), std::string::npos) << check;
  }
}

TEST(CheckSecondOrder, TakesEqualInfinitiesForTheSame) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Tensor<double> x = variable(numbers);
  const auto record = [&] {
    const Tensor<double> y = custom_op(
        "steep", {x}, [](const auto& in) { return in[0] * 1.0; },
        [&](const auto& g, const auto&, const auto&) { return std::vector{g * infinity}; });
    return std::vector{detail::TracedRoot{y, {}}};
  };
  const detail::Search search{
      .record = record, .inputs = {}, .error = 0, .tolerance = 1e-6, .epsilon = 1e-16, .scale = 1};
  EXPECT_EQ(detail::find_unlike_rule(search), "");
}

TEST(CheckSecondOrder, NamesAWrongOpInsideARecordedRule) {
  const auto wrong_square = [](const Tensor<double>& x) {
    return custom_op(
        "wrong_square", {x}, [](const auto& in) { return square(in[0]); },
        [](const auto& g, const auto& in, const auto&) { return std::vector{flow(g, 1.9 * in[0])}; });
  };
  const auto outer = [&](const Tensor<double>& x) {
    return custom_op(
        "outer", {x}, [](const auto& in) { return in[0] * in[0] * in[0]; },
        [&](const auto& g, const auto& in, const auto&) {
          return std::vector{flow(g, 3 * wrong_square(in[0]))};
        });
  };
  const SecondOrderCheck check = check_second_order(
      [&](const Tensors& in) { return sum(tanh(outer(sin(in[0])))); }, {variable(numbers)});
  EXPECT_TRUE(check.first.ok()) << check;
  ASSERT_TRUE(check.second.wrong_step()) << check;
  EXPECT_EQ(check.second.wrong_step()->op, "wrong_square");
  EXPECT_EQ(check.second.wrong_step()->rule_of, "outer, step 2");
  EXPECT_EQ(check.second.wrong_step()->input_text, "the result of sin, step 1");
  EXPECT_NEAR(check.second.wrong_step()->relative_error, 0.05, 1e-6);
  EXPECT_NE(text(check).find("in the recorded rule of outer, step 2: its rule disagrees"), std::string::npos)
      << check;
}

TEST(CheckSecondOrder, AWrongFirstOrderIsReportedAsSuch) {
  const auto f = [](const Tensors& in) {
    return sum(custom_op(
        "double", {in[0]}, [](const auto& v) { return v[0] * 2.0; },
        [](const auto& g, const auto&, const auto&) { return std::vector{g * 2.5}; }));
  };
  const SecondOrderCheck check = check_second_order(f, {variable(numbers)});
  EXPECT_FALSE(check.first.ok());
  EXPECT_TRUE(check.second.ok()) << check;
  EXPECT_FALSE(check.ok());
  EXPECT_EQ(check.first.wrong_step()->op, "double");
}

TEST(CheckSecondOrder, RefusesWhatProvesNothing) {
  const auto f = [](const Scalars& in) { return in[0] * 2; };
  try {
    (void)check_second_order(f, Scalars{});
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_STREQ(error.what(), "[check_second_order] no inputs: at least one is needed");
  }
  const NoGrad off;
  EXPECT_THROW((void)check_second_order(f, {Scalar(1)}), GraphError);
}

TEST(CheckDirectional, CallsAFunctionOfAMillionNumbersAFewTimes) {
  int calls = 0;
  Rng rng{3};
  xt::xarray<double> large = xt::empty<double>({1000, 1000});
  for (double& x : large) x = rng.normal();
  const auto f = [&](const Tensors& in) {
    ++calls;
    return mean(tanh(in[0]) * in[1]);
  };
  const GradientCheck check = check_directional(f, {variable(large), variable(xt::xarray<double>{2.0})});
  EXPECT_TRUE(check.ok()) << check;
  EXPECT_EQ(check.size(), 1u);
  EXPECT_EQ(calls, 3);
  EXPECT_NE(text(check).find("worst: along one random direction: analytic"), std::string::npos) << check;
}

TEST(CheckDirectional, FindsAWrongRuleAndItsElement) {
  xt::xarray<double> factors = xt::ones<double>({40, 50});
  factors(31, 7) = 1.5;
  int calls = 0;
  const auto f = [&](const Tensors& in) {
    ++calls;
    return sum(custom_op(
        "planted", {sin(in[0])}, [](const auto& v) { return exp(v[0]); },
        [&](const auto& g, const auto& v, const auto&) {
          return std::vector{flow(g, exp(v[0]) * factors)};
        }));
  };
  xt::xarray<double> at = xt::zeros<double>({40, 50});
  for (std::size_t i = 0; i < at.size(); ++i) at.data()[i] = 0.001 * static_cast<double>(i) - 1;
  const GradientCheck check = check_directional(f, {variable(at)});
  EXPECT_EQ(check.count(Verdict::wrong), 1u) << check;
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->op, "planted");
  EXPECT_EQ(check.wrong_step()->index, (Shape{31, 7}));
  EXPECT_LT(calls, 150);  // of 2000 numbers
}

TEST(CheckDirectional, OptionsChooseTheDirectionAndTheStencil) {
  const auto f = [](const Tensors& in) { return sum(exp(in[0])); };
  const Tensors at{variable(numbers)};
  const auto slope = [&](CheckOptions options) { return check_directional(f, at, options).worst().analytic; };
  EXPECT_EQ(slope({.seed = 5}), slope({.seed = 5}));
  EXPECT_NE(slope({.seed = 5}), slope({.seed = 6}));
  for (const Stencil stencil : {Stencil::forward, Stencil::backward, Stencil::central, Stencil::five_point,
                                Stencil::seven_point, Stencil::ridders})
    EXPECT_TRUE(check_directional(f, at, {.stencil = stencil, .tolerance = 1e-5}).ok());
  EXPECT_EQ(check_directional(f, at, {.step = 0.3}).count(Verdict::truncation), 1u);
  EXPECT_EQ(check_directional(f, at, {.step = 1e-13}).count(Verdict::rounding), 1u);
  EXPECT_THROW(check_directional(f, at, {.step = -1.0}).ok(), ValueError);
}

TEST(CheckDirectional, TakesScalarsAndFloats) {
  EXPECT_TRUE(check_directional([](const Scalars& in) { return sin(in[0]) * in[1]; }, {0.5, 2.0}).ok());
  const auto f = [](const auto& in) { return sum(sin(in[0]) * in[0]); };
  EXPECT_TRUE(check_directional(f, {variable(xt::xarray<float>(numbers))}).ok());
  const GradientCheck kink = check_directional([](const Tensors& in) { return sum(relu(in[0])); },
                                               {variable(xt::zeros<double>({1}))});
  EXPECT_EQ(kink.count(Verdict::kink), 1u) << kink;
  EXPECT_TRUE(kink.ok());
}

}  // namespace
}  // namespace gradus
