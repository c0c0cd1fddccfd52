#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Why a gradient check says that two derivatives differ.
namespace gradus {
namespace {

using Tensors = std::vector<Tensor<double>>;
using Function = std::function<Tensor<double>(const Tensors&)>;

std::string text(const GradientCheck& check) {
  std::ostringstream out;
  out << check;
  return out.str();
}

/// x, with a rule that says `slope`.
Tensor<double> planted(const Tensor<double>& x, double slope) {
  return custom_op(
      "planted", {x}, [](const auto& in) { return in[0]; },
      [slope](const auto& g, const auto&, const auto&) { return std::vector{g * slope}; });
}

/// |x|, or with a factor a wrong rule of it, at x = 0 too.
Tensor<double> planted_abs(const Tensor<double>& x, double slope_at_0) {
  return custom_op(
      "planted_abs", {x}, [](const auto& in) { return abs(in[0]); },
      [slope_at_0](const auto& g, const auto& in, const auto&) {
        return std::vector{flow(g, sign(in[0]) + where(in[0] == 0.0, Tensor<double>(slope_at_0), 0.0))};
      });
}

struct Case {
  const char* name;
  Function f;
  std::vector<double> at;
  std::vector<Verdict> verdicts;  // of each number, checked alone
  CheckOptions options = {};
};

constexpr Verdict agrees = Verdict::agrees, kink = Verdict::kink, truncation = Verdict::truncation,
                  rounding = Verdict::rounding, undefined = Verdict::undefined, wrong = Verdict::wrong;

const std::vector<Case>& cases() {
  static const std::vector<Case> list{
      {"relu", [](const Tensors& in) { return relu(in[0]); }, {-1, 0, 2}, {agrees, kink, agrees}},
      {"relu beside its kink",
       [](const Tensors& in) { return relu(in[0]); },
       {1e-9, -1e-9, 1e-7, -1e-7, 6e-7, -6e-7, 3e-6, -3e-6, 1e-5},
       {kink, kink, kink, kink, kink, kink, kink, kink, agrees}},
      {"relu in the middle of a network",
       [](const Tensors& in) { return exp(relu(sin(in[0]) * 3) * 2) * cos(in[0]); },
       {0, 1e-8, 0.5},
       {kink, kink, agrees}},
      {"abs", [](const Tensors& in) { return abs(in[0]) + in[0]; }, {-1, 0, 2}, {agrees, agrees, agrees}},
      {"abs from one side",
       [](const Tensors& in) { return abs(in[0]); },
       {-1, 0, 2},
       {agrees, kink, agrees},
       {.stencil = Stencil::forward, .step = 0.5}},
      {"maximum",
       [](const Tensors& in) { return maximum(3 * in[0], in[0] * in[0] + 2); },
       {1, 2, 1.5, 3},
       {kink, kink, agrees, agrees}},
      {"a tie from one side",
       [](const Tensors& in) { return maximum(3 * in[0], in[0] * in[0] + 2); },
       {1, 2},
       {kink, kink},
       {.stencil = Stencil::backward}},
      {"clip",
       [](const Tensors& in) { return clip(in[0], -1, 2); },
       {-1, 0, 2, 3},
       {kink, agrees, kink, agrees}},
      {"floor", [](const Tensors& in) { return floor(in[0]); }, {-1, 0, 0.5, 3}, {kink, kink, agrees, kink}},
      {"floor and more",
       [](const Tensors& in) { return floor(in[0]) * sin(in[0]); },
       {-1, 0.5, 3},
       {kink, agrees, kink}},
      {"sign",
       [](const Tensors& in) { return sign(in[0]) + exp(in[0]); },
       {-1, 0, 0.5},
       {agrees, kink, agrees}},
      {"a wrong rule at a kink",
       [](const Tensors& in) { return planted_abs(in[0], 1.5); },
       {0, 1},
       {wrong, agrees}},
      {"a rule within the slopes of a kink",
       [](const Tensors& in) { return planted_abs(in[0], 0.5); },
       {0, 1},
       {kink, agrees}},
      {"a wrong rule beside a kink",
       [](const Tensors& in) { return relu(planted(in[0], 2)); },
       {1e-9, 1e-7, 1e-6, 1},
       {wrong, wrong, wrong, wrong}},
      {"a wrong rule at a jump",
       [](const Tensors& in) { return floor(in[0]) + planted(in[0], 3); },
       {2, 2.5},
       {wrong, wrong}},
      {"a wrong rule at a jump between two slopes",
       [](const Tensors& in) { return exp(planted(in[0] + 0.5 * floor(in[0]), 1.5)); },
       {1, 0.5},
       {wrong, wrong}},
      {"a jump between two slopes",
       [](const Tensors& in) { return sin(in[0] + 0.5 * floor(in[0])) + exp(sign(in[0] - 1) + in[0]); },
       {1, 0.5, 2},
       {kink, agrees, kink}},
      {"curved",
       [](const Tensors& in) { return exp(8 * in[0]); },
       {0.3, -0.2},
       {truncation, truncation},
       {.step = 0.1}},
      {"curved, by a formula of the first order",
       [](const Tensors& in) { return in[0] * in[0]; },
       {0.3, 2},
       {truncation, truncation},
       {.stencil = Stencil::forward, .step = 1e-3}},
      {"curved more than the step sees",
       [](const Tensors& in) { return sin(1e4 * in[0]); },
       {0.3, 0.71},
       {truncation, truncation},
       {.step = 1e-3}},
      {"curved, by a wrong rule",
       [](const Tensors& in) { return exp(8 * planted(in[0], 1.01)); },
       {0.3, -0.2},
       {wrong, wrong},
       {.step = 0.1}},
      {"a tiny step",
       [](const Tensors& in) { return exp(in[0]); },
       {0.3, -0.2},
       {rounding, rounding},
       {.step = 1e-12}},
      {"small beside a constant",
       [](const Tensors& in) { return exp(in[0]) + 1e7; },
       {0.3, -0.2},
       {rounding, rounding}},
      {"lost beside a constant",
       [](const Tensors& in) { return exp(in[0]) + 1e14; },
       {0.3, -0.2},
       {rounding, rounding}},
      {"a tiny step, by a wrong rule",
       [](const Tensors& in) { return exp(planted(in[0], 1.01)); },
       {0.3, -0.2},
       {wrong, wrong},
       {.step = 1e-12}},
      {"Ridders",
       [](const Tensors& in) { return exp(8 * in[0]); },
       {0.3, -0.2},
       {agrees, agrees},
       {.stencil = Stencil::ridders}},
      {"Ridders at a kink",
       [](const Tensors& in) { return relu(in[0]); },
       {0, 1},
       {kink, agrees},
       {.stencil = Stencil::ridders}},
      {"Ridders of a wrong rule",
       [](const Tensors& in) { return planted(in[0], 1.001); },
       {0.3},
       {wrong},
       {.stencil = Stencil::ridders}},
      {"outside of the domain",
       [](const Tensors& in) { return log(in[0]); },
       {-1, 0, 1},
       {undefined, undefined, agrees}},
      {"a domain that ends within the step",
       [](const Tensors& in) { return sqrt(in[0]); },
       {1e-4},
       {truncation},
       {.step = 9e-5}},
      {"a rule that says NaN", [](const Tensors& in) { return planted(in[0], NAN); }, {1}, {undefined}},
  };
  return list;
}

TEST(Verdict, OfEachNumber) {
  for (const Case& c : cases())
    for (std::size_t i = 0; i < c.at.size(); ++i) {
      const GradientCheck check = check_gradients(c.f, {Tensor<double>(c.at[i])}, c.options);
      EXPECT_EQ(check.count(c.verdicts[i]), 1u) << c.name << " at " << c.at[i] << ": " << check;
      EXPECT_EQ(check.ok(), c.verdicts[i] == agrees || c.verdicts[i] == kink) << c.name << ": " << check;
    }
}

TEST(Verdict, OfFloats) {
  const auto one = [](auto f, float x, CheckOptions options = {}) {
    return check_gradients(f, {Tensor<float>(x)}, options);
  };
  EXPECT_EQ(one([](const auto& in) { return relu(in[0]); }, 0).count(kink), 1u);
  EXPECT_EQ(one([](const auto& in) { return floor(in[0]) * in[0]; }, 2).count(kink), 1u);
  EXPECT_EQ(one([](const auto& in) { return exp(8 * in[0]); }, 0.5f, {.step = 0.25}).count(truncation), 1u);
  // The sum moves by less than its last digit, or by all of it.
  EXPECT_EQ(one([](const auto& in) { return exp(in[0]) + 1000; }, 0.5f, {.step = 1e-5}).count(rounding), 1u);
}

TEST(Verdict, OfScalars) {
  const GradientCheck check = check_gradients(
      [](const std::vector<Scalar>& in) { return relu(in[0]) + abs(in[1]) * in[2]; }, {0.0, 2.0, 3.0});
  EXPECT_TRUE(check.ok()) << check;
  EXPECT_EQ(check.count(kink), 1u);
  EXPECT_EQ(check.kinks().front().left_slope, 0);
  EXPECT_NEAR(check.kinks().front().right_slope, 1, 1e-9);
}

TEST(Verdict, KinksAreListedWithTheirSlopes) {
  const GradientCheck check = check_gradients([](const Tensors& in) { return sum(2 * relu(in[0])); },
                                              {variable(xt::xarray<double>{-1, 0, 3, 1e-7}).named("x")});
  EXPECT_TRUE(check.ok());
  EXPECT_EQ(check.size(), 4u);
  ASSERT_EQ(check.kinks().size(), 2u);
  const GradientCheck::Element &at = check.kinks()[0], &beside = check.kinks()[1];
  EXPECT_EQ(at.index, Shape{1});
  EXPECT_EQ(at.left_slope, 0);
  EXPECT_NEAR(at.right_slope, 2, 1e-6);
  EXPECT_NEAR(beside.left_slope, 0, 1e-6);
  EXPECT_NEAR(beside.right_slope, 2, 1e-6);
  EXPECT_LT(check.max_relative_error(), 1e-6);
  EXPECT_NE(text(check).find("in 4 elements, but for 2 kinks\n"), std::string::npos) << text(check);
  EXPECT_NE(text(check).find("kink, no failure: input 0 'x' at (1): slope 0 on the left, 2 on the right"),
            std::string::npos)
      << text(check);

  const GradientCheck many =
      check_gradients([](const Tensors& in) { return relu(in[0]); }, {variable(xt::zeros<double>({100}))});
  EXPECT_TRUE(many.ok());
  EXPECT_EQ(many.count(kink), 100u);
  EXPECT_EQ(many.kinks().size(), GradientCheck::most_kinks);
  EXPECT_NE(text(many).find("and 84 kinks more"), std::string::npos) << text(many);
}

TEST(Verdict, OneWrongElementAmongKinksFails) {
  const auto f = [](const Tensors& in) { return relu(in[0]) + planted_abs(in[0], 3); };
  const GradientCheck check = check_gradients(f, {variable(xt::xarray<double>{1, 0, -1})});
  EXPECT_FALSE(check.ok());
  EXPECT_EQ(check.count(wrong), 1u) << check;
  EXPECT_EQ(check.count(agrees), 2u);
}

TEST(Verdict, SaysWhichStepWouldDo) {
  const auto f = [](const Tensors& in) { return exp(8 * in[0]); };
  for (const double step : {0.1, 1e-12}) {
    const GradientCheck check = check_gradients(f, {Tensor<double>(0.3)}, {.step = step});
    const Verdict verdict = step == 0.1 ? truncation : rounding;
    ASSERT_TRUE(check.worst(verdict)) << check;
    ASSERT_TRUE(check.worst(verdict)->better) << check;
    const GradientCheck::Suggestion better = *check.worst(verdict)->better;
    EXPECT_TRUE(
        check_gradients(f, {Tensor<double>(0.3)}, {.stencil = better.stencil, .step = better.step}).ok());
    EXPECT_NE(text(check).find("the rule is not to blame"), std::string::npos) << check;
  }
  const GradientCheck lost =
      check_gradients([](const Tensors& in) { return exp(in[0]) + 1e14; }, {Tensor<double>(0.3)});
  EXPECT_NE(text(lost).find("too noisy to judge"), std::string::npos) << lost;
}

}  // namespace
}  // namespace gradus
