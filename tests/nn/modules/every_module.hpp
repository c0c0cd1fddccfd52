#pragma once

#include <string>
#include <vector>

#include <gradus/core/rng.hpp>
#include <gradus/nn/modules.hpp>

namespace gradus::nn {

/// A module of every type, made in another way than by default where it can be, and an input for it.
struct ModuleCase {
  Module<double> module;
  Tensor<double> x;
  bool takes_indices = false;
};

inline Array<double> random_array(const Shape& shape, Rng& rng, double lo = -2, double hi = 2) {
  Array<double> a = empty_array<double>(shape);
  for (double& v : a) v = rng.uniform(lo, hi);
  return a;
}

inline std::vector<ModuleCase> every_module(Rng& rng) {
  std::vector<ModuleCase> cases;
  const auto add = [&](Module<double> module, const Shape& shape) {
    cases.push_back({std::move(module), random_array(shape, rng)});
  };
  for (const Activation activation : all_activations) add(activation_module<double>(activation), {3, 4});
  add(ELU{0.5}, {3, 4});
  add(LeakyReLU{0.2}, {3, 4});
  add(HardTanh{-0.5, 1.5}, {3, 4});
  add(Softmax{0}, {3, 4});
  add(LogSoftmax{0}, {3, 4});
  add(Linear<double>{4, 2, rng}, {3, 4});
  add(Linear<double>{4, 2, rng, {.bias = false}}, {3, 4});
  add(MLP<double>{{4, 5, 6, 2}, Activation::gelu, rng, {.bias = false, .output = Activation::softmax}},
      {3, 4});
  add(Sequential<double>{{"fc", Linear<double>{4, 3, rng}},
                         {"inner", Sequential{Tanh{}, Linear<double>{3, 2, rng}}},
                         {"mlp", MLP<double>{{2, 3, 2}, Activation::relu, rng}}},
      {3, 4});
  add(PReLU<double>{}, {3, 4});
  add(PReLU<double>{4, -0.5}, {3, 4, 2});
  add(Dropout{0.4, rng}, {3, 4});
  add(Flatten{}, {3, 2, 4});
  add(Unflatten{{2, 3}}, {3, 6});
  add(Unflatten{{6}}, {3, 3, 2});
  add(BatchNorm1d<double>{4, {.eps = 1e-3, .momentum = 0.3}}, {3, 4});
  add(BatchNorm1d<double>{4, {.affine = false}}, {3, 4, 2});
  add(BatchNorm2d<double>{2}, {3, 2, 2, 3});
  add(LayerNorm<double>{4}, {3, 4});
  add(LayerNorm<double>{Shape{2, 3}, {.eps = 1e-2, .affine = false}}, {4, 2, 3});
  add(RMSNorm<double>{4, {.eps = 1e-2}}, {3, 4});
  add(RMSNorm<double>{4, {.affine = false}}, {3, 2, 4});
  add(Residual<double>{Sequential{Linear<double>{4, 4, rng}, Tanh{}}}, {3, 4});
  add(Conv2d<double>{2, 3, {2, 1}, rng, {.stride = {1, 2}, .padding = 1, .bias = false}}, {2, 2, 3, 3});
  add(Conv2d<double>{1, 2, 2, rng}, {2, 1, 3, 3});
  add(MaxPool2d{2, {.stride = 1, .padding = 1}}, {1, 2, 3, 3});
  add(MaxPool2d{{1, 2}}, {1, 2, 3, 4});
  add(AvgPool2d{2, {.padding = {1, 0}}}, {1, 2, 4, 4});
  for (const auto padding : {std::optional<std::size_t>{}, std::optional<std::size_t>{2}})
    cases.push_back({Embedding<double>{5, 3, rng, {.padding_index = padding}},
                     xt::xarray<double>{{0, 4, 2, 4}, {2, 1, 0, 3}}, true});
  return cases;
}

}  // namespace gradus::nn
