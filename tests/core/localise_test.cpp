#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Which step of a function a gradient check blames.
namespace gradus {
namespace {

using Tensors = std::vector<Tensor<double>>;
using Step = GradientCheck::WrongStep;

const xt::xarray<double> numbers{{0.3, -1.2, 2.0}, {0.7, 1.5, -0.4}};

std::string text(const GradientCheck& check) {
  std::ostringstream out;
  out << check;
  return out.str();
}

bool has(const GradientCheck& check, const std::string& part) {
  return text(check).find(part) != std::string::npos;
}

/// x^3, whose rule is right for the factor 3.
template <class T>
Tensor<T> cube(const Tensor<T>& x, double factor) {
  return custom_op<T>(
      "cube", {x}, [](const auto& in) { return in[0] * in[0] * in[0]; },
      [factor](const auto& g, const auto& in, const auto&) {
        return std::vector{flow(g, factor * square(in[0]))};
      });
}

/// a b, with what the rule says of each operand multiplied by a factor.
Tensor<double> product(const Tensor<double>& a, const Tensor<double>& b, const xt::xarray<double>& of_a,
                       const xt::xarray<double>& of_b) {
  return custom_op(
      "product", {a, b}, [](const auto& in) { return in[0] * in[1]; },
      [of_a, of_b](const auto& g, const auto& in, const auto&) {
        return std::vector{flow(g, in[1] * of_a), flow(g, in[0] * of_b)};
      });
}

TEST(Localise, AWrongRuleDeepInsideANetwork) {
  for (const int depth : {0, 3, 12}) {
    const auto f = [depth](const Tensors& in) {
      Tensor<double> y = in[0];
      for (int i = 0; i < depth; ++i) y = tanh(1.3 * y) + 0.2 * in[0];
      y = cube(y, 2.9).named("third power");
      for (int i = 0; i < 20 - depth; ++i) y = i % 2 ? sigmoid(y) * 3 : matmul(y, transpose(y)) * 0.3;
      return mean(y);
    };
    const GradientCheck check = check_gradients(f, {variable(numbers)});
    ASSERT_TRUE(check.wrong_step()) << check;
    const Step& step = *check.wrong_step();
    EXPECT_EQ(step.op, "cube");
    EXPECT_EQ(step.name, "third power");
    EXPECT_EQ(step.number, static_cast<std::size_t>(4 * depth + 1));
    EXPECT_EQ(step.stage, static_cast<std::uint32_t>(3 * depth + 1));
    EXPECT_EQ(step.shape, (Shape{2, 3}));
    EXPECT_EQ(step.input, 0u);
    EXPECT_EQ(step.input_shape, (Shape{2, 3}));
    EXPECT_NEAR(step.analytic / step.numerical, 2.9 / 3, 1e-6);
    EXPECT_TRUE(has(check, "wrong: cube 'third power', step ")) << check;
  }
}

// Gradients of what f captures stay, and so does what the check has found, whatever is thrown meanwhile.
TEST(Localise, SurvivesWhatRulesAndFunctionsThrow) {
  const Tensor<double> captured = variable(numbers);
  sum(captured * 3).backward();
  for (const bool in_rule : {true, false})
    for (const int good_calls : {1, 2, 3}) {
      int calls = 0;
      const auto f = [&](const Tensors& in) {
        if (!in_rule && detail::step_observer && ++calls > good_calls) throw std::runtime_error("no more");
        return sum(custom_op(
            "odd", {in[0], captured}, [](const auto& x) { return x[0] * x[1]; },
            [&](const auto& g, const auto& x, const auto&) {
              if (in_rule && ++calls > good_calls) throw std::runtime_error("no more");
              return std::vector{flow(g, x[1] * 1.1), flow(g, x[0])};
            }));
      };
      const GradientCheck check = check_gradients(f, {variable(numbers)});
      EXPECT_FALSE(check.ok());
      EXPECT_TRUE(has(check, "no more")) << check;
      EXPECT_EQ(captured.grad(), (xt::xarray<double>{{3, 3, 3}, {3, 3, 3}}));
    }
}

TEST(Localise, OneElementOfManyInputs) {
  const xt::xarray<double> right = xt::ones<double>({2, 3});
  for (std::size_t row = 0; row < 2; ++row)
    for (std::size_t column = 0; column < 3; ++column)
      for (const std::size_t side : {0u, 1u}) {
        xt::xarray<double> factors = right;
        factors(row, column) = 1.001;
        const auto f = [&](const Tensors& in) {
          const Tensor<double> a = exp(in[0]).named("a"), b = cos(in[1]);
          return sum(tanh(side == 0 ? product(a, b, factors, right) : product(a, b, right, factors)));
        };
        const GradientCheck check = check_gradients(f, {variable(numbers), variable(numbers + 0.1)});
        ASSERT_TRUE(check.wrong_step()) << check;
        const Step& step = *check.wrong_step();
        EXPECT_EQ(step.op, "product");
        EXPECT_EQ(step.number, 3u);
        EXPECT_EQ(step.of, 5u);
        EXPECT_EQ(step.input, side);
        EXPECT_EQ(step.index, (Shape{row, column}));
        EXPECT_EQ(step.input_text, side == 0 ? "the result of exp 'a', step 1" : "the result of cos, step 2");
        EXPECT_NEAR(step.relative_error, 0.001 / 1.001, 1e-6);
      }
}

TEST(Localise, OneElementOfALargeStep) {
  xt::xarray<double> factors = xt::ones<double>({30, 40});
  factors(17, 23) = 0.5;
  int calls = 0;
  const auto f = [&](const Tensors& in) {
    ++calls;
    return sum(product(broadcast_to(sin(in[0]), {30, 40}), Tensor<double>(2.0), factors, factors));
  };
  const GradientCheck check = check_gradients(f, {variable(xt::xarray<double>{0.7})});
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->op, "product");
  EXPECT_EQ(check.wrong_step()->index, (Shape{17, 23}));
  EXPECT_LT(calls, 200);
}

TEST(Localise, AWrongBroadcast) {
  const auto f = [](const Tensors& in) {
    const Tensor<double> shifted = custom_op(
        "shift", {in[0], in[1]}, [](const auto& v) { return v[0] + v[1]; },
        [](const auto& g, const auto&, const auto&) {
          return std::vector{g, broadcast_to(mean(g, 0), {3})};  // not the sum
        });
    return sum(exp(shifted));
  };
  const GradientCheck check =
      check_gradients(f, {variable(numbers), variable(xt::xarray<double>{1, 2, 3}).named("bias")});
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->op, "shift");
  EXPECT_EQ(check.wrong_step()->input, 1u);
  EXPECT_EQ(check.wrong_step()->input_text, "input 1 'bias' of f");
  EXPECT_NEAR(check.wrong_step()->relative_error, 0.5, 1e-6);
}

TEST(Localise, TheFirstOfTwoWrongSteps) {
  const auto f = [](const Tensors& in) { return sum(cube(sin(cube(tanh(in[0]), 2)), 2)); };
  const GradientCheck check = check_gradients(f, {variable(numbers)});
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->number, 2u);
}

TEST(Localise, AnInputThatIsGivenTwice) {
  const xt::xarray<double> right = xt::ones<double>({2, 3});
  const auto f = [&](const Tensors& in) { return sum(product(in[0], in[0], right, 1.5 * right)); };
  const GradientCheck check = check_gradients(f, {variable(numbers)});
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->op, "product");
  EXPECT_NEAR(check.wrong_step()->analytic / check.wrong_step()->numerical, 1.25, 1e-6);
  const auto g = [&](const Tensors& in) { return sum(cube(in[0] * in[0], 2)); };
  EXPECT_EQ(check_gradients(g, {variable(numbers)}).wrong_step()->number, 2u);
}

TEST(Localise, Floats) {
  const auto f = [](const std::vector<Tensor<float>>& in) { return sum(exp(cube(tanh(in[0]), 2))); };
  const GradientCheck check = check_gradients(f, {variable(xt::xarray<float>(numbers))});
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->op, "cube");
  EXPECT_NEAR(check.wrong_step()->relative_error, 1 / 3.0, 1e-2);
}

struct Outside {
  const char* name;
  std::function<Tensor<double>(const Tensors&)> f;
  const char* fed;  // the step that is handed a value from outside; empty: the result itself
};

TEST(Localise, ValuesOutsideOfTheGraph) {
  const std::vector<Outside> list{
      {"detach", [](const Tensors& in) { return sum(sin(in[0]) * exp(in[0]).detach()); }, "mul, step 3 of 4"},
      {"of the same step",
       [](const Tensors& in) {
         const Tensor<double> y = tanh(in[0]);
         return sum(y * y.detach());
       },
       "mul, step 2 of 3"},
      {"of the input itself", [](const Tensors& in) { return sum(in[0] * in[0].detach()); },
       "mul, step 1 of 2"},
      {"NoGrad",
       [](const Tensors& in) {
         Tensor<double> total;
         {
           const NoGrad off;
           total = sum(exp(in[0]));
         }
         return sin(in[0]) * total;
       },
       "mul, step 3 of 3"},
      {"value()",
       [](const Tensors& in) {
         const xt::xarray<double> copy = in[0].value();
         return sum(sin(in[0]) * copy);
       },
       "mul, step 2 of 3"},
      {"everything", [](const Tensors& in) { return sum(exp(in[0].detach())); }, ""},
  };
  for (const Outside& c : list) {
    const GradientCheck check = check_gradients(c.f, {variable(numbers)});
    EXPECT_FALSE(check.ok()) << c.name;
    EXPECT_FALSE(check.wrong_step()) << c.name << ": " << check;
    EXPECT_TRUE(has(check, "agrees with its own value")) << c.name << ": " << check;
    EXPECT_TRUE(has(check, "outside of the graph (detach()")) << c.name << ": " << check;
    const std::string fed = *c.fed ? std::string(c.fed) + ", is handed" : "f uses a value";
    EXPECT_TRUE(has(check, fed)) << c.name << ": " << check;
  }
}

TEST(Localise, FunctionsThatRecordOtherStepsEachTime) {
  int calls = 0;
  const auto more = [&](const Tensors& in) {
    Tensor<double> y = cube(in[0], 2);
    return ++calls % 2 ? sum(y) : sum(y * 1);
  };
  const auto other = [&](const Tensors& in) {
    const Tensor<double> y = cube(in[0], 2);
    return ++calls % 2 ? sum(y + 0) : sum(y * 1);
  };
  const auto fewer = [&](const Tensors& in) {
    const Tensor<double> y = cube(in[0], 2) * 1;
    return ++calls % 2 ? sum(y) : sum(y) * 1;
  };
  for (const auto& f : std::vector<std::function<Tensor<double>(const Tensors&)>>{more, other, fewer}) {
    const GradientCheck check = check_gradients(f, {variable(numbers)});
    EXPECT_FALSE(check.ok());
    EXPECT_FALSE(check.wrong_step()) << check;
    EXPECT_TRUE(has(check, "f records other steps, or other shapes")) << check;
  }
}

TEST(Localise, OpsThatRecordStepsOfTheirOwn) {
  const auto inner = [](const Tensors& v) { return cos(v[0]) * sin(v[0]); };
  const Tensor<double> weight = variable(numbers);
  const auto captures = [weight](const Tensors& v) { return cos(v[0] * weight) * weight; };
  const auto fused = [](const Tensor<double>& x) {
    return fuse([](auto v) { return sin(v) * exp(v) + v; }, x);
  };
  const std::vector<std::function<Tensor<double>(const Tensors&)>> list{
      [&](const Tensors& in) { return sum(cube(checkpoint<double>(inner, {exp(in[0])}), 2)); },
      [&](const Tensors& in) { return sum(checkpoint<double>(captures, {cube(in[0], 2)})); },
      [&](const Tensors& in) { return sum(cube(fused(in[0]), 2)); },
      [&](const Tensors& in) { return sum(fused(cube(in[0], 2))); },
      [&](const Tensors& in) { return sum(exp(cube(tanh(exp(-abs(-in[0]))), 2) + 1) * 2); },  // temporaries
      [&](const Tensors& in) {
        const Tensor<double> c = custom_op(
            "inner", {in[0]},
            [](const auto& v) {
              return jacobian([](const Tensor<double>& x) { return sum(x * x * x); }, v[0]);
            },
            [](const auto& g, const auto& v, const auto&) { return std::vector{flow(g, 6 * v[0])}; });
        return sum(cube(c, 2));
      },
  };
  for (std::size_t i = 0; i < list.size(); ++i) {
    const GradientCheck check = check_gradients(list[i], {variable(numbers)});
    ASSERT_TRUE(check.wrong_step()) << i << ": " << check;
    EXPECT_EQ(check.wrong_step()->op, "cube") << i << ": " << check;
  }
  // What is wrong inside of a checkpoint is the checkpoint's.
  const auto broken = [](const Tensors& v) { return cube(v[0], 2) * v[0]; };
  const GradientCheck check = check_gradients(
      [&](const Tensors& in) { return sum(checkpoint<double>(broken, {exp(in[0])})); }, {variable(numbers)});
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->op, "checkpoint");
}

TEST(Localise, MixedGraphs) {
  const auto tensor_part = [](const Tensors& in) {
    const Scalar s = to_scalar(sum(cube(in[0], 2.9)));
    return exp(in[0] * (s * 0.1)) * sin(s);
  };
  GradientCheck check = check_gradients(tensor_part, {variable(numbers)});
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->op, "cube");

  const auto after_scalars = [](const std::vector<Scalar>& in) {
    return to_scalar(sum(cube(stack({in[0] * in[1], exp(in[0])}), 2)));
  };
  check = check_gradients(after_scalars, {0.5, 2.0});
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->op, "cube");
  EXPECT_EQ(check.wrong_step()->input_text, "the result of stack, step 1");

  const auto scalar_part = [](const Tensors& in) {
    const Scalar s = to_scalar(sum(in[0]));
    return sin(in[0]) * (s * s.value());
  };
  check = check_gradients(scalar_part, {variable(numbers)});
  EXPECT_FALSE(check.ok());
  EXPECT_FALSE(check.wrong_step()) << check;
  EXPECT_TRUE(has(check, "the steps on Scalars were not checked one by one")) << check;

  check = check_gradients([](const std::vector<Scalar>& in) { return in[0] * in[0].value(); }, {2.0});
  EXPECT_FALSE(check.ok());
  EXPECT_TRUE(has(check, "the steps on Scalars were not checked one by one")) << check;
}

TEST(Localise, BehindAJump) {
  // floor jumps where it is asked; what its rule says is right, that of cube is not.
  const auto f = [](const Tensors& in) { return sum(cube(in[0] + floor(in[0]), 4)); };
  const GradientCheck check = check_gradients(f, {variable(xt::xarray<double>{1, 2})});
  EXPECT_EQ(check.count(Verdict::wrong), 2u) << check;
  ASSERT_TRUE(check.wrong_step()) << check;
  EXPECT_EQ(check.wrong_step()->op, "cube");
}

TEST(Localise, KinksThatTogetherMakeNone) {
  // relu(x) - relu(-x) is x, of slope 1; each rule has chosen 0.
  const auto f = [](const Tensors& in) { return sum(relu(in[0]) - relu(-in[0])); };
  const GradientCheck check = check_gradients(f, {variable(xt::xarray<double>{1, 0})});
  EXPECT_EQ(check.count(Verdict::wrong), 1u) << check;
  EXPECT_FALSE(check.wrong_step()) << check;
  EXPECT_TRUE(has(check, "relu, step ")) << check;
  EXPECT_TRUE(has(check, "is at a kink or a jump: the slope that its rule has chosen")) << check;
}

TEST(Localise, NotWhenAskedNotTo) {
  int calls = 0;
  const auto f = [&](const Tensors& in) { return ++calls, sum(cube(in[0], 2)); };
  const GradientCheck check = check_gradients(f, {variable(numbers)}, {.localise = false});
  EXPECT_FALSE(check.ok());
  EXPECT_FALSE(check.wrong_step());
  const int without = calls;
  calls = 0;
  EXPECT_TRUE(check_gradients(f, {variable(numbers)}).wrong_step());
  EXPECT_GT(calls, without);
}

TEST(Localise, LeavesGradientsAndValuesAsTheyWere) {
  const Tensor<double> outside = variable(numbers), a = variable(numbers);
  sum(outside * 2).backward();
  const xt::xarray<double> before = outside.grad();
  const auto f = [&](const Tensors& in) { return sum(cube(in[0] * outside, 2)); };
  ASSERT_TRUE(check_gradients(f, {a}).wrong_step());
  EXPECT_EQ(xt::xarray<double>(outside.grad()), before);
  EXPECT_EQ(xt::xarray<double>(outside.value()), numbers);
  EXPECT_EQ(xt::xarray<double>(a.value()), numbers);
  EXPECT_FALSE(a.has_grad());
}

}  // namespace
}  // namespace gradus
