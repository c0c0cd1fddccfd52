#pragma once

#include <functional>
#include <vector>

#include <gradus/core/tensor.hpp>

/// Checks of Jacobian-vector products (forward_test.cpp).
namespace gradus::op_cases {

using OfTensors = std::function<Tensor<double>(const std::vector<Tensor<double>>&)>;
using OfScalars = std::function<Scalar(const std::vector<Scalar>&)>;

/// jvp() in some direction against the rows of the Jacobian that backward sweeps find, and against the
/// difference of values along it.
void check_forward(const OfTensors& f, const std::vector<Tensor<double>>& inputs);
void check_forward(const OfScalars& f, const std::vector<Scalar>& inputs);

}  // namespace gradus::op_cases
