#pragma once

#include <string>
#include <utility>

#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

/// A function under a name, y = f(x): what a lambda is, but that summaries and files can speak of it. The
/// name is its type; make_module() makes one where register_module() was told how.
///
///     nn::Lambda scale{"scale", [](const Tensor<float>& x) { return 2 * x; }};
template <class F>
class Lambda {
 public:
  /// ValueError for an empty name.
  Lambda(std::string name, F f) : name_(std::move(name)), f_(std::move(f)) {
    if (name_.empty()) throw ValueError("[Lambda] an empty name: expected one");
  }

  template <class T>
  requires ModuleOf<F, T> Tensor<T>
  operator()(const Tensor<T>& x) const { return f_(x); }
  template <class T>
  ModuleParts<T> parts() const {
    return {.type = name_};
  }

 private:
  std::string name_;
  F f_;
};

}  // namespace gradus::nn
