#include <cmath>
#include <functional>
#include <limits>
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
     [](double z, double t) { return std::log(1 + std::exp(z)) - t * z; }, -3, 3},
    {"l1", [](auto& y, auto& t, auto options) { return l1_loss(y, t, options); },
     [](double y, double t) { return std::abs(y - t); }, -2, 2},
    {"huber",
     [](auto& y, auto& t, auto options) {
       return huber_loss(y, t, {.reduction = options.reduction, .delta = 0.7});
     },
     [](double y, double t) {
       const double d = std::abs(y - t);
       return d <= 0.7 ? d * d / 2 : 0.7 * (d - 0.35);
     },
     -2, 2},
    {"smooth_l1",
     [](auto& y, auto& t, auto options) {
       return smooth_l1_loss(y, t, {.reduction = options.reduction, .beta = 0.7});
     },
     [](double y, double t) {
       const double d = std::abs(y - t);
       return d <= 0.7 ? d * d / 1.4 : d - 0.35;
     },
     -2, 2},
    {"poisson_nll", [](auto& y, auto& t, auto options) { return poisson_nll_loss(y, t, options); },
     [](double y, double t) { return std::exp(y) - t * y; }, -2, 2},
    {"poisson_nll_of_rates",
     [](auto& y, auto& t, auto options) {
       return poisson_nll_loss(y, 3 * t, {.reduction = options.reduction, .log_input = false, .full = true});
     },
     [](double y, double t) {
       const double n = 3 * t;
       return y - n * std::log(y + 1e-8) +
              (n > 1 ? n * std::log(n) - n + std::log(2 * std::acos(-1.0) * n) / 2 : 0);
     },
     0.1, 3},
    {"kl_div", [](auto& y, auto& t, auto options) { return kl_div(y, t, options); },
     [](double y, double t) { return t * (std::log(t) - y); }, -3, 0},
    {"kl_div_of_logarithms",
     [](auto& y, auto& t, auto options) {
       return kl_div(y, t, {.reduction = options.reduction, .log_target = true});
     },
     [](double y, double t) { return std::exp(t) * (t - y); }, -3, 0},
    {"hinge",
     [](auto& y, auto& t, auto options) {
       return hinge_loss(y * (2 * t - 1), Tensor<double>(full_array<double>(t.shape(), 1)), options);
     },
     [](double y, double t) { return std::max(0.0, 1 - y * (2 * t - 1)); }, -2, 2}};

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
  if (GetParam().name == "hinge") return;  // here it makes its targets itself: see HingeLoss
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

TEST(HuberLoss, GoesOverFromSquareToSlopeWithoutABreak) {
  const auto d = variable(Array2{-3, -2, -0.5, 0, 0.5, 2, 3});
  const Tensor<double> zero = full_array<double>({7}, 0);
  const auto terms = huber_loss(d, zero, {.reduction = Reduction::none, .delta = 2});
  EXPECT_EQ(terms.value(), (Array2{4, 2, 0.125, 0, 0.125, 2, 4}));
  const auto first = grad(sum(terms), {d}, {.create_graph = true})[0];
  EXPECT_EQ(first.value(), (Array2{-2, -2, -0.5, 0, 0.5, 2, 2}));
  const Array<double> second = grad(sum(first), {d})[0].value();
  EXPECT_EQ(second(2), 1);
  EXPECT_EQ(second(3), 1) << "no kink at the target";
  EXPECT_EQ(second(6), 0);
  for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(huber_loss(d, zero, {.delta = bad}), ValueError) << bad;
  }
  EXPECT_THROW(smooth_l1_loss(d, zero, {.beta = -1}), ValueError);
  EXPECT_EQ(smooth_l1_loss(d, zero, {.beta = 0}).value(), l1_loss(d, zero).value());
}

TEST(HingeLoss, CostsNothingBeyondTheMargin) {
  const auto y = variable(Array2{2, 1, 0.5, -1, 0.5});
  const Array2 t{1, 1, 1, 1, -1};
  const auto terms = hinge_loss(y, t, {.reduction = Reduction::none});
  EXPECT_EQ(terms.value(), (Array2{0, 0, 0.5, 2, 1.5}));
  sum(terms).backward();
  EXPECT_EQ(y.grad(), (Array2{0, 0, -1, -1, 1})) << "0 at the kink";
  EXPECT_EQ(hinge_loss(y, t, {.reduction = Reduction::sum, .margin = 0.5}).item(), 2.5);
  EXPECT_THROW(hinge_loss(y, Array2{1, 1, 1, 0, -1}), ValueError) << "targets of 0 and 1 are a mistake";
  EXPECT_THROW(hinge_loss(y, Array2{1, 1}), ShapeError);
  EXPECT_THROW(hinge_loss(y, t, {.margin = 0}), ValueError);
}

TEST(BinaryCrossEntropy, TakesWeightsThatBroadcast) {
  const Tensor<double> z = Array2{{1, -1, 2}, {0, 3, -2}}, p = sigmoid(z);
  const Array2 t{{1, 0, 0.5}, {0, 1, 1}};
  const Tensor<double> ones = full_array<double>({2, 3}, 1), row = Array2{1, 0, 2};
  const auto plain = binary_cross_entropy_with_logits(z, t, {.reduction = Reduction::none});
  EXPECT_EQ(binary_cross_entropy_with_logits(z, t, {.weight = row}).item(), mean(plain * row).item())
      << "n stays what it is";
  EXPECT_EQ(binary_cross_entropy_with_logits(z, t, {.pos_weight = ones}).item(), mean(plain).item());
  EXPECT_NEAR(binary_cross_entropy(p, t, {.weight = row}).item(), mean(plain * row).item(), 1e-14);
  const Tensor<double> wide = full_array<double>({2, 2, 3}, 1), wrong = Array2{1, 2};
  for (const auto& weight : {wide, wrong}) {
    EXPECT_THROW(binary_cross_entropy(p, t, {.weight = weight}), ShapeError);
    EXPECT_THROW(binary_cross_entropy_with_logits(z, t, {.weight = weight}), ShapeError);
    EXPECT_THROW(binary_cross_entropy_with_logits(z, t, {.pos_weight = weight}), ShapeError);
  }
}

TEST(BinaryCrossEntropy, OfInfiniteLogitsIsZeroOnTheRightSide) {
  const auto z = variable(Array2{HUGE_VAL, -HUGE_VAL, HUGE_VAL});
  const auto terms = binary_cross_entropy_with_logits(z, Array2{1, 0, 0}, {.reduction = Reduction::none});
  EXPECT_EQ(terms.value(), (Array2{0, 0, HUGE_VAL}));
  sum(terms).backward();
  EXPECT_EQ(z.grad(), (Array2{0, 0, 1}));
}

TEST(KlDiv, IsZeroWhereNothingIsExpected) {
  const auto y = variable(Array2{{std::log(0.5), std::log(0.5)}, {-HUGE_VAL, 0}});
  const Array2 p{{0.25, 0.75}, {0, 1}};
  const double first = 0.25 * std::log(0.5) + 0.75 * std::log(1.5);
  EXPECT_NEAR(kl_div(y, p, {.batch_mean = true}).item(), first / 2, 1e-15);
  EXPECT_NEAR(kl_div(y, p).item(), first / 4, 1e-15);
  kl_div(y, p, {.reduction = Reduction::sum}).backward();
  EXPECT_EQ(y.grad(), (Array2{{-0.25, -0.75}, {0, -1}}));
  EXPECT_THROW(kl_div(Tensor<double>(1.0), 1.0, {.batch_mean = true}), ShapeError);
}

TEST(CosineEmbeddingLoss, OfDirections) {
  const auto a = variable(Array2{{3, 0}, {1, 1}, {2, 0}, {0, 0}}),
             b = variable(Array2{{5, 0}, {0, 2}, {-1, 0}, {1, 1}});
  const double cosine = std::sqrt(0.5);
  const auto alike = cosine_embedding_loss(a, b, Array2{1, 1, 1, 1}, {.reduction = Reduction::none});
  const Array2 expected{0, 1 - cosine, 2, 1};
  const auto unlike =
      cosine_embedding_loss(a, b, Array2{-1, -1, -1, -1}, {.reduction = Reduction::none, .margin = 0.5});
  const Array2 beyond{0.5, cosine - 0.5, 0, 0};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(alike.value()(i), expected(i), 1e-15) << i;
    EXPECT_NEAR(unlike.value()(i), beyond(i), 1e-15) << i;
  }
  sum(alike).backward();
  for (const double g : a.grad()) EXPECT_TRUE(std::isfinite(g)) << "also at a row of zeros";
  EXPECT_THROW(cosine_embedding_loss(a, b, Array2{1, 0, 1, 1}), ValueError);
  EXPECT_THROW(cosine_embedding_loss(a, b, Array2{1, 1}), ShapeError);
  EXPECT_THROW(cosine_embedding_loss(a, Array2{{1, 2}}, Array2{1, 1, 1, 1}), ShapeError);
  EXPECT_THROW(cosine_embedding_loss(a, b, Array2{1, 1, 1, 1}, {.margin = 1.5}), ValueError);
}

TEST(CosineEmbeddingLoss, HasTheGradientOfItsDefinition) {
  Rng rng{3};
  const auto random = [&] {
    Array2 values = Array2::from_shape({5, 3});
    for (double& v : values) v = rng.normal();
    return variable(values);
  };
  const auto a = random(), b = random();
  const auto f = [](const std::vector<Tensor<double>>& in) {
    return cosine_embedding_loss(in[0], in[1], Array2{1, -1, 1, -1, -1}, {.margin = -0.9});
  };
  const GradientCheck check = check_gradients(f, {a, b});
  EXPECT_TRUE(check.ok()) << check;
}

TEST(Penalties, AreSumsOverAllNumbers) {
  const auto a = variable(Array2{{1, -2}, {0, 3}}), b = variable(Array2{-4});
  EXPECT_EQ(l1_penalty<double>({a, b}).item(), 10);
  EXPECT_EQ(l2_penalty<double>({a, b}).item(), 30);
  (l1_penalty<double>({a, b}) + 0.5 * l2_penalty<double>({a, b})).backward();
  EXPECT_EQ(a.grad(), (Array2{{2, -3}, {0, 4}}));
  EXPECT_EQ(b.grad(), (Array2{-5}));
  EXPECT_EQ(l2_penalty<float>({}).item(), 0);
}

TEST(Losses, OfNothingAreZeroInSumAndNaNInMean) {
  const Tensor<double> none = Array2::from_shape({0, 3});
  const xt::xarray<int> labels = xt::xarray<int>::from_shape({0});
  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    const std::vector<Tensor<double>> all{
        mse_loss(none, none, {.reduction = reduction}),
        huber_loss(none, none, {.reduction = reduction}),
        hinge_loss(none, none, {.reduction = reduction}),
        kl_div(none, none, {.reduction = reduction, .batch_mean = true}),
        cross_entropy(none, labels, {.reduction = reduction}),
        cross_entropy(none, labels, {.reduction = reduction, .label_smoothing = 0.1}),
        nll_loss(none, labels, {.reduction = reduction}),
        multi_margin_loss(none, labels, {.reduction = reduction}),
        multi_margin_loss(Tensor<double>(Array2::from_shape({0, 0})), labels, {.reduction = reduction}),
        nll_loss(Tensor<double>(Array2::from_shape({0, 0})), labels, {.reduction = reduction})};
    for (const Tensor<double>& loss : all) {
      if (reduction == Reduction::sum)
        EXPECT_EQ(loss.item(), 0) << &loss - all.data();
      else
        EXPECT_TRUE(std::isnan(loss.item())) << &loss - all.data();
    }
  }
}

}  // namespace
}  // namespace gradus::nn
