#pragma once

#include <gradus/nn/modules/activations.hpp>
#include <gradus/nn/modules/init.hpp>

namespace gradus::nn {

/// How the weight of a layer is usually drawn that an activation follows: init::he() for ReLU and its
/// relatives (ReLU6, leaky ReLU, ELU, GELU, SiLU, Mish, hard swish), which let about half of a signal
/// through; init::xavier() for what is near its identity at 0, and after the last layer.
Initializer usual_init(Activation next);

}  // namespace gradus::nn
