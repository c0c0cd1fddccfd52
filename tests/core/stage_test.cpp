#include "../elementwise_ops.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Variables and constants are at stage 0, a step at 1 + the largest stage of its inputs; each op is one step.
namespace gradus {
namespace {

using Matrix = xt::xarray<double>;

TEST(Stage, OfScalars) {
  const Scalar x = variable(0.5), c = 2.0;
  EXPECT_EQ(x.stage(), 0u);
  EXPECT_EQ(c.stage(), 0u);
  EXPECT_EQ((c * c).stage(), 0u);
  const Scalar a = x * c, b = a + x;
  EXPECT_EQ(a.stage(), 1u);
  EXPECT_EQ(b.stage(), 2u);
  EXPECT_EQ((a * b).stage(), 3u);
  EXPECT_EQ((b * a).stage(), 3u);
  EXPECT_EQ((2.0 - a).stage(), 2u);
  EXPECT_EQ(b.detach().stage(), 0u);
  backward(b, {.retain_graph = true});
  EXPECT_EQ(b.stage(), 2u);
}

TEST(Stage, EveryOpOfOneOperandIsOneStep) {
  for (const testing::UnaryOp& op : testing::unary_ops()) {
    EXPECT_EQ(op(variable(0.7)).stage(), 1u) << op.name;
    EXPECT_EQ(op(variable(Matrix{0.7, 0.8})).stage(), 1u) << op.name;
  }
}

TEST(Stage, EveryOpOfTwoOperandsIsOneStep) {
  for (const testing::BinaryOp& op : testing::binary_ops()) {
    EXPECT_EQ(op(variable(0.7), variable(0.8)).stage(), 1u) << op.name;
    EXPECT_EQ(op(variable(0.7), 0.8).stage(), 1u) << op.name;
    EXPECT_EQ(op(0.7, variable(0.8)).stage(), 1u) << op.name;
    EXPECT_EQ(op(variable(Matrix{0.7}), variable(Matrix{0.8})).stage(), 1u) << op.name;
    EXPECT_EQ(op(variable(Matrix{0.7}), 0.8).stage(), 1u) << op.name;
  }
  EXPECT_EQ((variable(Matrix{0.7}) * variable(0.8)).stage(), 1u);
  EXPECT_EQ(maximum(variable(0.7), variable(Matrix{0.8})).stage(), 1u);
}

TEST(Stage, TensorOpsAreOneStepEach) {
  const Tensor<double> x = variable(Matrix{{1, 2}, {3, 4}});
  const xt::xarray<int> labels{0, 1};
  const std::vector<Tensor<double>> results{sum(x),
                                            mean(x, {0}),
                                            max(x),
                                            min(x, {1}, true),
                                            var(x),
                                            logsumexp(x),
                                            norm(x),
                                            softmax(x),
                                            log_softmax(x),
                                            matmul(x, x),
                                            linear(x, x, sum(x, {0}).detach()),
                                            clip(x, 0, 2),
                                            transpose(x),
                                            reshape(x, {4}),
                                            broadcast_to(x, {3, 2, 2}),
                                            concatenate({x, x}, 0),
                                            stack({x, x}),
                                            take(x, labels, 0),
                                            cross_entropy(x, labels)};
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].stage(), 1u) << i;
}

TEST(Stage, CountsThroughBothGraphs) {
  const Scalar x = variable(0.5), s = x * 2.0;
  const Tensor<double> w = variable(Matrix{1, 2, 3});
  EXPECT_EQ(to_tensor(s).stage(), 1u);  // the same wire
  const Tensor<double> t = w * s;
  EXPECT_EQ(t.stage(), 2u);
  const Tensor<double> v = stack({s, x, s * s});
  EXPECT_EQ(v.stage(), 3u);
  const Scalar total = to_scalar(sum(t * v));
  EXPECT_EQ(total.stage(), 6u);
  EXPECT_EQ((total * x).stage(), 7u);
}

TEST(Stage, OfAnOldLossIsRememberedWhenItsGraphHasBeenGivenBack) {
  const Scalar x = variable(0.5);
  std::vector<Scalar> losses;
  for (int i = 0; i < 10; ++i) {
    Scalar y = x;
    for (int k = 0; k < 100'000; ++k) y = y * 0.5;
    y.backward();
    losses.push_back(y);
  }
  for (const Scalar& loss : losses) EXPECT_EQ(loss.stage(), 100'000u);
}

}  // namespace
}  // namespace gradus
