#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/nn/modules/activations.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/nn/modules/mlp.hpp>
#include <gradus/nn/modules/sequential.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

using Array2 = xt::xarray<double>;

template <class M>
std::vector<std::string> names(const M& module) {
  std::vector<std::string> result;
  for (const auto& [name, tensor] : module.named_parameters()) result.push_back(name);
  return result;
}

template <class M>
std::vector<std::string> variable_names(const M& module) {
  std::vector<std::string> result;
  for (const auto& tensor : module.parameters()) result.push_back(tensor.name());
  return result;
}

/// What `f` throws as an E.
template <class E, class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

bool mentions(const std::string& message, const std::string& part) {
  return message.find(part) != std::string::npos;
}

TEST(Linear, MultipliesByTheWeightAndAddsTheBias) {
  Rng rng{1};
  const Linear<double> layer{2, 3, rng};
  layer.weight().set_value(Array2{{1, 2, 3}, {4, 5, 6}});
  layer.bias().set_value(Array2{10, 20, 30});
  EXPECT_EQ(layer(Array2{{1, 0}, {1, -1}}).value(), (Array2{{11, 22, 33}, {7, 17, 27}}));

  const Linear<double> without{2, 3, rng, {.bias = false}};
  without.weight().set_value(layer.weight().value());
  EXPECT_EQ(without(Array2{{1, 1}}).value(), (Array2{{5, 7, 9}}));
}

TEST(Linear, HasTheGradientsOfItsFormula) {
  Rng rng{2};
  const Linear<double> layer{3, 2, rng};
  const auto x = variable(Array2{{1, -2, 0.5}, {0.25, 3, -1}});
  layer(x).backward(Array2{{1, 0}, {0, 2}});  // W gets x^T g, b the sum of g over the batch
  EXPECT_EQ(layer.weight().grad(), (Array2{{1, 0.5}, {-2, 6}, {0.5, -2}}));
  EXPECT_EQ(layer.bias().grad(), (Array2{1, 2}));
}

TEST(Linear, IsOfFloatUnlessToldOtherwise) {
  Rng rng{1};
  EXPECT_TRUE((std::is_same_v<decltype(Linear{2, 3, rng}), Linear<float>>));
  EXPECT_TRUE(
      (std::is_same_v<decltype(Linear{2, 3, rng, {.weight = init::zeros(), .bias = false}}), Linear<float>>));
}

TEST(Linear, CopiesShareTheirParameters) {
  Rng rng{1};
  const Linear layer{2, 3, rng};
  const Linear copy = layer;
  layer.bias().set_value(xt::xarray<float>{1, 2, 3});
  EXPECT_EQ(copy.bias().value(), (xt::xarray<float>{1, 2, 3}));
  sum(copy(xt::xarray<float>{{1, 1}})).backward();
  EXPECT_TRUE(layer.weight().has_grad());
}

TEST(Linear, SaysWhatInputItExpected) {
  Rng rng{1};
  const Linear layer{784, 50, rng};
  for (const Shape& shape : {Shape{100, 28}, Shape{784}, Shape{2, 5, 784}, Shape{}}) {
    const auto call = [&] { layer(xt::xarray<float>(shape, 1.0f)); };
    const std::string message = message_of<ShapeError>(call);
    EXPECT_TRUE(mentions(message, "[Linear]") && mentions(message, to_string(shape)) &&
                mentions(message, "(batch, 784)"))
        << message;
  }
}

TEST(Linear, RejectsWhatItCannotBeMadeFrom) {
  Rng rng{1};
  EXPECT_THROW((Linear{0, 3, rng}), ValueError);
  EXPECT_THROW((Linear{3, 0, rng}), ValueError);
  EXPECT_THROW((Linear{3, 2, rng, {.weight = Initializer{}}}), ValueError);
  const auto transposed = [](const Shape&, Rng&) { return full_array<double>({2, 3}, 0.0); };
  EXPECT_THROW((Linear{3, 2, rng, {.weight = transposed}}), ShapeError);
  EXPECT_THROW((Linear{3, 2, rng, {.bias = false}}.bias()), ValueError);
}

TEST(Activations, AreTheOpsOfTheirNames) {
  const Tensor<double> x = Array2{{-1, 0, 2}};
  EXPECT_EQ(Identity{}(x).value(), x.value());
  EXPECT_EQ(Sigmoid{}(x).value(), sigmoid(x).value());
  EXPECT_EQ(Tanh{}(x).value(), tanh(x).value());
  EXPECT_EQ(ReLU{}(x).value(), (Array2{{0, 0, 2}}));
  const double total = std::exp(-1) + 1 + std::exp(2);
  EXPECT_NEAR(Softmax{}(x).value()(0, 2), std::exp(2) / total, 1e-15);
  EXPECT_EQ(Softmax{0}(x).value(), (Array2{{1, 1, 1}}));
  EXPECT_EQ(GELU{}(x).value(), gelu(x).value());
  EXPECT_EQ(SiLU{}(x).value(), silu(x).value());
  EXPECT_EQ(ELU{}(x).value(), elu(x, 1).value());
  EXPECT_EQ(LeakyReLU{.slope = 0.2}(x).value(), leaky_relu(x, 0.2).value());
  EXPECT_EQ(activate(Activation::tanh, x).value(), tanh(x).value());
  EXPECT_EQ(activate(Activation::softmax, x).value(), Softmax{}(x).value());
  EXPECT_EQ(activate(Activation::identity, x).value(), x.value());
  const Tensor<float> f = xt::xarray<float>{-1, 3};
  EXPECT_EQ(ReLU{}(f).value(), (xt::xarray<float>{0, 3}));
}

TEST(Sequential, FeedsEachModuleWithWhatTheOneBeforeGives) {
  Rng rng{3};
  const Linear<double> first{2, 3, rng}, second{3, 1, rng};
  const Sequential model{first, Tanh{}, second};
  const Tensor<double> x = Array2{{1, 2}, {3, 4}};
  EXPECT_EQ(model(x).value(), second(tanh(first(x))).value());
  EXPECT_EQ(model(x.value()).value(), model(x).value()) << "arrays are accepted";
  EXPECT_EQ(model.size(), 3u);
  EXPECT_EQ(Sequential<double>{}(x).value(), x.value());
}

TEST(Sequential, TakesItsElementTypeFromItsModules) {
  Rng rng{1};
  const Linear single{2, 2, rng};
  const Linear<double> twofold{2, 2, rng};
  const auto lambda = [](const Tensor<double>& x) { return square(x); };
  EXPECT_TRUE((std::is_same_v<decltype(Sequential{single, ReLU{}}), Sequential<float>>));
  EXPECT_TRUE((std::is_same_v<decltype(Sequential{Sigmoid{}, twofold, lambda}), Sequential<double>>));
  EXPECT_TRUE(
      (std::is_same_v<decltype(Sequential{Tanh{}, Sequential{twofold, Tanh{}}}), Sequential<double>>));
  EXPECT_TRUE((std::is_same_v<decltype(Sequential{MLP{{2, 2}, Activation::tanh, rng}, Softmax{}}),
                              Sequential<float>>));
}

TEST(Sequential, NamesParametersByTheirPlace) {
  Rng rng{1};
  const Sequential inner{Linear{4, 3, rng}, ReLU{}, Linear{3, 2, rng, {.bias = false}}};
  const std::vector<std::string> expected{"0.weight", "0.bias", "2.weight"};
  EXPECT_EQ(names(inner), expected);
  EXPECT_EQ(variable_names(inner), expected);

  const Sequential outer{Tanh{}, inner, MLP{{2, 2, 2}, Activation::relu, rng}};
  const std::vector<std::string> nested{"1.0.weight",        "1.0.bias",        "1.2.weight",
                                        "2.layers.0.weight", "2.layers.0.bias", "2.layers.1.weight",
                                        "2.layers.1.bias"};
  EXPECT_EQ(names(outer), nested);
  EXPECT_EQ(variable_names(outer), nested);
}

TEST(Sequential, AroundOneAloneIsACopyUnlessThatHasAName) {
  Rng rng{2};
  const Sequential inner{Linear{4, 3, rng}, ReLU{}};
  const Sequential copy{inner}, named{{"block", inner}};
  const Sequential<float> listed{std::vector<Module<float>>{inner}};
  EXPECT_EQ(copy.size(), 2u);
  EXPECT_EQ(names(copy).front(), "0.weight");
  EXPECT_EQ(named.size(), 1u);
  EXPECT_EQ(names(named).front(), "block.0.weight");
  EXPECT_EQ(names(listed).front(), "0.0.weight");
  const Tensor<float> x = xt::xarray<float>{{1, -2, 3, 0.5f}};
  for (const Sequential<float>& each : {copy, named, listed}) EXPECT_EQ(each(x).value(), inner(x).value());
}

TEST(Sequential, ErrorsNameTheLayer) {
  Rng rng{1};
  const Sequential model{Linear{4, 3, rng}, ReLU{}, Linear{2, 2, rng}};
  const std::string message = message_of<ShapeError>([&] { model(xt::xarray<float>{{1, 2, 3, 4}}); });
  EXPECT_TRUE(mentions(message, "'2.weight'")) << message;
}

TEST(Sequential, CountsASharedModuleOnce) {
  Rng rng{1};
  const Linear<double> layer{2, 2, rng};
  const Sequential model{layer, Tanh{}, layer};
  EXPECT_EQ(names(model), (std::vector<std::string>{"0.weight", "0.bias"}));
  const Tensor<double> x = Array2{{0.5, -1}};
  EXPECT_EQ(model(x).value(), layer(tanh(layer(x))).value());
}

TEST(Sequential, CopiesShareTheirParameters) {
  Rng rng{1};
  const Sequential model{Linear{2, 2, rng}, Sigmoid{}};
  const Sequential copy = model;
  sum(copy(xt::xarray<float>{{1, 1}})).backward();
  EXPECT_TRUE(model.parameters()[0].has_grad());
  model.parameters()[0].set_value(xt::xarray<float>{{1, 2}, {3, 4}});
  EXPECT_EQ(copy.parameters()[0].value(), (xt::xarray<float>{{1, 2}, {3, 4}}));
}

// A module somebody wrote: y = x + tanh(layer(x)).
struct Block {
  Linear<double> layer;
  Tensor<double> operator()(const Tensor<double>& x) const { return x + tanh(layer(x)); }
  NamedParameters<double> named_parameters() const {
    NamedParameters<double> parameters;
    append(parameters, "layer", layer.named_parameters());
    return parameters;
  }
};

TEST(Sequential, TakesModulesOfOnesOwn) {
  Rng rng{4};
  const Block block{{2, 2, rng}};
  const auto doubled = [](const Tensor<double>& x) { return 2 * x; };
  const Sequential<double> model{block, doubled};
  const Tensor<double> x = Array2{{1, -1}};
  EXPECT_EQ(model(x).value(), (2 * block(x)).value());
  EXPECT_EQ(names(model), (std::vector<std::string>{"0.layer.weight", "0.layer.bias"}));
}

TEST(MLP, IsItsLayersWithTheActivationBetweenThem) {
  Rng rng{5};
  const MLP<double> mlp{{3, 4, 5, 2}, Activation::tanh, rng};
  ASSERT_EQ(mlp.layers().size(), 3u);
  const auto& layers = mlp.layers();
  const Tensor<double> x = Array2{{1, 2, 3}};
  EXPECT_EQ(mlp(x).value(), layers[2](tanh(layers[1](tanh(layers[0](x))))).value());
  EXPECT_EQ(names(mlp).front(), "layers.0.weight");
  EXPECT_EQ(variable_names(mlp).back(), "layers.2.bias");
}

TEST(MLP, TakesOptions) {
  Rng rng{5};
  const MLP mlp{{3, 2},
                Activation::relu,
                rng,
                {.weight = init::constant(1), .bias = false, .output = Activation::softmax}};
  EXPECT_EQ(names(mlp).size(), 1u);
  EXPECT_EQ(mlp(xt::xarray<float>{{1, 2, 3}}).value(), (xt::xarray<float>{{0.5f, 0.5f}}));
  EXPECT_THROW((MLP{std::vector<std::size_t>{3}, Activation::relu, rng}), ValueError);
  EXPECT_THROW((MLP{{3, 0, 1}, Activation::relu, rng}), ValueError);
}

TEST(MLP, HasTheGradientOfItsFormula) {
  for (const Activation activation : {Activation::sigmoid, Activation::tanh}) {
    Rng rng{6};
    const MLP<double> mlp{{3, 4, 2}, activation, rng};
    const auto f = [&](const std::vector<Tensor<double>>& in) { return sum(square(mlp(in[0]))); };
    const GradientCheck check = check_gradients(f, {variable(Array2{{1, -2, 0.5}, {0.25, 3, -1}})});
    EXPECT_TRUE(check.ok()) << check;
  }
}

struct Moments {
  double mean, variance, least, greatest;
};

Moments moments(const Initializer& initializer, std::size_t in, std::size_t out) {
  Rng rng{7};
  const Array<double> w = initializer({in, out}, rng);
  const auto n = static_cast<double>(w.size());
  double mean = 0, variance = 0;
  for (const double x : w) mean += x / n;
  for (const double x : w) variance += (x - mean) * (x - mean) / n;
  return {mean, variance, *std::min_element(w.begin(), w.end()), *std::max_element(w.begin(), w.end())};
}

TEST(Init, HasTheSpreadOfItsFormula) {
  const std::size_t in = 200, out = 100;
  const double bound = std::sqrt(6.0 / 300);
  const struct {
    const char* name;
    Initializer initializer;
    double mean, variance, least, greatest;  // the last two as far as they are bounded
  } cases[] = {{"normal", init::normal(0.01), 0, 1e-4, -1, 1},
               {"normal with a mean", init::normal(0.5, 2), 2, 0.25, -1, 5},
               {"uniform", init::uniform(-1, 3), 1, 16.0 / 12, -1, 3},
               {"xavier", init::xavier(), 0, 2.0 / 300, -bound, bound},
               {"he", init::he(), 0, 2.0 / 200, -1, 1},
               {"constant", init::constant(0.25), 0.25, 0, 0.25, 0.25},
               {"zeros", init::zeros(), 0, 0, 0, 0}};
  for (const auto& c : cases) {
    const Moments m = moments(c.initializer, in, out);
    EXPECT_NEAR(m.mean, c.mean, 1e-12 + 4 * std::sqrt(c.variance / (in * out))) << c.name;
    EXPECT_NEAR(m.variance, c.variance, 1e-12 + 0.04 * c.variance) << c.name;
    EXPECT_GE(m.least, c.least) << c.name;
    EXPECT_LE(m.greatest, c.greatest) << c.name;
  }
}

TEST(Init, TheSameSeedGivesTheSameWeights) {
  Rng a{8}, b{8}, c{9};
  const Linear<float> first{30, 20, a}, again{30, 20, b}, other{30, 20, c};
  EXPECT_EQ(first.weight().value(), again.weight().value());
  EXPECT_NE(first.weight().value(), other.weight().value());
  Rng d{8};
  const Linear<double> precise{30, 20, d};
  EXPECT_EQ(first.weight().value(), xt::xarray<float>(precise.weight().value()));
  for (const float b0 : first.bias().value()) EXPECT_EQ(b0, 0);
}

TEST(Init, DefaultsAreXavierAndBeforeReluHe) {
  const auto weight_with = [](const Initializer& initializer, std::size_t in, std::size_t out, Rng& rng) {
    return xt::xarray<double>(initializer({in, out}, rng));
  };
  Rng a{1}, b{1};
  EXPECT_EQ((Linear<double>{5, 4, a}.weight().value()), weight_with(init::xavier(), 5, 4, b));
  const MLP<double> mlp{{5, 4, 3}, Activation::relu, a};
  EXPECT_EQ(mlp.layers()[0].weight().value(), weight_with(init::he(), 5, 4, b));
  EXPECT_EQ(mlp.layers()[1].weight().value(), weight_with(init::xavier(), 4, 3, b));
}

TEST(Init, RejectsSpreadsThatMakeNoSense) {
  for (const double bad : {-1.0, std::nan(""), HUGE_VAL}) EXPECT_THROW(init::normal(bad), ValueError) << bad;
  EXPECT_THROW(init::normal(1, std::nan("")), ValueError);
  EXPECT_THROW(init::uniform(1, -1), ValueError);
  EXPECT_THROW(init::uniform(0, HUGE_VAL), ValueError);
  Rng rng{1};
  EXPECT_THROW(init::xavier()({3}, rng), ShapeError);
  EXPECT_THROW(init::he()({3, 3, 3}, rng), ShapeError);
}

}  // namespace
}  // namespace gradus::nn
