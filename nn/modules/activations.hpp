#pragma once

#include <array>
#include <string_view>

#include <gradus/nn/modules/module.hpp>
#include <gradus/ops/composed.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/softmax.hpp>

/// Activations as modules, each over float and double alike and without parameters. Those that are an op say
/// no more: the formula stands with its rule (ops/rules/activation.hpp).
namespace gradus::nn {

/// y = x
struct Identity {
  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return x;
  }
  template <class T>
  ModuleParts<T> parts() const {
    return {.type = "Identity"};
  }
};

#define GRADUS_ACTIVATION(Module, ...)               \
  struct Module {                                    \
    template <class T>                               \
    Tensor<T> operator()(const Tensor<T>& x) const { \
      return __VA_ARGS__;                            \
    }                                                \
    template <class T>                               \
    ModuleParts<T> parts() const {                   \
      return {.type = #Module};                      \
    }                                                \
  };
/// y = 1 / (1 + e^-x)
GRADUS_ACTIVATION(Sigmoid, sigmoid(x))
GRADUS_ACTIVATION(Tanh, tanh(x))
/// y = max(x, 0), with derivative 0 at 0
GRADUS_ACTIVATION(ReLU, relu(x))
/// y = min(max(x, 0), 6), with derivative 1 at 0 and 6
/// Source: A. Howard et al., "MobileNets" (2017).
GRADUS_ACTIVATION(ReLU6, clip(x, 0, 6))
GRADUS_ACTIVATION(SELU, selu(x))
GRADUS_ACTIVATION(GELU, gelu(x))
/// The approximation of GELU by a tanh.
GRADUS_ACTIVATION(GELUTanh, gelu_tanh(x))
GRADUS_ACTIVATION(SiLU, silu(x))
GRADUS_ACTIVATION(Mish, mish(x))
GRADUS_ACTIVATION(Softplus, softplus(x))
GRADUS_ACTIVATION(Softsign, softsign(x))
GRADUS_ACTIVATION(LogSigmoid, log_sigmoid(x))
GRADUS_ACTIVATION(HardSigmoid, hard_sigmoid(x))
/// y = x hard_sigmoid(x)
/// Source: A. Howard et al., "Searching for MobileNetV3" (2019), 5.2.
GRADUS_ACTIVATION(HardSwish, x* hard_sigmoid(x))
#undef GRADUS_ACTIVATION

// Those with a number: written out, so that it stands where a reader looks for it.
#define GRADUS_ACTIVATION_PARTS(...) \
  template <class T>                 \
  ModuleParts<T> parts() const {     \
    return __VA_ARGS__;              \
  }

/// y = x where x > 0, else alpha (e^x - 1)
struct ELU {
  double alpha = 1;

  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return elu(x, alpha);
  }
  GRADUS_ACTIVATION_PARTS({.type = "ELU", .attributes = {{"alpha", alpha}}})
};

/// y = x where x > 0, else slope x
struct LeakyReLU {
  double slope = 0.01;

  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return leaky_relu(x, slope);
  }
  GRADUS_ACTIVATION_PARTS({.type = "LeakyReLU", .attributes = {{"slope", slope}}})
};

/// y = min(max(x, lo), hi), with derivative 1 at the bounds
struct HardTanh {
  double lo = -1, hi = 1;

  /// ValueError unless lo <= hi.
  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return clip(x, lo, hi);
  }
  GRADUS_ACTIVATION_PARTS({.type = "HardTanh", .attributes = {{"lo", lo}, {"hi", hi}}})
};

/// y_i = e^(x_i) / sum_j e^(x_j) along an axis. Before a cross-entropy leave it out: nn::cross_entropy takes
/// the logits.
struct Softmax {
  int axis = -1;

  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return softmax(x, axis);
  }
  GRADUS_ACTIVATION_PARTS({.type = "Softmax", .attributes = {{"axis", static_cast<double>(axis)}}})
};

/// y_i = x_i - ln sum_j e^(x_j) along an axis: what nn::nll_loss takes.
struct LogSoftmax {
  int axis = -1;

  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return log_softmax(x, axis);
  }
  GRADUS_ACTIVATION_PARTS({.type = "LogSoftmax", .attributes = {{"axis", static_cast<double>(axis)}}})
};
#undef GRADUS_ACTIVATION_PARTS

// Every activation that can be chosen by its name, and its module; numbers are as they are by default.
#define GRADUS_ACTIVATIONS(ROW)                                                                     \
  ROW(identity, Identity)                                                                           \
  ROW(sigmoid, Sigmoid)                                                                             \
  ROW(tanh, Tanh)                                                                                   \
  ROW(relu, ReLU)                                                                                   \
  ROW(softmax, Softmax)                                                                             \
  ROW(relu6, ReLU6)                                                                                 \
  ROW(leaky_relu, LeakyReLU) ROW(elu, ELU) ROW(selu, SELU) ROW(gelu, GELU) ROW(gelu_tanh, GELUTanh) \
      ROW(silu, SiLU) ROW(mish, Mish) ROW(softplus, Softplus) ROW(softsign, Softsign)               \
          ROW(log_sigmoid, LogSigmoid) ROW(hard_sigmoid, HardSigmoid) ROW(hard_swish, HardSwish)    \
              ROW(hard_tanh, HardTanh) ROW(log_softmax, LogSoftmax)

/// An activation chosen at run time.
#define GRADUS_ROW(name, Module) name,
enum class Activation { GRADUS_ACTIVATIONS(GRADUS_ROW) };
#undef GRADUS_ROW

#define GRADUS_ROW(name, Module) Activation::name,
inline constexpr std::array all_activations{GRADUS_ACTIVATIONS(GRADUS_ROW)};
#undef GRADUS_ROW

/// "relu" for Activation::relu, as in files and on command lines.
std::string_view activation_name(Activation activation);
/// The activation of that name. ValueError, with all names, for any other.
Activation activation_named(std::string_view name);

template <class T>
Tensor<T> activate(Activation activation, const Tensor<T>& x);
/// The same as a module.
template <class T>
Module<T> activation_module(Activation activation);

}  // namespace gradus::nn
