#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <gradus/ops/graphs/formula.hpp>

namespace gradus::detail {

/// An elementwise op as what shows graphs sees it. Ops of one operand leave the second alone.
struct ElementwiseOp {
  const char* name;
  bool is_binary;
  double (*value)(double a, double b);
  Formula (*forward)(const Formula& a, const Formula& b);
  Formula (*derivative[2])(const Formula& a, const Formula& b, const Formula& y);
};

/// Null: no elementwise op has this name.
const ElementwiseOp* elementwise_op(std::string_view name);

/// What the code of a scalar step that is not fused says.
struct ScalarCode {
  const ElementwiseOp* op = nullptr;  ///< null: a leaf
  bool has_first_constant = false, has_second_constant = false;
};
ScalarCode scalar_code(std::uint8_t code);

}  // namespace gradus::detail
