#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/nn/losses.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

using Array2 = xt::xarray<double>;
using Labels = xt::xarray<int>;

// Two rows of logits: ln of (1, 2, 5) and of (3, 3, 4), so that softmax is (.125, .25, .625) and (.3, .3,
// .4).
Array2 logits() {
  return {{std::log(1.0), std::log(2.0), std::log(5.0)}, {std::log(3.0), std::log(3.0), std::log(4.0)}};
}

TEST(CrossEntropy, OfLabelsByHand) {
  const auto z = variable(logits());
  const auto loss = cross_entropy(z, xt::xarray<int>{2, 0});
  EXPECT_NEAR(loss.item(), -(std::log(0.625) + std::log(0.3)) / 2, 1e-15);
  loss.backward();
  const Array2 expected{{0.0625, 0.125, -0.1875}, {-0.35, 0.15, 0.2}};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(z.grad().data()[i], expected.data()[i], 1e-15);
}

TEST(CrossEntropy, OfRowsByHand) {
  const auto z = variable(logits());
  const Array2 rows{{0, 0, 1}, {0.5, 0.5, 0}};
  const double second = -std::log(0.3);
  EXPECT_NEAR(cross_entropy(z, rows).item(), (-std::log(0.625) + second) / 2, 1e-15);
  EXPECT_NEAR(cross_entropy(z, variable(rows), {.reduction = Reduction::sum}).item(),
              -std::log(0.625) + second, 1e-15);
  const Tensor<double> terms = cross_entropy(z, rows, {.reduction = Reduction::none});
  ASSERT_EQ(terms.shape(), (Shape{2}));
  EXPECT_NEAR(terms.value()(1), second, 1e-15);
}

TEST(CrossEntropy, TakesLabelsOfAnyIntegralTypeAndOneHotRows) {
  const Tensor<float> z = xt::xarray<float>(logits());
  const float expected = cross_entropy(z, xt::xarray<std::int64_t>{2, 0}).item();
  EXPECT_EQ(cross_entropy(z, xt::xarray<std::uint8_t>{2, 0}).item(), expected);
  EXPECT_EQ(cross_entropy(z, xt::xarray<std::size_t>{2, 0}).item(), expected);
  EXPECT_NEAR(cross_entropy(z, xt::xarray<int>{{0, 0, 1}, {1, 0, 0}}).item(), expected, 1e-6);
  EXPECT_NEAR(cross_entropy(z, xt::xarray<double>{{0, 0, 1}, {1, 0, 0}}).item(), expected, 1e-6);
}

TEST(CrossEntropy, RejectsWrongLabelsAndShapes) {
  const auto z = variable(logits());
  EXPECT_THROW(cross_entropy(z, xt::xarray<int>{0, 3}), ValueError);
  EXPECT_THROW(cross_entropy(z, xt::xarray<int>{0, -1}), ValueError);
  EXPECT_THROW(cross_entropy(z, Array2{{1, 0}, {0, 1}}), ShapeError);
  try {
    nn::cross_entropy(z, xt::xarray<int>{0, 1, 2});
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(), "[cross_entropy] logits (2,3) and labels (3): expected labels (2)");
  }
}

TEST(CrossEntropy, IsOneFunctionInBothNamespaces) {
  using namespace gradus;
  EXPECT_EQ(cross_entropy(variable(logits()), xt::xarray<int>{2, 0}, {.reduction = Reduction::sum}).ndim(),
            0u);
}

Tensor<double> random_logits(std::size_t rows, std::size_t classes, double scale = 2) {
  Rng rng{4};
  Array<double> z = empty_array<double>({rows, classes});
  for (double& v : z) v = rng.normal(0, scale);
  return variable(z);
}

TEST(CrossEntropy, WithOptionsIsItsDefinition) {
  const Tensor<double> z = random_logits(4, 3), log_p = log_softmax(z);
  const Labels labels{2, 0, 1, 2};
  const std::vector<double> w{0.5, 1, 3};
  const double s = 0.3;
  double total = 0, weight = 0;
  for (std::size_t r : {0u, 1u, 3u}) {  // row 2 has the label that is ignored
    const auto label = static_cast<std::size_t>(labels(r));
    for (std::size_t j = 0; j < 3; ++j)
      total -= w[j] * ((1 - s) * (j == label) + s / 3) * log_p.value()(r, j);
    weight += w[label];
  }
  const CrossEntropyOptions options{.label_smoothing = s, .class_weights = w, .ignore_index = 1};
  EXPECT_NEAR(cross_entropy(z, labels, options).item(), total / weight, 1e-14);
  const auto f = [&](const std::vector<Tensor<double>>& in) { return cross_entropy(in[0], labels, options); };
  const GradientCheck check = check_gradients(f, {z});
  EXPECT_TRUE(check.ok()) << check;
}

TEST(CrossEntropy, WithOptionsHasTheGradientOfRowsToo) {
  const Tensor<double> z = random_logits(3, 4), t = variable(softmax(random_logits(3, 4, 1)).value());
  const auto f = [](const std::vector<Tensor<double>>& in) {
    return cross_entropy(in[0], in[1], {.label_smoothing = 0.2, .class_weights = {1, 2, 0, 0.5}});
  };
  const GradientCheck check = check_gradients(f, {z, t});
  EXPECT_TRUE(check.ok()) << check;
}

TEST(CrossEntropy, WithOptionsThatChangeNothingIsThePlainOne) {
  const Tensor<float> z = xt::xarray<float>(random_logits(5, 4).value());
  const Labels labels{3, 0, 1, 1, 2};
  const float plain = cross_entropy(z, labels).item();
  EXPECT_FLOAT_EQ(cross_entropy(z, labels, {.class_weights = {1, 1, 1, 1}}).item(), plain);
  EXPECT_FLOAT_EQ(cross_entropy(z, labels, {.class_weights = {7, 7, 7, 7}}).item(), plain);
  EXPECT_FLOAT_EQ(cross_entropy(z, labels, {.ignore_index = -1}).item(), plain);
}

TEST(CrossEntropy, OfExtremesIsFinite) {
  const auto z = variable(Array2{{1e300, -1e300, 0}, {-1e300, 1e300, 0}, {0, 0, 0}});
  const CrossEntropyOptions options{
      .reduction = Reduction::none, .class_weights = {1, 0, 1}, .ignore_index = 2};
  const auto terms = cross_entropy(z, Labels{0, 1, 2}, options);
  EXPECT_EQ(terms.value(), (Array2{0, 0, 0}));
  const CrossEntropyOptions smooth{.reduction = Reduction::sum, .label_smoothing = 0.1};
  const double wrong = 2e300 * (0.9 + 0.1 / 3) + 1e300 * 0.1 / 3;  // a row, what it is worst about first
  EXPECT_DOUBLE_EQ(cross_entropy(z, Labels{1, 0, 0}, smooth).item(), 2 * wrong);
  sum(terms).backward();
  for (const double g : z.grad()) EXPECT_EQ(g, 0);
}

// A class that no row has, and a batch in which nothing counts.
TEST(CrossEntropy, WhereNothingCountsIsNaNInMeanWithoutAGradient) {
  const auto z = random_logits(2, 3);
  const std::vector<std::function<Tensor<double>(Reduction)>> losses{
      [&](Reduction r) {
        return cross_entropy(z, Labels{-100, -100}, {.reduction = r, .ignore_index = -100});
      },
      [&](Reduction r) {
        return cross_entropy(z, Labels{1, 1}, {.reduction = r, .class_weights = {1, 0, 1}});
      },
      [&](Reduction r) {
        return nll_loss(z, Labels{7, 7}, {.reduction = r, .ignore_index = 7});
      },
      [&](Reduction r) {
        return nll_loss(z, Labels{1, 1}, {.reduction = r, .class_weights = {1, 0, 1}});
      }};
  for (const auto& loss : losses) {
    z.zero_grad();
    EXPECT_TRUE(std::isnan(loss(Reduction::mean).item()));
    EXPECT_EQ(loss(Reduction::sum).item(), 0);
    EXPECT_EQ(loss(Reduction::none).value(), (Array2{0, 0}));
    loss(Reduction::mean).backward();
    EXPECT_EQ(z.grad(), full_array<double>({2, 3}, 0));
  }
}

TEST(CrossEntropy, RefusesOptionsThatMakeNoSense) {
  const auto z = random_logits(2, 3);
  const Labels labels{0, 1};
  const Array2 rows{{1, 0, 0}, {0, 1, 0}};
  const std::vector<CrossEntropyOptions> bad{
      {.label_smoothing = -0.1}, {.label_smoothing = 1.1},      {.label_smoothing = std::nan("")},
      {.class_weights = {1, 2}}, {.class_weights = {1, 2, -1}}, {.class_weights = {1, 2, HUGE_VAL}}};
  for (const CrossEntropyOptions& options : bad) {
    EXPECT_THROW(cross_entropy(z, labels, options), ValueError);
    EXPECT_THROW(cross_entropy(z, rows, options), ValueError);
  }
  EXPECT_THROW(cross_entropy(z, rows, {.ignore_index = 1}), ValueError);
  EXPECT_THROW(cross_entropy(z, Labels{0, 3}, {.ignore_index = -100}), ValueError);
  EXPECT_THROW(cross_entropy(z, Labels{0}, {.label_smoothing = 0.1}), ShapeError);
  EXPECT_THROW(cross_entropy(z, Array2{{1, 0}, {0, 1}}, {.label_smoothing = 0.1}), ShapeError);
  EXPECT_THROW(cross_entropy(Tensor<double>(1.0), labels, {.label_smoothing = 0.1}), ShapeError);
  EXPECT_THROW(cross_entropy(Tensor<double>(1.0), rows, {.label_smoothing = 0.1}), ShapeError);
}

TEST(NllLoss, OfLogSoftmaxIsCrossEntropy) {
  const auto z = random_logits(4, 3);
  const Labels labels{2, 0, -1, 2};
  const ClassLossOptions options{.class_weights = {0.5, 1, 3}, .ignore_index = -1};
  const auto a = nll_loss(log_softmax(z), labels, options);
  const auto b = cross_entropy(
      z, labels, {.class_weights = options.class_weights, .ignore_index = options.ignore_index});
  EXPECT_NEAR(a.item(), b.item(), 1e-14);
  const Array<double> ga = grad(a, {z})[0].value(), gb = grad(b, {z})[0].value();
  for (std::size_t i = 0; i < ga.size(); ++i) EXPECT_NEAR(ga.data()[i], gb.data()[i], 1e-14);
}

TEST(NllLoss, OfAProbabilityOfZero) {
  const auto y = variable(Array2{{-HUGE_VAL, 0}, {-HUGE_VAL, 0}});
  const auto terms = nll_loss(y, Labels{1, 0}, {.reduction = Reduction::none});
  EXPECT_EQ(terms.value(), (Array2{0, HUGE_VAL}));
  EXPECT_EQ(nll_loss(y, Labels{0, 0}, {.reduction = Reduction::sum, .class_weights = {0, 1}}).item(), 0);
  EXPECT_THROW(nll_loss(y, Labels{2, 0}), ValueError);
  EXPECT_THROW(nll_loss(y, Labels{0}), ShapeError);
  EXPECT_THROW(nll_loss(y, Labels{0, 1}, {.class_weights = {1}}), ValueError);
}

// The example of CS231n's notes: scores (13, -7, 11), the first class is right, margin 10: 0 + 8.
TEST(MultiMarginLoss, OfTheTextbookExample) {
  const auto s = variable(Array2{{13, -7, 11}});
  const auto loss = multi_margin_loss(s, Labels{0}, {.margin = 10});
  EXPECT_EQ(loss.item(), 8);
  loss.backward();
  EXPECT_EQ(s.grad(), (Array2{{-1, 0, 1}}));
  EXPECT_EQ(multi_margin_loss(s, Labels{0}, {.margin = 10, .squared = true}).item(), 64);
  EXPECT_NEAR(multi_margin_loss(s, Labels{0}, {.margin = 10, .averages_classes = true}).item(), 8.0 / 3,
              1e-15);
}

TEST(MultiMarginLoss, IsItsDefinition) {
  const auto s = random_logits(5, 4);
  const Labels labels{3, 0, 1, 1, 2};
  double total = 0;
  for (std::size_t r = 0; r < 5; ++r)
    for (std::size_t j = 0; j < 4; ++j)
      if (static_cast<int>(j) != labels(r))
        total += std::max(0.0, s.value()(r, j) - s.value()(r, static_cast<std::size_t>(labels(r))) + 1);
  EXPECT_NEAR(multi_margin_loss(s, labels).item(), total / 5, 1e-14);
  EXPECT_NEAR(multi_margin_loss(s, labels, {.reduction = Reduction::sum}).item(), total, 1e-13);
  EXPECT_EQ(multi_margin_loss(s, labels, {.reduction = Reduction::none}).shape(), (Shape{5}));
  for (const bool squared : {false, true}) {
    const auto f = [&](const std::vector<Tensor<double>>& in) {
      return multi_margin_loss(in[0], labels, {.squared = squared});
    };
    const GradientCheck check = check_gradients(f, {s});
    EXPECT_TRUE(check.ok()) << check;
  }
  const auto of_one = multi_margin_loss(random_logits(3, 1), Labels{0, 0, 0}, {.reduction = Reduction::sum});
  EXPECT_EQ(of_one.item(), 0) << "no other class";
}

TEST(MultiMarginLoss, RefusesWrongLabels) {
  const auto s = random_logits(2, 3);
  EXPECT_THROW(multi_margin_loss(s, Labels{0, 3}), ValueError);
  EXPECT_THROW(multi_margin_loss(s, Labels{0, -1}), ValueError);
  EXPECT_THROW(multi_margin_loss(s, Labels{0}), ShapeError);
  EXPECT_THROW(multi_margin_loss(s, Labels{0, 1}, {.margin = -1}), ValueError);
  EXPECT_THROW(multi_margin_loss(Tensor<double>(Array2{1, 2}), Labels{0, 1}), ShapeError);
}

}  // namespace
}  // namespace gradus::nn
