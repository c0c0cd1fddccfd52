#pragma once

#include "../elementwise_ops.hpp"
#include "op_cases.hpp"

namespace gradus::op_cases {

std::vector<Case> cases_of(const testing::UnaryOp& op, Rng& rng);
std::vector<Case> cases_of(const testing::BinaryOp& op, Rng& rng);

}  // namespace gradus::op_cases
