#include <algorithm>
#include <functional>
#include <numeric>

#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus {
namespace {

using Reduced = Tensor<double> (*)(Tensor<double>, const Axes&, bool);

double mean_of(const Numbers& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double squares_of(const Numbers& x, double center) {
  double total = 0;
  for (const double v : x) total += (v - center) * (v - center);
  return total;
}

struct Reduction {
  const char* name;
  Reduced op;
  std::function<double(const Numbers&)> definition;
};

const std::vector<Reduction> reductions{
    {"sum", sum, [](const Numbers& x) { return std::accumulate(x.begin(), x.end(), 0.0); }},
    {"mean", mean, mean_of},
    {"prod", prod,
     [](const Numbers& x) { return std::accumulate(x.begin(), x.end(), 1.0, std::multiplies<>()); }},
    {"max", max, [](const Numbers& x) { return *std::max_element(x.begin(), x.end()); }},
    {"min", min, [](const Numbers& x) { return *std::min_element(x.begin(), x.end()); }},
    {"var", var, [](const Numbers& x) { return squares_of(x, mean_of(x)) / static_cast<double>(x.size()); }},
    {"logsumexp", logsumexp,
     [](const Numbers& x) {
       double total = 0;
       for (const double v : x) total += std::exp(v);
       return std::log(total);
     }},
    {"norm", norm, [](const Numbers& x) { return std::sqrt(squares_of(x, 0)); }},
};

/// The elements of x that are reduced to one, for each element of the result.
std::vector<Numbers> groups_of(const Tensor<double>& x, const std::vector<bool>& is_reduced) {
  const Shape shape = x.shape();
  std::size_t groups = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) groups *= is_reduced[axis] ? 1 : shape[axis];
  std::vector<Numbers> result(groups);
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::size_t rest = i, group = 0, stride = 1;
    for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis]) {
      if (is_reduced[axis]) continue;
      group += rest % shape[axis] * stride;
      stride *= shape[axis];
    }
    result[group].push_back(x.data()[i]);
  }
  return result;
}

void check_every_set_of_axes(const Shape& shape) {
  const Tensor<double> x = irregular(shape);
  for (std::size_t set = 1; set < std::size_t{1} << shape.size(); ++set) {
    std::vector<bool> is_reduced;
    std::vector<int> axes;
    Shape kept, left;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      is_reduced.push_back(set >> axis & 1);
      kept.push_back(is_reduced[axis] ? 1 : shape[axis]);
      if (!is_reduced[axis]) left.push_back(shape[axis]);
      if (is_reduced[axis])
        axes.push_back(static_cast<int>(axis) - (axis % 2 ? static_cast<int>(shape.size()) : 0));
    }
    std::reverse(axes.begin(), axes.end());
    const std::vector<Numbers> groups = groups_of(x, is_reduced);
    for (const Reduction& r : reductions) {
      SCOPED_TRACE(r.name + to_string(shape) + " over " + Axes(axes).text());
      const Tensor<double> y = r.op(x, axes, false), y_kept = r.op(x, axes, true);
      EXPECT_EQ(y.shape(), left);
      EXPECT_EQ(y_kept.shape(), kept);
      EXPECT_EQ(elements(y), elements(y_kept));
      ASSERT_EQ(y.size(), groups.size());
      for (std::size_t i = 0; i < groups.size(); ++i)
        EXPECT_NEAR(y.data()[i], r.definition(groups[i]), 1e-14 * (1 + std::abs(y.data()[i])));
      expect_right_gradients([&](const auto& in) { return r.op(in[0], axes, false); }, {x});
    }
  }
}

TEST(Reduce, FollowsTheDefinitionOverEverySetOfAxes) {
  check_every_set_of_axes({3});
  check_every_set_of_axes({3, 4});
  check_every_set_of_axes({2, 3, 4});
  check_every_set_of_axes({2, 3, 1, 2});
}

TEST(Reduce, WithoutAxesReducesAll) {
  const Tensor<double> x = irregular({2, 3});
  for (const Reduction& r : reductions) {
    EXPECT_EQ(r.op(x, {}, false).shape(), Shape{});
    EXPECT_EQ(r.op(x, {}, true).shape(), (Shape{1, 1}));
    EXPECT_NEAR(r.op(x, {}, false).item(), r.definition(elements(x)), 1e-14) << r.name;
    EXPECT_NEAR(r.op(Tensor<double>(1.5), {}, false).item(), r.definition({1.5}), 1e-14) << r.name;
  }
}

TEST(Reduce, ReducingNoAxisAppliesToEachElement) {
  const Tensor<double> x = xt::xarray<double>{-3, 2};
  const std::vector<int> none;
  EXPECT_EQ(elements(sum(x, none)), (Numbers{-3, 2}));
  EXPECT_EQ(elements(norm(x, none)), (Numbers{3, 2}));
  EXPECT_EQ(elements(var(x, none)), (Numbers{0, 0}));
}

TEST(Reduce, AxesAreWrittenInManyWays) {
  const Tensor<double> x = xt::xarray<double>{{1, 2, 3}, {4, 5, 6}};
  const Numbers columns{5, 7, 9}, rows{6, 15};
  EXPECT_EQ(sum(x).item(), 21);
  EXPECT_EQ(elements(sum(x, 0)), columns);
  EXPECT_EQ(elements(sum(x, {0})), columns);
  EXPECT_EQ(elements(sum(x, -1)), rows);
  EXPECT_EQ(elements(sum(x, {1}, true)), rows);
  EXPECT_EQ(sum(x, {1}, true).shape(), (Shape{2, 1}));
  EXPECT_EQ(sum(x, {0, -1}, true).shape(), (Shape{1, 1}));
  EXPECT_EQ(sum(x, {}, true).shape(), (Shape{1, 1}));
  const std::size_t axis = 1;
  EXPECT_EQ(elements(sum(x, axis)), rows);
  EXPECT_EQ(elements(sum(x, std::vector<int>{0})), columns);

  EXPECT_EQ(max(x, 0).shape(), Shape{3});
  EXPECT_EQ(min(x, {0}).shape(), Shape{3});
  EXPECT_EQ(mean(x, {0, 1}).item(), 3.5);
  EXPECT_EQ(elements(prod(x, {0}, true)), (Numbers{4, 10, 18}));
  EXPECT_EQ(elements(var(x, {1})), (Numbers{2. / 3, 2. / 3}));
  EXPECT_EQ(norm(x, {-1}).shape(), Shape{2});
  EXPECT_EQ(logsumexp(x, 1).shape(), Shape{2});
}

TEST(Reduce, VarianceTakesDegreesOfFreedom) {
  const Tensor<double> x = xt::xarray<double>{{1, 2, 3, 4}};
  EXPECT_EQ(var(x).item(), 1.25);
  EXPECT_DOUBLE_EQ(var(x, {}, {.ddof = 1}).item(), 5. / 3);
  EXPECT_EQ(var(x, {1}, {.keepdims = true, .ddof = 1}).shape(), (Shape{1, 1}));
  expect_right_gradients([](const auto& in) { return var(in[0], {1}, {.ddof = 1}); }, {x});
  EXPECT_TRUE(std::isnan(var(Tensor<double>(xt::xarray<double>{7}), {0}, {.ddof = 1}).item()));
}

TEST(Reduce, FloatsStayFloat) {
  const Tensor<float> x = variable(xt::xarray<float>{1, 2, 3});
  const Tensor<float> y = mean(x);
  y.backward();
  EXPECT_EQ(y.item(), 2.f);
  EXPECT_EQ(x.grad()(0), 1.f / 3);
}

TEST(Reduce, EmptyArrays) {
  const Tensor<double> x = xt::xarray<double>::from_shape({0, 3});
  EXPECT_EQ(elements(sum(x, 0)), (Numbers{0, 0, 0}));
  EXPECT_EQ(elements(prod(x, 0)), (Numbers{1, 1, 1}));
  EXPECT_EQ(norm(x).item(), 0);
  EXPECT_EQ(logsumexp(x).item(), -infinity);
  EXPECT_TRUE(std::isnan(mean(x).item()));
  EXPECT_TRUE(std::isnan(var(x).item()));
  EXPECT_EQ(sum(x, 1).shape(), Shape{0});
  EXPECT_EQ(max(x, 1).shape(), Shape{0});
  EXPECT_EQ(
      message_of<ShapeError>([&] { max(x, -2); }),
      "[max] no elements along axes (-2) of (0,3), so there is no max: every reduced axis needs at least 1");
  EXPECT_EQ(message_of<ShapeError>([&] { min(x); }),
            "[min] no elements in (0,3), so there is no min: every reduced axis needs at least 1");
  const Tensor<double> v = variable(xt::xarray<double>::from_shape({0, 3}));
  sum(prod(v, 0) + mean(v, 0) + norm(v, 0)).backward();
  EXPECT_EQ(v.grad().size(), 0u);
}

TEST(Reduce, AWrongAxisIsAShapeError) {
  const Tensor<double> x = irregular({2, 3});
  EXPECT_EQ(message_of<ShapeError>([&] { sum(x, 2); }), "[sum] axis 2 of (2,3): expected -2 to 1");
  EXPECT_EQ(message_of<ShapeError>([&] { mean(x, {0, -2}); }), "[mean] axis -2 of (2,3): given twice");
  EXPECT_EQ(message_of<ShapeError>([&] { norm(Tensor<double>(1), 0); }),
            "[norm] axis 0 of (): a single number has no axes");
}

TEST(Reduce, TiesShareTheGradient) {
  const Tensor<double> x = variable(xt::xarray<double>{{5, 1, 5}, {2, 2, 2}});
  sum(max(x, 1)).backward();
  EXPECT_EQ(elements(x.grad()), (Numbers{0.5, 0, 0.5, 1. / 3, 1. / 3, 1. / 3}));
  x.zero_grad();
  min(x).backward();
  EXPECT_EQ(elements(x.grad()), (Numbers{0, 1, 0, 0, 0, 0}));
}

TEST(Reduce, NaNPropagates) {
  const Tensor<double> x = xt::xarray<double>{{1, nan_value, 3}, {4, 5, 6}};
  for (const Reduction& r : reductions) {
    const Tensor<double> y = r.op(x, 1, false);
    EXPECT_TRUE(std::isnan(y.data()[0])) << r.name;
    EXPECT_FALSE(std::isnan(y.data()[1])) << r.name;
  }
}

TEST(Reduce, ZeroGradientsAbsorb) {
  const Tensor<double> x = variable(xt::xarray<double>{{infinity, 1}, {-infinity, infinity}, {nan_value, 0}});
  for (const Reduction& r : reductions) {
    x.zero_grad();
    r.op(x, 1, false).backward(xt::xarray<double>{0, 0, 0});
    EXPECT_EQ(elements(x.grad()), Numbers(6, 0)) << r.name;
  }
}

TEST(Reduce, ProductsWithZerosHaveExactGradients) {
  const Tensor<double> x = variable(xt::xarray<double>{{2, 3, 4}, {2, 0, 4}, {0, 3, 0}});
  sum(prod(x, 1)).backward();
  EXPECT_EQ(elements(x.grad()), (Numbers{12, 8, 6, 0, 8, 0, 0, 0, 0}));
  x.zero_grad();
  sum(prod(x, 0)).backward();
  EXPECT_EQ(elements(x.grad()), (Numbers{0, 0, 0, 0, 9, 0, 4, 0, 16}));
}

template <class T>
void expect_stable_norm(T large, T small) {
  const Tensor<T> x = variable(xt::xarray<T>{{3 * large, 4 * large}, {3 * small, 4 * small}, {0, 0}});
  const Tensor<T> y = norm(x, 1);
  EXPECT_NEAR(y.data()[0] / large, 5, 1e-5);
  EXPECT_NEAR(y.data()[1] / small, 5, 1e-5);
  EXPECT_EQ(y.data()[2], 0);
  sum(y).backward();
  const Numbers expected{0.6, 0.8, 0.6, 0.8, 0, 0};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(x.grad().data()[i], expected[i], 1e-6);
}

TEST(Reduce, NormNeitherOverflowsNorVanishes) {
  expect_stable_norm<double>(1e200, 1e-200);
  expect_stable_norm<float>(1e30f, 1e-30f);
}

TEST(Reduce, LargeNumbersStayFinite) {
  const Tensor<float> x = variable(xt::xarray<float>{3e38f, 3e38f, 3e38f});
  EXPECT_FLOAT_EQ(mean(x).item(), 3e38f);
  EXPECT_FLOAT_EQ(logsumexp(x).item(), 3e38f);
  logsumexp(x).backward();
  EXPECT_FLOAT_EQ(x.grad()(1), 1.f / 3);
}

TEST(Reduce, VarianceOfLargeNeighboursIsExact) {
  const Tensor<double> x = xt::xarray<double>{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
  EXPECT_EQ(var(x).item(), 22.5);
}

TEST(Reduce, EachCallIsOneStep) {
  const Tensor<double> x = exp(variable(xt::xarray<double>{{1, 2}, {3, 4}}));
  ASSERT_EQ(x.stage(), 1u);
  for (const Reduction& r : reductions) EXPECT_EQ(r.op(x, 0, false).stage(), 2u) << r.name;
}

TEST(Reduce, ConstantsAndNoGradRecordNothing) {
  const Tensor<double> x = irregular({2, 2});
  for (const Reduction& r : reductions) EXPECT_FALSE(r.op(x, 0, false).requires_grad()) << r.name;
}

TEST(Reduce, AnInputUsedTwiceCollectsBoth) {
  const Tensor<double> x = variable(xt::xarray<double>{{1, 2}, {3, 4}});
  sum(sum(x, 0) * mean(x, 0, true) + max(x, 1)).backward();
  EXPECT_EQ(elements(x.grad()), (Numbers{4, 7, 4, 7}));
}

}  // namespace
}  // namespace gradus
