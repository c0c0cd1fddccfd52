#pragma once

#include <string>

#include <gradus/ops/op_list.hpp>

namespace gradus::detail {

/// The name of an op in the list (ops/op_list.hpp), and nothing else: OpName::matmul.
class OpName {
 public:
#define GRADUS_NAME(function, ...) static const OpName function;
  GRADUS_UNARY_OPS(GRADUS_NAME)
  GRADUS_BINARY_OPS(GRADUS_NAME)
  GRADUS_TENSOR_OPS(GRADUS_NAME)
#undef GRADUS_NAME

  /// The op under the name a user gives it, a string literal.
  constexpr OpName called(const char* name) const { return OpName(name); }

  constexpr const char* text() const { return text_; }
  /// "[matmul] ", the beginning of an error message.
  std::string tag() const { return std::string("[") + text_ + "] "; }

 private:
  constexpr explicit OpName(const char* text) : text_(text) {}

  const char* text_;
};

#define GRADUS_NAME(function, ...) inline constexpr OpName OpName::function{#function};
GRADUS_UNARY_OPS(GRADUS_NAME)
GRADUS_BINARY_OPS(GRADUS_NAME)
GRADUS_TENSOR_OPS(GRADUS_NAME)
#undef GRADUS_NAME

}  // namespace gradus::detail
