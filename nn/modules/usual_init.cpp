#include <gradus/nn/modules/usual_init.hpp>

namespace gradus::nn {

Initializer usual_init(Activation next) {
  switch (next) {
    case Activation::relu:
    case Activation::relu6:
    case Activation::leaky_relu:
    case Activation::elu:
    case Activation::gelu:
    case Activation::gelu_tanh:
    case Activation::silu:
    case Activation::mish:
    case Activation::hard_swish:
      return init::he();
    default:
      return init::xavier();
  }
}

}  // namespace gradus::nn
