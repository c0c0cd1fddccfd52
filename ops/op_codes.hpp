#pragma once

#include <cstdint>

#include <gradus/core/record.hpp>
#include <gradus/ops/op_list.hpp>
#include <gradus/ops/rules.hpp>

namespace gradus::detail {

/// Codes of scalar steps, made from the op list: one for an op of one operand, three for one of two, by which
/// operand (if any) is a constant.
enum OpCode : std::uint8_t {
  before_first_op_code = first_op_code - 1,
#define GRADUS_CODE(function, Rule) Rule##_code,
  GRADUS_UNARY_OPS(GRADUS_CODE)
#undef GRADUS_CODE
#define GRADUS_CODES(function, Rule) Rule##_code, Rule##_code_first_constant, Rule##_code_second_constant,
      GRADUS_BINARY_OPS(GRADUS_CODES)
#undef GRADUS_CODES
          end_of_codes,
  MulAdd_code = first_fused_code + Mul_code,  ///< a * b + c
};
static_assert(end_of_codes <= first_fused_code);

/// The codes of a rule.
template <class Rule>
struct CodeOf;
#define GRADUS_CODE_OF(function, Rule)           \
  template <>                                    \
  struct CodeOf<rules::Rule> {                   \
    static constexpr OpCode value = Rule##_code; \
  };
GRADUS_UNARY_OPS(GRADUS_CODE_OF)
GRADUS_BINARY_OPS(GRADUS_CODE_OF)
#undef GRADUS_CODE_OF

inline constexpr std::uint8_t first_constant = 1,
                              second_constant = 2;  ///< added to the code of a binary rule

/// What a sum that takes the place of one of its operands must know of it (`Record::fuse`). The local
/// derivatives of a sum are 1, so only what those of the operand read has to be at hand.
struct Fusing {
  bool reads_output;  ///< which the sum's overwrites: it is put aside,
  bool has_constant;  ///< but where it would be put lies a constant

  constexpr bool puts_output_aside() const { return reads_output && !has_constant; }
  constexpr bool is_possible() const { return !reads_output || !has_constant; }
};
static_assert(rules::Add::da_is_one && rules::Add::db_is_one);

template <class Rule>
constexpr Fusing fusing(std::uint8_t constant_operand = 0) {
  constexpr auto output = rules::Reads::output;
  if constexpr (requires { Rule::da_reads; }) {
    if (constant_operand == first_constant) return {reads(Rule::db_reads, output), true};
    if (constant_operand == second_constant) return {reads(Rule::da_reads, output), true};
  }
  return {reads(Rule::reads, output), false};
}

}  // namespace gradus::detail
