#pragma once

#include <map>
#include <string_view>
#include <vector>

#include <gradus/core/shape.hpp>

namespace gradus::detail {

/// The name of an axis: a letter, or a negative number for one that an ellipsis stands for, the last of them
/// -1.
using Label = int;
using Labels = std::vector<Label>;

/// What the subscripts of einsum say about operands of given shapes.
struct Subscripts {
  std::vector<Labels> inputs;
  Labels output;
  std::map<Label, std::size_t> extents;  // that of the result, where an extent of 1 is stretched
};

/// ValueError for subscripts that mean nothing or do not fit the number of operands, ShapeError where they do
/// not fit the operands' shapes. Messages begin with [einsum] and name the subscripts.
Subscripts parse_subscripts(std::string_view text, const std::vector<Shape>& shapes);

}  // namespace gradus::detail
