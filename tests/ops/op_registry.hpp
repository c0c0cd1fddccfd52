#pragma once

#include <functional>
#include <ostream>
#include <vector>

#include "op_cases.hpp"

/// Every op of ops/op_list.hpp with its cases, compiled once: a test of all ops iterates over it when it
/// runs. An op that is listed and has no cases does not link.
namespace gradus::op_cases {

struct Op {
  const char* name;
  std::function<std::vector<Case>(Rng&)> cases;

  friend void PrintTo(const Op& op, std::ostream* out) { *out << op.name; }  // for GoogleTest
};

const std::vector<Op>& all_ops();

}  // namespace gradus::op_cases
