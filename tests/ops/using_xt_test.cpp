#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// xtensor has functions of many of our names, and they take anything. Ours must be preferred for tensors,
// also where a program opens both namespaces.
namespace {

using namespace xt;
using namespace gradus;

const xarray<double> a{{1, 2}, {3, 4}};
const xarray<bool> mask{{true, false}, {false, true}};

// One line for each way to call; a call that goes astray does not compile.
TEST(UsingXt, CallsOnTensorsAreOurs) {
  Tensor<double> x = variable(a);
  const Tensor<double> fixed = x;
  const Scalar s = variable(2);
  const std::vector<int> axes{1, 0};
#define IS_OURS(...) static_assert(std::is_same_v<decltype(__VA_ARGS__), Tensor<double>>)
#define EXPECT_OURS(...) \
  IS_OURS(__VA_ARGS__);  \
  EXPECT_TRUE((__VA_ARGS__).requires_grad()) << #__VA_ARGS__

// Of these, made by one macro each, the type says which was chosen.
#define EXPECT_UNARY(function, Rule) \
  IS_OURS(function(x));              \
  IS_OURS(function(fixed));          \
  IS_OURS(function(x + 1));
  GRADUS_UNARY_OPS(EXPECT_UNARY)

#define EXPECT_BINARY(function, Rule)  \
  IS_OURS(gradus::function(x, fixed)); \
  IS_OURS(gradus::function(x, a));     \
  IS_OURS(gradus::function(a + a, x)); \
  IS_OURS(gradus::function(x, 2));     \
  IS_OURS(gradus::function(fixed, s));
  GRADUS_BINARY_OPS(EXPECT_BINARY)
  EXPECT_OURS(exp(x));
  EXPECT_OURS(exp(x + 1));
  EXPECT_OURS(pow(x, 2));
  EXPECT_OURS(maximum(x, a));
  EXPECT_OURS(minimum(a, x));
  EXPECT_OURS(where(mask, x, a));
  EXPECT_OURS(-x);
  EXPECT_OURS(x + a);
  EXPECT_OURS(a * x);
  EXPECT_OURS(2 / x - fixed);

#define EXPECT_REDUCTION(function)        \
  EXPECT_OURS(function(x));               \
  EXPECT_OURS(function(fixed));           \
  EXPECT_OURS(function(x* x));            \
  EXPECT_OURS(function(x, 0));            \
  EXPECT_OURS(function(fixed, -1, true)); \
  EXPECT_OURS(function(x, {0}));          \
  EXPECT_OURS(function(x, {0, 1}, true)); \
  EXPECT_OURS(function(x, {}, true));     \
  EXPECT_OURS(function(x, axes));         \
  EXPECT_OURS(function(x, Shape{0}));     \
  EXPECT_OURS(function(x, axes, true))
  EXPECT_REDUCTION(sum);
  EXPECT_REDUCTION(mean);
  EXPECT_REDUCTION(prod);
  EXPECT_REDUCTION(gradus::max);
  EXPECT_REDUCTION(gradus::min);
  EXPECT_REDUCTION(var);
  EXPECT_REDUCTION(logsumexp);
  EXPECT_REDUCTION(norm);
  EXPECT_OURS(var(x, {0}, {.ddof = 1}));
  EXPECT_OURS(var(x, 0, {.ddof = 1}));
  EXPECT_EQ(sum(x, {}, true).shape(), (Shape{1, 1})) << "all axes";

  EXPECT_OURS(transpose(x));
  EXPECT_OURS(transpose(fixed, {1, 0}));
  EXPECT_OURS(transpose(x, axes));
  EXPECT_OURS(transpose(x, Shape{1, 0}));
  EXPECT_OURS(reshape(x, {4}));
  EXPECT_OURS(reshape(x, fixed.shape()));
  EXPECT_OURS(broadcast_to(x, {2, 2, 2}));
  EXPECT_OURS(expand_dims(x, 0));
  EXPECT_OURS(expand_dims(x, {0, -1}));
  EXPECT_OURS(squeeze(x));
  EXPECT_OURS(squeeze(expand_dims(x, 0), 0));
  EXPECT_OURS(squeeze(expand_dims(x, 0), Shape{0}));
  EXPECT_OURS(concatenate({x, fixed}, 0));
  EXPECT_OURS(stack({x, fixed}));
  EXPECT_OURS(take(x, xarray<int>{0, 1}, 0));
  EXPECT_OURS(clip(x, 0, 1));
  EXPECT_OURS(softmax(x));
  EXPECT_OURS(log_softmax(x, 0));
  EXPECT_OURS(matmul(x, a));
  EXPECT_OURS(cross_entropy(x, xarray<int>{0, 1}));
}

TEST(UsingXt, CallsOnArraysStayXtensors) {
  EXPECT_EQ(xarray<double>(sum(a))(), 10);
  EXPECT_EQ(xarray<double>(sum(a, {0}))(1), 6);
  EXPECT_EQ(xarray<double>(exp(a - a))(0, 0), 1);
  EXPECT_EQ(xarray<double>(transpose(a))(0, 1), 3);
}

}  // namespace
