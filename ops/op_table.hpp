#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gradus/core/tensor.hpp>

/// Ops by their names, for what reads graphs from files. A program calls the C++ functions.
namespace gradus {

using AttributeValue = std::variant<bool, double, std::vector<std::ptrdiff_t>, std::string>;

/// What an op takes beside its inputs, under the names of the C++ parameters.
using Attributes = std::map<std::string, AttributeValue>;

/// The op of that name, applied: apply_op<double>("clip", {x}, {{"lo", -1.0}, {"hi", 1.0}}). Names are those
/// of ops/op_list.hpp. Masks, indices and labels are inputs too: tensors of whole numbers. ValueError for a
/// name that is no op of these inputs, another number of inputs, an attribute that the op has not, lacks, or
/// that is of another type, and for indices that are no whole numbers; otherwise what the op throws.
template <class T>
Tensor<T> apply_op(std::string_view name, const std::vector<Tensor<T>>& inputs,
                   const Attributes& attributes = {});
/// The same for elementwise ops on Scalars.
Scalar apply_op(std::string_view name, const std::vector<Scalar>& inputs, const Attributes& attributes = {});

/// The names that apply_op() knows, in alphabetical order.
std::vector<std::string> op_names();

}  // namespace gradus
