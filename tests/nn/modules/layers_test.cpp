#include <cmath>
#include <limits>
#include <string>

#include "every_module.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/nn/modules/check_module.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

using Array2 = xt::xarray<double>;

void expect_near(const Array<double>& a, const Array<double>& b, double tolerance = 1e-14) {
  ASSERT_EQ(shape_of(a), shape_of(b));
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a.data()[i], b.data()[i], tolerance) << i;
}

TEST(EveryModule, HasTheGradientOfItsValueInTrainingAndEvaluation) {
  Rng rng{11};
  for (const ModuleCase& each : every_module(rng)) {
    for (const bool training : {true, false}) {
      each.module.train(training);
      const Tensor<double> x = each.takes_indices ? each.x : variable(each.x.value());
      const GradientCheck check = check_module(each.module, x, {.check = {.tolerance = 1e-5}});
      if (each.module.parts().attributes.contains("padding_index")) {  // the one row that does not learn
        EXPECT_EQ(check.count(Verdict::wrong), 3u) << check;
        EXPECT_EQ(check.count(Verdict::agrees) + 3, check.size()) << check;
        continue;
      }
      EXPECT_NE(check.worst().analytic, 0) << each.module.parts().type << ": nothing was checked";
      EXPECT_TRUE(check.ok()) << each.module.parts().type << (training ? " in training\n" : "\n") << check;
    }
  }
}

TEST(EveryModule, IsTheSameInEvaluationWheneverItIsCalled) {
  Rng rng{12};
  for (const ModuleCase& each : every_module(rng)) {
    each.module.eval();
    const Array<double> first = each.module(each.x).value();
    EXPECT_EQ(each.module(each.x).value(), first) << each.module.parts().type;
  }
}

/// A bilinear layer with its second input fixed.
struct WithSecond {
  Bilinear<double> layer;
  Tensor<double> b;

  Tensor<double> operator()(const Tensor<double>& a) const { return layer(a, b); }
  NamedParameters<double> named_parameters() const { return layer.named_parameters(); }
};

TEST(Bilinear, IsItsSum) {
  Rng rng{1};
  const Bilinear<double> layer{3, 2, 4, rng};
  layer.parameters()[1].set_value(Array2{1, 2, 3, 4});
  const auto a = variable(random_array({5, 3}, rng)), b = variable(random_array({5, 2}, rng));
  const Array<double>& w = layer.weight().value();
  Array<double> expected = empty_array<double>({5, 4});
  for (std::size_t n = 0; n < 5; ++n)
    for (std::size_t k = 0; k < 4; ++k) {
      expected(n, k) = static_cast<double>(k + 1);
      for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 2; ++j) expected(n, k) += a.value()(n, i) * w(i, j, k) * b.value()(n, j);
    }
  expect_near(layer(a, b).value(), expected);
  const auto f = [&](const std::vector<Tensor<double>>& in) { return sum(square(layer(in[0], in[1]))); };
  const GradientCheck of_inputs = check_gradients(f, {a, b});
  EXPECT_TRUE(of_inputs.ok()) << of_inputs;
  const GradientCheck of_parameters = check_module(Module<double>(WithSecond{layer, b.detach()}), a);
  EXPECT_TRUE(of_parameters.ok()) << of_parameters;
  EXPECT_EQ(of_parameters.size(), 3u * 2 * 4 + 4 + 5 * 3);
  EXPECT_EQ((Bilinear<double>{3, 2, 4, rng, {.bias = false}}.parameters().size()), 1u);
  EXPECT_THROW(layer(b, a), ShapeError);
  EXPECT_THROW(layer(a, random_array({4, 2}, rng)), ShapeError);
  EXPECT_THROW((Bilinear<double>{3, 0, 4, rng}), ValueError);
}

TEST(Embedding, IsTheRowsOfItsWeight) {
  Rng rng{1};
  const Embedding<double> layer{4, 2, rng};
  layer.weight().set_value(Array2{{0, 1}, {10, 11}, {20, 21}, {30, 31}});
  const xt::xarray<int> indices{{3, 0, 3}, {1, 1, 2}};
  const Array2 expected{{{30, 31}, {0, 1}, {30, 31}}, {{10, 11}, {10, 11}, {20, 21}}};
  EXPECT_EQ(layer(indices).value(), expected);
  EXPECT_EQ(layer(Tensor<double>(indices)).value(), expected) << "a model hands indices on as a tensor";
  sum(layer(indices)).backward();
  EXPECT_EQ(layer.weight().grad(), (Array2{{1, 1}, {2, 2}, {1, 1}, {2, 2}})) << "each once for every place";
  EXPECT_EQ(layer(xt::xarray<int>(3)).shape(), (Shape{2}));
  EXPECT_EQ(layer(xt::xarray<int>::from_shape({0})).shape(), (Shape{0, 2}));
}

TEST(Embedding, LetsPaddingAlone) {
  Rng rng{1};
  const Embedding<double> layer{3, 2, rng, {.padding_index = 1}};
  EXPECT_EQ(layer.weight().value()(1, 0), 0);
  EXPECT_EQ(layer.weight().value()(1, 1), 0);
  layer.weight().set_value(Array2{{1, 2}, {3, 4}, {5, 6}});
  const auto y = layer(xt::xarray<int>{1, 2, 1, 0});
  EXPECT_EQ(y.value(), (Array2{{3, 4}, {5, 6}, {3, 4}, {1, 2}}));
  sum(y).backward();
  EXPECT_EQ(layer.weight().grad(), (Array2{{1, 1}, {0, 0}, {1, 1}}));
}

TEST(Embedding, RefusesWhatIsNoIndex) {
  Rng rng{1};
  const Embedding<double> layer{3, 2, rng};
  EXPECT_THROW(layer(xt::xarray<int>{3}), ValueError);
  EXPECT_THROW(layer(xt::xarray<int>{-1}), ValueError) << "negative ones do not count from the end";
  for (const double bad : {0.5, std::nan(""), HUGE_VAL, -1.0, 3.0})
    EXPECT_THROW(layer(Tensor<double>(Array2{bad})), ValueError) << bad;
  EXPECT_THROW((Embedding<double>{0, 2, rng}), ValueError);
  EXPECT_THROW((Embedding<double>{3, 2, rng, {.padding_index = 3}}), ValueError);
}

TEST(Dropout, DropsAboutSoManyAndKeepsTheMean) {
  Rng rng{5};
  const Dropout layer{0.3, rng};
  const Tensor<double> y = layer(Tensor<double>(full_array<double>({100, 200}, 1)));
  double dropped = 0, total = 0;
  for (const double v : y.value()) {
    EXPECT_TRUE(v == 0 || std::abs(v - 1 / 0.7) < 1e-15) << v;
    dropped += v == 0;
    total += v;
  }
  const double deviation = std::sqrt(0.3 * 0.7 / 20000);
  EXPECT_NEAR(dropped / 20000, 0.3, 4 * deviation);
  EXPECT_NEAR(total / 20000, 1, 4 * deviation / 0.7);
}

TEST(Dropout, LetsTheGradientThroughWhereTheValueWent) {
  Rng rng{5};
  const Dropout layer{0.5, rng};
  const auto x = variable(full_array<float>({50}, 3));
  const Tensor<float> y = layer(x);
  sum(y).backward();
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(x.grad()(i), y.value()(i) / 3) << i;
}

TEST(Dropout, OfNothingAndOfEverything) {
  Rng rng{5};
  const Tensor<double> x = random_array({3, 4}, rng);
  EXPECT_EQ((Dropout{0, rng}(x).value()), x.value());
  EXPECT_EQ((Dropout{1, rng}(x).value()), full_array<double>({3, 4}, 0));
  const Dropout layer{1, rng};
  layer.eval();
  EXPECT_EQ(layer(x).value(), x.value());
  for (const double bad : {-0.1, 1.1, std::nan("")}) EXPECT_THROW((Dropout{bad, rng}), ValueError);
}

TEST(Dropout, GivesTheSameMasksForASeedAtAnyNumberOfThreads) {
  const Tensor<float> x = full_array<float>({1000, 300}, 1);
  const auto draw = [&](int threads) {
    set_num_threads(threads);
    Rng rng{9};
    const Dropout layer{0.5, rng};
    layer(x);
    return layer(x).value();
  };
  const Array<float> one = draw(1), two = draw(2);
  set_num_threads(1);
  EXPECT_EQ(one, two);
}

TEST(Dropout, GoesOnFromASavedState) {
  Rng rng{9};
  const Dropout layer{0.5, rng};
  const Tensor<float> x = full_array<float>({100}, 1);
  layer(x);
  const ModuleState saved = *layer.named_states()[0].state;
  const Array<float> next = layer(x).value();
  EXPECT_NE(layer(x).value(), next);
  *layer.named_states()[0].state = saved;
  EXPECT_EQ(layer(x).value(), next);
}

TEST(BatchNorm1d, NormalisesEachFeatureAndFollowsItsStatistics) {
  const BatchNorm1d<double> layer{2, {.momentum = 0.25}};
  layer.parameters()[0].set_value(Array2{2, 3});
  layer.parameters()[1].set_value(Array2{-1, 1});
  const Array2 x{{1, 10}, {3, 20}, {5, 60}};  // means 3, 30; variances 8/3, 1400/3
  const Tensor<double> y = layer(x);
  const double a = 2 / std::sqrt(8.0 / 3 + 1e-5), b = 3 / std::sqrt(1400.0 / 3 + 1e-5);
  expect_near(y.value(), Array2{{-2 * a - 1, -20 * b + 1}, {-1, -10 * b + 1}, {2 * a - 1, 30 * b + 1}},
              1e-13);
  expect_near(layer.running_mean().value(), Array2{0.75, 7.5});
  expect_near(layer.running_var().value(), Array2{0.75 + 0.25 * 4, 0.75 + 0.25 * 700}, 1e-12);

  layer.eval();
  const double c = 2 / std::sqrt(1.75 + 1e-5), d = 3 / std::sqrt(175.75 + 1e-5);
  expect_near(layer(Array2{{0, 0}}).value(), Array2{{-0.75 * c - 1, -7.5 * d + 1}});
  expect_near(layer.running_mean().value(), Array2{0.75, 7.5});
}

TEST(BatchNorm1d, TakesSequencesFeatureByFeature) {
  Rng rng{3};
  const Array<double> x = random_array({4, 3, 5}, rng);
  const Tensor<double> y = BatchNorm1d<double>{3, {.affine = false}}(x);
  for (std::size_t f = 0; f < 3; ++f) {
    double mean = 0, var = 0;
    for (std::size_t n = 0; n < 4; ++n)
      for (std::size_t t = 0; t < 5; ++t) mean += y.value()(n, f, t) / 20;
    for (std::size_t n = 0; n < 4; ++n)
      for (std::size_t t = 0; t < 5; ++t) var += std::pow(y.value()(n, f, t) - mean, 2) / 20;
    EXPECT_NEAR(mean, 0, 1e-14);
    EXPECT_NEAR(var, 1, 1e-4);
  }
}

TEST(BatchNorm1d, RefusesASingleValueInTrainingAndChangesNothing) {
  const BatchNorm1d<double> layer{2};
  for (const Shape& shape : {Shape{1, 2}, Shape{0, 2}, Shape{1, 2, 1}}) {
    try {
      layer(Tensor<double>(full_array<double>(shape, 1)));
      ADD_FAILURE() << to_string(shape);
    } catch (const ValueError& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("[BatchNorm1d] input " + to_string(shape)), std::string::npos) << message;
    }
  }
  EXPECT_THROW(layer(Array2{{1, 2, 3}, {1, 2, 3}}), ShapeError);
  EXPECT_THROW(layer(Array2{1, 2}), ShapeError);
  EXPECT_THROW((BatchNorm2d<double>{2}(Array2{{1, 2}, {3, 4}})), ShapeError);
  EXPECT_EQ(layer.running_mean().value(), (Array2{0, 0}));
  EXPECT_EQ(layer.running_var().value(), (Array2{1, 1}));
  layer.eval();
  EXPECT_NO_THROW(layer(Array2{{1, 2}}));
  EXPECT_THROW((BatchNorm1d<double>{0}), ValueError);
  EXPECT_THROW((BatchNorm1d<double>{2, {.eps = 0}}), ValueError);
  EXPECT_THROW((BatchNorm1d<double>{2, {.momentum = -0.1}}), ValueError);
}

TEST(BatchNorm1d, OfEqualValuesIsItsBias) {
  const BatchNorm1d<float> layer{1};
  EXPECT_EQ(layer(Tensor<float>(full_array<float>({3, 1}, 7))).value(), full_array<float>({3, 1}, 0));
}

TEST(LayerNorm, NormalisesEachRow) {
  const LayerNorm<double> layer{2};
  layer.parameters()[0].set_value(Array2{1, 10});
  layer.parameters()[1].set_value(Array2{0.5, -0.5});
  const double s = 1 / std::sqrt(1 + 1e-5), t = 3 / std::sqrt(9 + 1e-5);
  expect_near(layer(Array2{{1, 3}, {-1, 5}}).value(),
              Array2{{-s + 0.5, 10 * s - 0.5}, {-t + 0.5, 10 * t - 0.5}}, 1e-13);
  EXPECT_THROW(layer(Array2{{1, 2, 3}}), ShapeError);
  EXPECT_THROW((LayerNorm<double>{Shape{}}), ValueError);
  EXPECT_THROW((LayerNorm<double>{0}), ValueError);
  EXPECT_THROW((LayerNorm<double>{2, {.eps = -1}}), ValueError);
  EXPECT_THROW((LayerNorm<double>{Shape{2, 3}}(Array2{{{1, 2}, {3, 4}, {5, 6}}})), ShapeError);
  EXPECT_TRUE((std::is_same_v<decltype(LayerNorm{4}), LayerNorm<float>>));
}

TEST(RMSNorm, DividesEachRowByItsSize) {
  const RMSNorm<double> layer{2, {.eps = 1e-9}};
  layer.parameters()[0].set_value(Array2{1, 2});
  const double r = std::sqrt(12.5 + 1e-9);
  expect_near(layer(Array2{{3, 4}, {0, 0}}).value(), Array2{{3 / r, 8 / r}, {0, 0}});
  EXPECT_THROW(layer(Array2{{1, 2, 3}}), ShapeError);
  EXPECT_THROW(layer(Tensor<double>(1.0)), ShapeError);
  EXPECT_THROW((RMSNorm<double>{0}), ValueError);
}

TEST(Unflatten, GivesRowsAShape) {
  const Tensor<double> x = Tensor<double>(Array2{{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}});
  const Tensor<double> y = Unflatten{{1, 3, 2}}(x);
  ASSERT_EQ(y.shape(), (Shape{2, 1, 3, 2}));
  EXPECT_EQ(y.value()(1, 0, 2, 0), 11);
  EXPECT_EQ(Flatten{}(y).value(), x.value());
  EXPECT_EQ(Unflatten{{6}}(y).shape(), (Shape{2, 6}));
  EXPECT_EQ((Unflatten{{2, 2}}(Tensor<double>(full_array<double>({0, 4}, 0))).shape()), (Shape{0, 2, 2}));
  EXPECT_THROW(Unflatten{Shape{}}, ValueError);
  EXPECT_THROW((Unflatten{{2, 0}}), ValueError);
  EXPECT_THROW((Unflatten{{2, 2}}(x)), ShapeError);
  EXPECT_THROW((Unflatten{{1}}(Tensor<double>(1.0))), ShapeError);
  try {
    Unflatten{{1, 28, 28}}(x);
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(), "[Unflatten] input (2,6): expected (n,784), rows that become (1,28,28)");
  }
}

TEST(Flatten, KeepsRows) {
  Rng rng{1};
  const Tensor<double> x = random_array({2, 3, 4}, rng);
  const Tensor<double> y = Flatten{}(x);
  EXPECT_EQ(y.shape(), (Shape{2, 12}));
  EXPECT_EQ(y.value()(1, 5), x.value()(1, 1, 1));
  EXPECT_EQ(Flatten{}(Tensor<double>(Array2{1, 2})).shape(), (Shape{2, 1}));
  EXPECT_EQ(Flatten{}(Tensor<double>(full_array<double>({0, 3, 4}, 0))).shape(), (Shape{0, 12}));
  EXPECT_THROW(Flatten{}(Tensor<double>(1.0)), ShapeError);
}

TEST(Residual, AddsItsBody) {
  Rng rng{1};
  const Linear<double> layer{3, 3, rng};
  const Residual block{layer};
  const Tensor<double> x = random_array({2, 3}, rng);
  EXPECT_EQ(block(x).value(), (x + layer(x)).value());
  EXPECT_EQ(block.named_parameters()[0].name, "body.weight");
  EXPECT_EQ(layer.weight().name(), "body.weight");
  EXPECT_EQ((Residual{Sequential{layer, Tanh{}}}.named_parameters()[0].name), "body.0.weight");
  EXPECT_THROW((Residual{Linear<double>{3, 1, rng}}(x)), ShapeError) << "nothing is broadcast";
}

TEST(Lambda, IsAFunctionUnderAName) {
  const Lambda doubled{"doubled", [](const auto& x) { return 2 * x; }};
  const Sequential<double> model{doubled, Lambda{"one of double", [](const Tensor<double>& x) { return x; }}};
  EXPECT_EQ(model(Array2{1, 2}).value(), (Array2{2, 4}));
  EXPECT_EQ(model.parts().children[0].module.parts().type, "doubled");
  EXPECT_EQ(doubled(Tensor<float>(1.5f)).item(), 3);
  EXPECT_THROW((Lambda{"", [](const auto& x) { return x; }}), ValueError);
}

TEST(PReLU, LearnsItsSlopes) {
  const PReLU<double> one{1, 0.5}, several{2, 0.5};
  const auto x = variable(Array2{{-2, 3}, {-4, -1}});
  EXPECT_EQ(one(x).value(), (Array2{{-1, 3}, {-2, -0.5}}));
  several.parameters()[0].set_value(Array2{0.5, 2});
  const Tensor<double> y = several(x);
  EXPECT_EQ(y.value(), (Array2{{-1, 3}, {-2, -2}}));
  sum(y).backward();
  EXPECT_EQ(several.parameters()[0].grad(), (Array2{-6, -1}));
  EXPECT_EQ(x.grad(), (Array2{{0.5, 1}, {0.5, 2}}));
  EXPECT_THROW(several(Array2{{1, 2, 3}}), ShapeError);
  EXPECT_THROW(several(Array2{1, 2}), ShapeError);
  EXPECT_THROW((PReLU<double>{0}), ValueError);
}

// Values as PyTorch's documentation gives the formulas, at points on both sides of each kink.
TEST(ActivationModules, AreTheirFormulas) {
  const Array2 x{-7, -1, -0.5, 0, 0.5, 1, 7};
  const auto sigmoid_of = [](double v) { return 1 / (1 + std::exp(-v)); };
  const struct {
    Activation activation;
    std::function<double(double)> formula;
  } cases[] = {
      {Activation::relu6, [](double v) { return std::min(std::max(v, 0.0), 6.0); }},
      {Activation::leaky_relu, [](double v) { return v > 0 ? v : 0.01 * v; }},
      {Activation::elu, [](double v) { return v > 0 ? v : std::exp(v) - 1; }},
      {Activation::hard_tanh, [](double v) { return std::min(std::max(v, -1.0), 1.0); }},
      {Activation::hard_sigmoid, [](double v) { return std::min(std::max(v / 6 + 0.5, 0.0), 1.0); }},
      {Activation::hard_swish, [](double v) { return v * std::min(std::max(v + 3, 0.0), 6.0) / 6; }},
      {Activation::silu, [&](double v) { return v * sigmoid_of(v); }},
      {Activation::gelu, [](double v) { return v * std::erfc(-v / std::sqrt(2)) / 2; }},
      {Activation::softsign, [](double v) { return v / (1 + std::abs(v)); }},
      {Activation::log_sigmoid, [&](double v) { return std::log(sigmoid_of(v)); }},
      {Activation::mish, [](double v) { return v * std::tanh(std::log1p(std::exp(v))); }},
  };
  for (const auto& c : cases) {
    const Tensor<double> y = activate(c.activation, Tensor<double>(x));
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(y.value()(i), c.formula(x(i)), 1e-14) << activation_name(c.activation) << " at " << x(i);
    EXPECT_EQ(activation_module<double>(c.activation)(x).value(), y.value());
  }
  EXPECT_NEAR(logsumexp(LogSoftmax{}(Tensor<double>(x))).item(), 0, 1e-15);
}

TEST(BatchNorm, SaysWhatHelpsWithALastBatchOfOneRow) {
  try {
    BatchNorm1d<double>{2}(Tensor<double>(full_array<double>({1, 2}, 1)));
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("drop_last"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace gradus::nn
