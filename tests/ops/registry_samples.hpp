#pragma once

#include <string>
#include <vector>

#include "op_registry.hpp"

namespace gradus::op_cases {

/// A case of an op, or what was made of one.
struct Sample {
  std::string text;
  Case c;
  bool is_derived, is_scaled;  ///< not a case as it is; of another magnitude
};

/// The cases of an op as they are; with values that came from transposed and from strided expressions; with
/// nodes that are used more than once; and with very large and very small numbers, where the op is well
/// conditioned there.
std::vector<Sample> samples_of(const Op& op);

/// Whether numerical differentiation of f may be believed, and finds a slope, along a line for each input.
bool is_well_conditioned(const std::function<Tensor<double>(const Tensors&)>& f, const Tensors& inputs);

/// Numbers that no symmetry cancels, and that floats hold exactly.
Tensor<double> weights(const Shape& shape);

}  // namespace gradus::op_cases
