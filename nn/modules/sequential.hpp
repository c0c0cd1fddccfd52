#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
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
/// A handle: copies share the modules. Its parameters are named after their place, "0.weight", "2.bias", or
/// after the modules where these are given names, "fc1.weight"; the variables take on these names.
///
///     nn::Sequential named{{"fc1", nn::Linear{784, 50, rng}}, {"act", nn::Sigmoid{}}};  // of float
///
/// Braces around one Sequential copy it, as braces around one std::vector do: C++ takes the copy constructor
/// then. The value is the same, but there is no level more in the names. With a name it is a part:
/// `nn::Sequential{{"block", block}}`.
template <class T>
class Sequential : public ModuleMembers<Sequential<T>, T> {
 public:
  template <class... M>
  requires(std::convertible_to<M, Module<T>>&&...) explicit(sizeof...(M) == 1) Sequential(M... modules)
      : Sequential(std::vector<Module<T>>{Module<T>(std::move(modules))...}) {}
  explicit Sequential(std::vector<Module<T>> modules);
  /// ValueError when a name is empty, holds a dot or is given twice.
  Sequential(std::initializer_list<NamedModule<T>> modules) : Sequential(NamedModules<T>(modules)) {}
  explicit Sequential(NamedModules<T> modules);

  Tensor<T> operator()(const Tensor<T>& x) const;

  std::size_t size() const { return modules_.size(); }
  const std::vector<Module<T>>& modules() const { return modules_; }
  ModuleParts<T> parts() const;

 private:
  std::vector<Module<T>> modules_;
  std::vector<std::string> names_;
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
template <class T>
Sequential(std::vector<Module<T>>) -> Sequential<T>;
template <class T>
Sequential(NamedModules<T>) -> Sequential<T>;
Sequential(std::initializer_list<NamedModule<float>>)->Sequential<float>;

extern template class Sequential<float>;
extern template class Sequential<double>;

}  // namespace gradus::nn
