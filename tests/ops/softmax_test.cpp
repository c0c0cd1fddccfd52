#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/softmax.hpp>

namespace gradus {
namespace {

using Array2 = xt::xarray<double>;

TEST(Softmax, HasKnownValues) {
  const Tensor<double> x = Array2{{1, 2, 3}, {1, 1, 1}};
  const Numbers expected{
      0.09003057317038046, 0.24472847105479764, 0.6652409557748218, 1. / 3, 1. / 3, 1. / 3};
  const Numbers y = elements(softmax(x)), log_y = elements(log_softmax(x));
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(y[i], expected[i], 1e-15);
    EXPECT_NEAR(log_y[i], std::log(expected[i]), 1e-15);
  }
}

TEST(Softmax, SumsToOneAlongAnyAxis) {
  const Tensor<double> x = irregular({2, 3, 4});
  for (const int axis : {0, 1, 2, -1, -2, -3}) {
    for (const double total : elements(sum(softmax(x, axis), axis))) EXPECT_NEAR(total, 1, 1e-15) << axis;
    for (const double total : elements(sum(exp(log_softmax(x, axis)), axis)))
      EXPECT_NEAR(total, 1, 1e-14) << axis;
    expect_right_gradients([&](const auto& in) { return softmax(in[0], axis); }, {x});
    expect_right_gradients([&](const auto& in) { return log_softmax(in[0], axis); }, {x});
  }
}

TEST(Softmax, FiniteLogitsGiveFiniteResults) {
  const Tensor<float> x = variable(xt::xarray<float>{{1e30f, -1e30f}, {1000, 1001}});
  EXPECT_EQ(elements(softmax(x))[0], 1);
  EXPECT_EQ(elements(softmax(x))[1], 0);
  EXPECT_EQ(elements(log_softmax(x))[1], -2e30f);
  EXPECT_FLOAT_EQ(softmax(x).value()(1, 1), 1 / (1 + std::exp(-1.f)));
  sum(log_softmax(x)).backward();
  for (const double g : elements(x.grad())) EXPECT_TRUE(std::isfinite(g));
}

TEST(Softmax, NaNPropagatesInItsRow) {
  const Tensor<double> x = Array2{{1, nan_value}, {1, 2}};
  EXPECT_TRUE(std::isnan(softmax(x).value()(0, 0)));
  EXPECT_FALSE(std::isnan(softmax(x).value()(1, 0)));
}

TEST(Softmax, AWrongAxisIsAShapeError) {
  EXPECT_EQ(message_of<ShapeError>([] {
              softmax(irregular({2, 3}), 2);
            }),
            "[softmax] axis 2 of (2,3): expected -2 to 1");
  EXPECT_EQ(message_of<ShapeError>([] { log_softmax(Tensor<double>(1)); }),
            "[log_softmax] axis -1 of (): a single number has no axes");
}

TEST(Softmax, IsOneStep) {
  const Tensor<double> x = exp(variable(Array2{{1, 2}}));
  EXPECT_EQ(softmax(x).stage(), 2u);
  EXPECT_EQ(log_softmax(x).stage(), 2u);
  EXPECT_EQ(cross_entropy(x, xt::xarray<int>{1}).stage(), 2u);
  EXPECT_EQ(cross_entropy(x, log(x)).stage(), 3u);
}

/// The definition, from ops checked elsewhere.
Tensor<double> composed(const Tensor<double>& z, const Tensor<double>& t) {
  return -sum(t * log_softmax(z)) / static_cast<double>(z.shape()[0]);
}

TEST(CrossEntropy, LabelsAndRowsFollowTheDefinition) {
  const Tensor<double> z = irregular({4, 3});
  const xt::xarray<int> labels{2, 0, 1, 1};
  const Array2 one_hot{{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {0, 1, 0}};
  const Array2 soft{{0.2, 0.3, 0.5}, {1, 0, 0}, {0.4, 0.4, 0.2}, {0, 0.5, 0.5}};
  const double expected = composed(z, one_hot).item();
  EXPECT_EQ(cross_entropy(z, labels).shape(), Shape{});
  EXPECT_NEAR(cross_entropy(z, labels).item(), expected, 1e-15);
  EXPECT_NEAR(cross_entropy(z, one_hot).item(), expected, 1e-15);
  EXPECT_NEAR(cross_entropy(z, xt::xarray<int>(one_hot)).item(), expected, 1e-15);
  EXPECT_NEAR(cross_entropy(z, Tensor<double>(soft)).item(), composed(z, soft).item(), 1e-15);

  expect_right_gradients([&](const auto& in) { return cross_entropy(in[0], labels); }, {z});
  expect_right_gradients([&](const auto& in) { return cross_entropy(in[0], soft); }, {z});
  expect_right_gradients([&](const auto& in) { return cross_entropy(in[0], in[1]); }, {z, soft});
  expect_right_gradients([&](const auto& in) { return cross_entropy(z, in[0]); }, {soft});
}

TEST(CrossEntropy, MayBeSummedOrLeftPerRow) {
  const Tensor<double> z = irregular({3, 4});
  const xt::xarray<int> labels{3, 0, 1};
  const Tensor<double> rows = cross_entropy(z, labels, {.reduction = Reduction::none});
  EXPECT_EQ(rows.shape(), Shape{3});
  EXPECT_NEAR(cross_entropy(z, labels, {.reduction = Reduction::sum}).item(), sum(rows).item(), 1e-15);
  EXPECT_NEAR(cross_entropy(z, labels).item(), mean(rows).item(), 1e-15);
  for (const Reduction reduction : {Reduction::sum, Reduction::none}) {
    expect_right_gradients(
        [&](const auto& in) { return cross_entropy(in[0], labels, {.reduction = reduction}); }, {z});
    expect_right_gradients(
        [&](const auto& in) { return cross_entropy(in[0], in[1], {.reduction = reduction}); },
        {z, softmax(irregular({3, 4}, 1))});
  }
}

TEST(CrossEntropy, IsStableForLargeLogits) {
  const Tensor<float> z = variable(xt::xarray<float>{{1e30f, 0}, {0, 1e4f}});
  const Tensor<float> loss = cross_entropy(z, xt::xarray<int>{0, 0});
  EXPECT_FLOAT_EQ(loss.item(), 5e3f);
  loss.backward();
  EXPECT_EQ(elements(z.grad()), (Numbers{0, 0, -0.5, 0.5}));
}

template <class Label>
void expect_labels_accepted() {
  const Tensor<float> z = xt::xarray<float>{{1, 2}, {3, 4}};
  const xt::xarray<Label> labels{1, 0};
  const Tensor<float> loss = cross_entropy(z, labels);
  EXPECT_FLOAT_EQ(loss.item(), (std::log1p(std::exp(-1.f)) + std::log1p(std::exp(1.f))) / 2);
  EXPECT_EQ(cross_entropy(z, labels + 0).item(), loss.item());
}

TEST(CrossEntropy, LabelsAreOfAnyIntegralType) {
  expect_labels_accepted<std::int8_t>();
  expect_labels_accepted<std::uint8_t>();
  expect_labels_accepted<std::int16_t>();
  expect_labels_accepted<std::uint16_t>();
  expect_labels_accepted<std::int32_t>();
  expect_labels_accepted<std::uint32_t>();
  expect_labels_accepted<std::int64_t>();
  expect_labels_accepted<std::uint64_t>();
  expect_labels_accepted<bool>();
}

TEST(CrossEntropy, AWrongLabelIsAValueError) {
  const Tensor<double> z = irregular({3, 2});
  EXPECT_EQ(message_of<ValueError>([&] {
              cross_entropy(z, xt::xarray<int>{0, 1, 2});
            }),
            "[cross_entropy] label 2 in row 2 is none of the 2 classes: expected 0 to 1");
  EXPECT_EQ(message_of<ValueError>([&] {
              cross_entropy(z, xt::xarray<int>{0, -1, 0});
            }),
            "[cross_entropy] label -1 in row 1 is none of the 2 classes: expected 0 to 1");
  EXPECT_EQ(message_of<ValueError>([&] {
              cross_entropy(z, xt::xarray<std::uint64_t>{0, ~0ull, 0});
            }),
            "[cross_entropy] 18446744073709551615 is larger than any index or label");
}

TEST(CrossEntropy, WithoutClassesNoLabelIsRight) {
  EXPECT_EQ(message_of<ValueError>([] {
              cross_entropy(Tensor<double>(empty_array<double>({1, 0})), xt::xarray<int>{0});
            }),
            "[cross_entropy] label 0 in row 0 of logits (1,0): there are no classes");
}

TEST(CrossEntropy, WrongShapesAreShapeErrors) {
  const Tensor<double> z = irregular({3, 2});
  EXPECT_EQ(message_of<ShapeError>([&] {
              cross_entropy(z, xt::xarray<int>{0, 1});
            }),
            "[cross_entropy] logits (3,2) and labels (2): expected labels (3)");
  EXPECT_EQ(message_of<ShapeError>([&] {
              cross_entropy(z, irregular({2, 3}));
            }),
            "[cross_entropy] logits (3,2) and targets (2,3): expected class indices (3) of an integral "
            "type, or rows (3,2)");
  EXPECT_EQ(message_of<ShapeError>([&] { cross_entropy(irregular({6}), xt::xarray<int>{0}); }),
            "[cross_entropy] logits (6): expected (batch,classes)");
}

TEST(CrossEntropy, AZeroGradientAbsorbs) {
  const Tensor<double> z = variable(Array2{{infinity, 1}, {1, 2}});
  const Array2 rows{{1, 0}, {0, 1}};
  cross_entropy(z, rows, {.reduction = Reduction::none}).backward(Array2{0, 1});
  EXPECT_EQ(z.grad()(0, 0), 0);
  EXPECT_EQ(z.grad()(0, 1), 0);
  EXPECT_NE(z.grad()(1, 0), 0);
}

TEST(CrossEntropy, NothingIsRecordedInsideNoGrad) {
  const Tensor<double> z = variable(Array2{{1, 2}});
  const NoGrad off;
  EXPECT_FALSE(cross_entropy(z, xt::xarray<int>{1}).requires_grad());
}

}  // namespace
}  // namespace gradus
