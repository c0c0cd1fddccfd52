#include "elementwise_ops.hpp"

#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/scalar_ops.hpp>

namespace gradus::testing {
namespace {

// `call` is a generic lambda without captures: it converts to a function of any operand.
template <class Rule, class Call>
UnaryOp unary_op(const char* name, Call call) {
  return {name, call, call, call, Rule::domain, {Rule::kinks.begin(), Rule::kinks.end()}};
}
template <class Rule, class Call>
BinaryOp binary_op(const char* name, Call call) {
  return {BinaryForms<Tensor<double>>{call, call, call},
          BinaryForms<Tensor<float>>{call, call, call},
          BinaryForms<Scalar>{call, call, call},
          name,
          Rule::domain,
          Rule::second_domain,
          std::vector<double>(Rule::kinks.begin(), Rule::kinks.end()),
          Rule::kink_at_equal};
}

}  // namespace

const std::vector<UnaryOp>& unary_ops() {
  static const std::vector<UnaryOp> all{
#define GRADUS_OP(function, Rule) unary_op<rules::Rule>(#function, [](const auto& x) { return function(x); }),
      GRADUS_UNARY_OPS(GRADUS_OP)
#undef GRADUS_OP
  };
  return all;
}

const std::vector<BinaryOp>& binary_ops() {
  static const std::vector<BinaryOp> all{
#define GRADUS_OP(function, Rule) \
  binary_op<rules::Rule>(#function, [](const auto& a, const auto& b) { return function(a, b); }),
      GRADUS_BINARY_OPS(GRADUS_OP)
#undef GRADUS_OP
  };
  return all;
}

}  // namespace gradus::testing
