#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

namespace {

using namespace gradus;
using Tensors = std::vector<Tensor<double>>;

Tensor<double> random(const Shape& shape, std::uint64_t seed) {
  Rng rng{seed};
  Array<double> values = empty_array<double>(shape);
  for (double& v : values) v = rng.normal();
  return variable(values);
}

/// Eight layers, each checkpointed or not.
Tensor<double> network(Tensor<double> x, const Tensors& weights, bool checkpointed) {
  for (const Tensor<double>& w : weights) {
    const auto layer = [w](const Tensors& in) { return tanh(matmul(in[0], w)); };
    x = checkpointed ? checkpoint(layer, {x}) : layer({x});
  }
  return sum(x * x);
}

TEST(Checkpoint, GradientsAreTheSameBits) {
  const Tensor<double> x = random({4, 5}, 1);
  Tensors weights;
  for (std::uint64_t i = 0; i < 8; ++i) weights.push_back(random({5, 5}, 10 + i));
  network(x, weights, false).backward();
  std::vector<Array<double>> expected{x.grad()};
  for (const Tensor<double>& w : weights) expected.push_back(w.grad());
  x.zero_grad();
  for (const Tensor<double>& w : weights) w.zero_grad();
  const Tensor<double> y = network(x, weights, true);
  EXPECT_EQ(y.stage(), 10U);
  y.backward();
  EXPECT_EQ(x.grad(), expected[0]);
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(weights[i].grad(), expected[1 + i]);
}

TEST(Checkpoint, FreeGradLeavesGradientsAlone) {
  const Tensor<double> x = random({2, 2}, 1), w = random({2, 2}, 2);
  const Tensor<double> y = network(x, {w}, true);
  const Tensors g = grad(y, {x, w});
  EXPECT_FALSE(w.has_grad());
  const Tensors expected = grad(network(x, {w}, false), {x, w});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(g[i].value(), expected[i].value());
}

TEST(Checkpoint, ACapturedVariableMustNotChange) {
  const Tensor<double> x = random({2, 2}, 1), w = random({2, 2}, 2);
  const Tensor<double> y = network(x, {w}, true);
  w.set_value(x.value());
  EXPECT_THROW(y.backward(), GraphError);
  EXPECT_FALSE(x.has_grad());
}

TEST(Checkpoint, VariablesOfAnotherKindCannotBeCaptured) {
  const Tensor<double> x = random({2, 2}, 1);
  const Scalar scale = variable(3.0).named("scale");
  const Tensor<float> single = variable(xt::xarray<float>{2.0f}).named("single");
  const auto error_of = [&](auto f) {
    try {
      checkpoint(f, Tensors{x});
    } catch (const GraphError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(error_of([=](const Tensors& in) { return in[0] * scale; }),
            "[checkpoint] f uses the variable 'scale', a Scalar, without being given it: only tensors of the "
            "inputs' element type may be used so");
  EXPECT_NE(error_of([=](const Tensors& in) { return in[0] * to_scalar(single); }).find("'single'"),
            std::string::npos);
  EXPECT_EQ(error_of([=](const Tensors& in) { return in[0] * scale.detach(); }), "");
}

TEST(Checkpoint, ASecondSweepNeedsRetainGraph) {
  const Tensor<double> x = random({2, 2}, 1), w = random({2, 2}, 2);
  const Tensor<double> y = network(x, {w}, true);
  backward(y, {.retain_graph = true});
  y.backward();
  EXPECT_THROW(y.backward(), GraphError);
}

TEST(CustomOp, WrongRulesAreFoundWhenSwept) {
  const Tensor<double> x = variable(xt::xarray<double>{1, 2});
  const auto with_rule = [&](auto rule) {
    return sum(custom_op(
        "mine", {x}, [](const auto& in) { return 2 * in[0]; }, rule));
  };
  const auto none = [](const auto&, const auto&, const auto&) { return Tensors{}; };
  const auto wide = [](const auto&, const auto&, const auto&) {
    return Tensors{Tensor<double>(xt::xarray<double>{1, 2, 3})};
  };
  EXPECT_THROW(with_rule(none).backward(), GraphError);
  EXPECT_THROW(with_rule(wide).backward(), ShapeError);
  try {
    with_rule(none).backward();
  } catch (const GraphError& error) {
    EXPECT_NE(std::string(error.what()).find("[mine]"), std::string::npos);
  }
}

}  // namespace
