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
  EXPECT_REDUCTION(stddev);
  EXPECT_OURS(var(x, {0}, {.ddof = 1}));
  EXPECT_OURS(var(x, 0, {.ddof = 1}));
  EXPECT_OURS(stddev(x, {0}, {.ddof = 1}));
  EXPECT_OURS(gradus::std(x, 0));
  EXPECT_OURS(norm(x, {}, {.p = 1}));
  EXPECT_OURS(norm(x, 0, {.p = 3}));
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

TEST(UsingXt, CallsThatMoveTensorsAreOurs) {
  using namespace xt::placeholders;
  Tensor<double> x = variable(a);
  const Tensor<double> fixed = x;
  const std::vector<int> numbers{1, 2};
#define EXPECT_BY_NUMBER(function) \
  EXPECT_OURS(function(x));        \
  EXPECT_OURS(function(fixed));    \
  EXPECT_OURS(function(x + 1));    \
  EXPECT_OURS(function(x, 1))
  EXPECT_BY_NUMBER(flip);
  EXPECT_BY_NUMBER(diag);
  EXPECT_BY_NUMBER(diagonal);
  EXPECT_BY_NUMBER(trace);
  EXPECT_BY_NUMBER(tril);
  EXPECT_BY_NUMBER(triu);
  EXPECT_BY_NUMBER(cumsum);
  EXPECT_BY_NUMBER(cumprod);
  EXPECT_BY_NUMBER(gradus::sort);
  EXPECT_OURS(ravel(x));
  EXPECT_OURS(swapaxes(x, 0, 1));
  EXPECT_OURS(moveaxis(x, 0, -1));
  EXPECT_OURS(moveaxis(x, {0, 1}, {1, 0}));
  EXPECT_OURS(flip(x, {0, 1}));
  EXPECT_OURS(flip(x, Shape{0}));
  EXPECT_OURS(diagonal(x, 0, 1, 0));
  EXPECT_OURS(roll(x, 1));
  EXPECT_OURS(roll(fixed, 1, 0));
  EXPECT_OURS(roll(x, {1, 2}, {0, 1}));
  EXPECT_OURS(roll(x, 1, {0, 1}));
  EXPECT_OURS(pad(x, 1));
  EXPECT_OURS(pad(fixed, 1, 0.5));
  EXPECT_OURS(pad(x, {1, 2}));
  EXPECT_OURS(pad(x, {{1, 2}, {0, 1}}));
  EXPECT_OURS(pad(x, {{1, 2}, {0, 1}}, 2));
  EXPECT_OURS(tile(x, 2));
  EXPECT_OURS(tile(fixed, {2, 1}));
  EXPECT_OURS(tile(x, numbers));
  EXPECT_OURS(repeat(x, 2));
  EXPECT_OURS(repeat(fixed, 2, 0));
  EXPECT_OURS(repeat(x, {1, 2}, 0));
  EXPECT_OURS(repeat(x, numbers, 0));
  EXPECT_OURS(+split(x, 2)[0]);
  EXPECT_OURS(+split(fixed, 2, 1)[0]);
  EXPECT_OURS(+split(x, {1}, 0)[0]);
  EXPECT_OURS(+chunk(x, 2, 1)[0]);
  EXPECT_OURS(slice(x, {range(0, 1), all()}));
  EXPECT_OURS(slice(x, {range(_, _, -1), newaxis(), ellipsis(), 0}));
  EXPECT_OURS(slice(x, {range({}, 1, 1), range(1, {})}));
  EXPECT_OURS(take_along_axis(x, xarray<int>{{0, 1}}, 0));
  EXPECT_OURS(gather(x, xarray<int>{{0, 1}}, 0));
  EXPECT_OURS(scatter_add(x, xarray<int>{{0, 1}, {1, 1}}, a, 0));
  EXPECT_OURS(mask_select(x, mask));
  EXPECT_OURS(topk(x, 1).values);
  EXPECT_EQ(argmax(x, 1)(0), 1);
  EXPECT_EQ(argsort(x)(0, 1), 1);
  EXPECT_TRUE(any(x > 3) && any(mask) && !all(mask) && all(x));
  xarray<double> b{{0, 9}, {9, 0}};  // which may change, as x may
  Tensor<double> y = x;
  const Array<bool> larger = y > b, smaller = b < y, at_least = x * 1 >= b, at_most = b + 0 <= y;
  EXPECT_TRUE(larger == smaller && at_least == at_most && larger(0, 0) && !larger(0, 1));
  EXPECT_OURS(where(y > b, y, b));
  EXPECT_EQ(any(x, {0}).size() + all(mask, {0}).size(), 4u);
  EXPECT_EQ(count_nonzero(x), 4u);
  EXPECT_EQ(count_nonzero(x, 0)(1), 2);
}

TEST(UsingXt, CallsOnArraysStayXtensors) {
  EXPECT_EQ(xarray<double>(sum(a))(), 10);
  EXPECT_EQ(xarray<double>(sum(a, {0}))(1), 6);
  EXPECT_EQ(xarray<double>(exp(a - a))(0, 0), 1);
  EXPECT_EQ(xarray<double>(transpose(a))(0, 1), 3);
}

}  // namespace
