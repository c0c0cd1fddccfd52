#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/nn/losses/losses.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

using Array2 = xt::xarray<double>;

/// A loss of predictions against targets of the same shape, and its term for one element by its definition.
struct Loss {
  std::string name;
  std::function<Tensor<double>(const Tensor<double>&, const Tensor<double>&, LossOptions)> loss;
  std::function<double(double, double)> term;
  double low, high;  // of predictions in these tests
};

const Loss losses[] = {
    {"mse", [](auto& y, auto& t, auto options) { return mse_loss(y, t, options); },
     [](double y, double t) { return (y - t) * (y - t); }, -2, 2},
    {"bce", [](auto& p, auto& t, auto options) { return binary_cross_entropy(p, t, options); },
     [](double p, double t) { return -t * std::log(p) - (1 - t) * std::log(1 - p); }, 0.05, 0.95},
    {"bce_with_logits",
     [](auto& z, auto& t, auto options) { return binary_cross_entropy_with_logits(z, t, options); },
     [](double z, double t) { return std::log(1 + std::exp(z)) - t * z; }, -3, 3}};

std::string name_of(const testing::TestParamInfo<Loss>& test) { return test.param.name; }

void PrintTo(const Loss& loss, std::ostream* out) { *out << loss.name; }

class EveryLoss : public testing::TestWithParam<Loss> {
 protected:
  Array2 predictions() { return random(GetParam().low, GetParam().high); }
  Array2 targets() { return random(0, 1); }

  Array2 random(double low, double high) {
    Array2 a = Array2::from_shape({4, 3});
    for (double& x : a) x = rng_.uniform(low, high);
    return a;
  }

 private:
  Rng rng_{5};
};

INSTANTIATE_TEST_SUITE_P(Losses, EveryLoss, testing::ValuesIn(losses), name_of);

TEST_P(EveryLoss, IsTheMeanOrSumOfItsTerms) {
  const Array2 y = predictions(), t = targets();
  const auto& [name, loss, term, low, high] = GetParam();
  double total = 0;
  for (std::size_t i = 0; i < y.size(); ++i) total += term(y.data()[i], t.data()[i]);
  EXPECT_NEAR(loss(y, t, {}).item(), total / 12, 1e-14);
  EXPECT_NEAR(loss(y, t, {.reduction = Reduction::sum}).item(), total, 1e-13);
  EXPECT_EQ(loss(y, t, {}).ndim(), 0u);

  const Tensor<double> terms = loss(y, t, {.reduction = Reduction::none});
  ASSERT_EQ(terms.shape(), (Shape{4, 3}));
  for (std::size_t i = 0; i < y.size(); ++i)
    EXPECT_NEAR(terms.data()[i], term(y.data()[i], t.data()[i]), 1e-14);
}

TEST_P(EveryLoss, HasTheGradientOfItsDefinition) {
  const auto y = variable(predictions()), t = variable(targets());
  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    const auto f = [&](const std::vector<Tensor<double>>& in) {
      return GetParam().loss(in[0], in[1], {.reduction = reduction});
    };
    const GradientCheck check = check_gradients(f, {y, t});
    EXPECT_TRUE(check.ok()) << check;
  }
}

TEST_P(EveryLoss, BroadcastsNothing) {
  const Tensor<double> column = Array2::from_shape({4, 1}), row = Array2::from_shape({4}), number = 0.5;
  for (const auto& [y, t] : {std::pair{column, row}, {row, column}, {column, number}}) {
    try {
      GetParam().loss(y, t, {});
      FAIL() << to_string(y.shape()) << to_string(t.shape());
    } catch (const ShapeError& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(to_string(y.shape())), std::string::npos) << message;
      EXPECT_NE(message.find(to_string(t.shape())), std::string::npos) << message;
    }
  }
}

TEST_P(EveryLoss, LetsNaNThrough) {
  Array2 y = predictions();
  y(1, 2) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(GetParam().loss(y, targets(), {}).item()));
}

TEST(MseLoss, OfThreeElementsByHand) {
  const auto y = variable(Array2{1, 2, 4});
  const auto loss = mse_loss(y, Array2{1, 0, 1});
  EXPECT_DOUBLE_EQ(loss.item(), (0 + 4 + 9) / 3.0);
  loss.backward();
  EXPECT_DOUBLE_EQ(y.grad()(1), 4 / 3.0);
  EXPECT_DOUBLE_EQ(y.grad()(2), 2);
}

TEST(SumSquaredError, HasTheErrorItselfAsGradient) {
  const auto y = variable(Array2{{1, 2}, {4, -1}});
  const auto loss = sum_squared_error(y, Array2{{1, 0}, {1, 0}});
  EXPECT_DOUBLE_EQ(loss.item(), 0.5 * (0 + 4 + 9 + 1));
  EXPECT_EQ(loss.ndim(), 0u);
  loss.backward();
  EXPECT_EQ(y.grad(), (Array2{{0, 2}, {3, -1}}));
  EXPECT_THROW(sum_squared_error(y, Array2{1, 2}), ShapeError);
}

template <class T>
class Certainty : public testing::Test {};
using Elements = testing::Types<float, double>;
TYPED_TEST_SUITE(Certainty, Elements);

TYPED_TEST(Certainty, OfZeroAndOneIsFiniteInValueAndGradient) {
  using T = TypeParam;
  const T least = std::numeric_limits<T>::denorm_min();
  const auto p = variable(xt::xarray<T>{0, 0, 1, 1, least});
  const auto terms = binary_cross_entropy(p, xt::xarray<T>{0, 1, 0, 1, 1}, {.reduction = Reduction::none});
  const T worst = -std::log(std::numeric_limits<T>::min());
  const std::vector<T> expected{0, worst, worst, 0, worst};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(terms.value()(i), expected[i], 1e-4) << i;
  sum(terms).backward();
  for (const T g : p.grad()) EXPECT_TRUE(std::isfinite(g)) << p.grad()(0);
  EXPECT_LT(p.grad()(1), -1e30) << "a wrong certainty is pushed back";
  EXPECT_GT(p.grad()(2), 1e30);
}

TYPED_TEST(Certainty, InLogitsCostsWhatItShould) {
  using T = TypeParam;
  const T large = std::numeric_limits<T>::max() / 4;
  const auto z = variable(xt::xarray<T>{large, large, -large, -large, 20, -20, 0});
  const auto terms =
      binary_cross_entropy_with_logits(z, xt::xarray<T>{1, 0, 1, 0, 1, 0, 1}, {.reduction = Reduction::none});
  const T tail = static_cast<T>(std::log1p(std::exp(-20.0)));  // a right answer that is 20 sure
  const std::vector<T> expected{0, large, large, 0, tail, tail, std::log(T(2))};
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(terms.value()(i), expected[i], expected[i] * T(1e-6)) << i;
  sum(terms).backward();
  const std::vector<T> slope{0, 1, -1, 0, -tail, tail, T(-0.5)};
  for (std::size_t i = 0; i < slope.size(); ++i)
    EXPECT_NEAR(z.grad()(i), slope[i], std::abs(slope[i]) * T(1e-6)) << i;
}

TEST(BinaryCrossEntropy, AgreesWithItsFormOnLogits) {
  const auto z = variable(Array2{-3, -0.5, 0, 2, 6});
  const Array2 t{0, 1, 0.25, 1, 0};
  const auto on_logits = binary_cross_entropy_with_logits(z, t),
             on_probabilities = binary_cross_entropy(sigmoid(z), t);
  EXPECT_NEAR(on_logits.item(), on_probabilities.item(), 1e-14);
  const auto a = grad(on_logits, {z})[0], b = grad(on_probabilities, {z})[0];
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(a.value()(i), b.value()(i), 1e-14);
}

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

}  // namespace
}  // namespace gradus::nn
