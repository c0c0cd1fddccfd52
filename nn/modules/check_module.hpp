#pragma once

#include <gradus/core/check_gradients.hpp>
#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

struct CheckModuleOptions {
  CheckOptions check = {};
  bool directional = false;  ///< along one random direction alone, for models of any size (check_directional)
};

/// Compares the gradients of a module with numerical differentiation: those of a sum of its outputs for x,
/// weighted at random, with respect to its parameters, and to x where x is a variable. The module is in
/// training or in evaluation as it is; one that draws (Dropout) draws the same each time. It is left as it
/// was. Errors as of check_gradients(), and what the module throws for x. The op to blame for a wrong
/// gradient is not looked for.
///
/// check_gradients() itself would not do: it changes variables of its own, and a module computes with those
/// that it holds.
template <class T>
GradientCheck check_module(const Module<T>& module, const Tensor<T>& x,
                           const CheckModuleOptions& options = {});

extern template GradientCheck check_module(const Module<float>&, const Tensor<float>&,
                                           const CheckModuleOptions&);
extern template GradientCheck check_module(const Module<double>&, const Tensor<double>&,
                                           const CheckModuleOptions&);

}  // namespace gradus::nn
