#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

/// Modules one after another: each takes what the one before it gives.
///
///     nn::Sequential model{nn::Linear{784, 50, rng}, nn::Sigmoid{}, nn::Linear{50, 10, rng}};
///     Tensor<float> logits = model(images);
///
/// A handle: copies share the modules. Its parameters are named after their place: "0.weight", "2.bias"; the
/// variables take on these names.
template <class T>
class Sequential {
 public:
  using value_type = T;

  template <class... M>
  requires(std::convertible_to<M, Module<T>>&&...) explicit(sizeof...(M) == 1) Sequential(M... modules)
      : Sequential(std::vector<Module<T>>{Module<T>(std::move(modules))...}) {}
  explicit Sequential(std::vector<Module<T>> modules) : modules_(std::move(modules)) {
    name_variables(named_parameters());
  }

  Tensor<T> operator()(const Tensor<T>& x) const {
    Tensor<T> y = x;
    for (const Module<T>& module : modules_) y = module(y);
    return y;
  }

  std::size_t size() const { return modules_.size(); }
  const std::vector<Module<T>>& modules() const { return modules_; }

  /// Each once, though a module may stand in several places.
  NamedParameters<T> named_parameters() const {
    NamedParameters<T> parameters;
    for (std::size_t i = 0; i < modules_.size(); ++i)
      append(parameters, std::to_string(i), modules_[i].named_parameters());
    return parameters;
  }
  std::vector<Tensor<T>> parameters() const { return tensors_of(named_parameters()); }

 private:
  std::vector<Module<T>> modules_;
};

namespace detail {

/// The element type of the first module that has one; float when none has.
template <class... M>
struct ElementOfModules {
  using type = float;
};
template <class M, class... Rest>
struct ElementOfModules<M, Rest...> : ElementOfModules<Rest...> {};
template <class M, class... Rest>
requires requires { typename M::value_type; }
struct ElementOfModules<M, Rest...> {
  using type = typename M::value_type;
};

}  // namespace detail

template <class... M>
Sequential(M...) -> Sequential<typename detail::ElementOfModules<M...>::type>;

}  // namespace gradus::nn
