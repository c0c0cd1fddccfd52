#pragma once

#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/softmax.hpp>

/// Activations as modules, each over float and double alike and without parameters.
namespace gradus::nn {

/// y = x
struct Identity {
  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return x;
  }
};

/// y = 1 / (1 + e^-x)
struct Sigmoid {
  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return sigmoid(x);
  }
};

struct Tanh {
  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return tanh(x);
  }
};

/// y = max(x, 0), with derivative 0 at 0
struct ReLU {
  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return relu(x);
  }
};

/// y = x where x > 0, else alpha (e^x - 1)
struct ELU {
  double alpha = 1;

  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return elu(x, alpha);
  }
};

/// y = x where x > 0, else slope x
struct LeakyReLU {
  double slope = 0.01;

  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return leaky_relu(x, slope);
  }
};

// Those without parameters: each applies the op of its name, and the formula stands with the rule
// (ops/rules/activation.hpp).
#define GRADUS_ACTIVATION(Module, function)          \
  struct Module {                                    \
    template <class T>                               \
    Tensor<T> operator()(const Tensor<T>& x) const { \
      return function(x);                            \
    }                                                \
  };
GRADUS_ACTIVATION(SELU, selu)
GRADUS_ACTIVATION(GELU, gelu)
GRADUS_ACTIVATION(SiLU, silu)
GRADUS_ACTIVATION(Mish, mish)
GRADUS_ACTIVATION(Softplus, softplus)
GRADUS_ACTIVATION(Softsign, softsign)
GRADUS_ACTIVATION(LogSigmoid, log_sigmoid)
GRADUS_ACTIVATION(HardSigmoid, hard_sigmoid)
#undef GRADUS_ACTIVATION

/// y_i = e^(x_i) / sum_j e^(x_j) along an axis. Before a cross-entropy leave it out: nn::cross_entropy takes
/// the logits.
struct Softmax {
  int axis = -1;

  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return softmax(x, axis);
  }
};

/// An activation chosen at run time.
enum class Activation { identity, sigmoid, tanh, relu, softmax };

template <class T>
Tensor<T> activate(Activation activation, const Tensor<T>& x) {
  switch (activation) {
    case Activation::sigmoid:
      return Sigmoid{}(x);
    case Activation::tanh:
      return Tanh{}(x);
    case Activation::relu:
      return ReLU{}(x);
    case Activation::softmax:
      return Softmax{}(x);
    case Activation::identity:
      break;
  }
  return x;
}

}  // namespace gradus::nn
