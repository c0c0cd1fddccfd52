#pragma once

#include <vector>

#include <gradus/core/tensor.hpp>

/// What is added to a loss so that parameters stay small: loss + 1e-4 * l2_penalty(model.parameters()).
namespace gradus::nn {

/// sum |w| over all numbers of all parameters, with derivative 0 at 0; 0 for none.
template <class T>
Tensor<T> l1_penalty(const std::vector<Tensor<T>>& parameters);

/// sum w^2 over all numbers of all parameters; the gradient is 2 w. 0 for none.
template <class T>
Tensor<T> l2_penalty(const std::vector<Tensor<T>>& parameters);

}  // namespace gradus::nn
