#include <string>
#include <vector>

#include <gradus/core/expected.hpp>
#include <gradus/nn/modules/activations.hpp>

namespace gradus::nn {

std::string_view activation_name(Activation activation) {
#define GRADUS_ROW(name, Module) \
  if (activation == Activation::name) return #name;
  GRADUS_ACTIVATIONS(GRADUS_ROW)
#undef GRADUS_ROW
  throw ValueError("[activation_name] " + std::to_string(static_cast<int>(activation)) +
                   " is no value of Activation");
}

Activation activation_named(std::string_view name) {
  std::vector<std::string> known;
  for (const Activation each : all_activations) {
    if (activation_name(each) == name) return each;
    known.emplace_back(activation_name(each));
  }
  throw ValueError("[activation_named] there is no activation '" + std::string(name) +
                   "': " + gradus::detail::expected_one_of(known));
}

template <class T>
Tensor<T> activate(Activation activation, const Tensor<T>& x) {
  switch (activation) {
#define GRADUS_ROW(name, Module) \
  case Activation::name:         \
    return Module{}(x);
    GRADUS_ACTIVATIONS(GRADUS_ROW)
#undef GRADUS_ROW
  }
  return x;
}

template <class T>
Module<T> activation_module(Activation activation) {
  switch (activation) {
#define GRADUS_ROW(name, Module) \
  case Activation::name:         \
    return Module{};
    GRADUS_ACTIVATIONS(GRADUS_ROW)
#undef GRADUS_ROW
  }
  return Identity{};
}

#define GRADUS_INSTANTIATE(T)                                \
  template Tensor<T> activate(Activation, const Tensor<T>&); \
  template Module<T> activation_module(Activation);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
