#pragma once

#include <string>
#include <vector>

#include <gradus/ops/graphs/formula_text.hpp>
#include <gradus/ops/graphs/graph.hpp>

namespace gradus::detail {

/// A name in code for each step of the graph: its own, or one made from its op and operands: sigx, xpy, mul3.
std::vector<std::string> step_names(const Graph& graph, Identifiers& identifiers);

}  // namespace gradus::detail
