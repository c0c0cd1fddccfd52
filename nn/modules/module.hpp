#pragma once

#include <algorithm>
#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gradus/core/tensor.hpp>

namespace gradus::nn {

/// A parameter and where it stands in its model, such as "0.weight".
template <class T>
struct NamedParameter {
  std::string name;
  Tensor<T> tensor;
};

template <class T>
using NamedParameters = std::vector<NamedParameter<T>>;

/// Adds the parameters of a part of a model to those of the whole: their names begin with the part's name and
/// a dot. A parameter that is there already (two parts share it) is not added again.
template <class T>
void append(NamedParameters<T>& whole, const std::string& part, const NamedParameters<T>& parameters) {
  for (const auto& [name, tensor] : parameters) {
    const auto is_same = [&](const NamedParameter<T>& other) {
      return other.tensor.node().get() == tensor.node().get();
    };
    if (std::none_of(whole.begin(), whole.end(), is_same)) whole.push_back({part + "." + name, tensor});
  }
}

/// The parameters without their names: what an optimizer takes.
template <class T>
std::vector<Tensor<T>> tensors_of(const NamedParameters<T>& parameters) {
  std::vector<Tensor<T>> tensors;
  for (const auto& parameter : parameters) tensors.push_back(parameter.tensor);
  return tensors;
}

/// Gives each variable its name in the model, so that an error can say which one it means.
template <class T>
void name_variables(const NamedParameters<T>& parameters) {
  for (const auto& [name, tensor] : parameters) tensor.named(name);
}

/// A module over T is whatever can be called with a tensor and gives one: a layer, an activation, a model, a
/// lambda. If it learns, named_parameters() tells what.
template <class M, class T>
concept ModuleOf = requires(const M& module, const Tensor<T>& x) {
  { module(x) } -> std::same_as<Tensor<T>>;
};

/// Any module over T. A handle: copies share the module, and with it the parameters.
template <class T>
class Module {
 public:
  using value_type = T;

  template <class M>
  requires(!std::same_as<M, Module> && ModuleOf<M, T>) Module(M module)
      : self_(std::make_shared<const Holder<M>>(std::move(module))) {}

  Tensor<T> operator()(const Tensor<T>& x) const { return self_->forward(x); }
  NamedParameters<T> named_parameters() const { return self_->named_parameters(); }
  std::vector<Tensor<T>> parameters() const { return tensors_of(named_parameters()); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual Tensor<T> forward(const Tensor<T>& x) const = 0;
    virtual NamedParameters<T> named_parameters() const = 0;
  };

  template <class M>
  struct Holder final : Base {
    explicit Holder(M m) : module(std::move(m)) {}
    Tensor<T> forward(const Tensor<T>& x) const override { return module(x); }
    NamedParameters<T> named_parameters() const override {
      if constexpr (requires { module.named_parameters(); })
        return module.named_parameters();
      else
        return {};
    }
    M module;
  };

  std::shared_ptr<const Base> self_;
};

}  // namespace gradus::nn
