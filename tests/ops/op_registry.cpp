#include "op_registry.hpp"

#include "../elementwise_ops.hpp"
#include "cases_elementwise.hpp"

namespace gradus::op_cases {

#define GRADUS_CASES(function) std::vector<Case> cases_of_##function(Rng& rng);
GRADUS_TENSOR_OPS(GRADUS_CASES)
#undef GRADUS_CASES

const std::vector<Op>& all_ops() {
  static const std::vector<Op> all = [] {
    std::vector<Op> ops{
#define GRADUS_OP(function) {#function, cases_of_##function},
        GRADUS_TENSOR_OPS(GRADUS_OP)
#undef GRADUS_OP
    };
    for (const testing::UnaryOp& op : testing::unary_ops())
      ops.push_back({op.name, [&op](Rng& rng) { return cases_of(op, rng); }});
    for (const testing::BinaryOp& op : testing::binary_ops())
      ops.push_back({op.name, [&op](Rng& rng) { return cases_of(op, rng); }});
    return ops;
  }();
  return all;
}

}  // namespace gradus::op_cases
