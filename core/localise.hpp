#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gradus/core/gradient_check.hpp>
#include <gradus/core/trace.hpp>

namespace gradus::detail {

/// Where in a function an error of its gradient arises.
struct Localisation {
  std::optional<GradientCheck::WrongStep> step;
  std::string remark;
};

/// What is to be found: the function, and the direction in which its inputs were moved (the `direction` of
/// each input) when its derivatives differed by `error`.
struct Search {
  std::function<std::vector<TracedRoot>()> record;
  std::vector<TracedInput> inputs;
  double error, tolerance, epsilon, scale;
};

/// Finds the first recorded tensor step whose rule disagrees with what the step computes.
///
/// Let a_k be the gradient that a sweep brings to step k, y'_k the derivative of its value along the
/// direction, measured by running the function twice, and v_k(a_k) what its rule passes on to its inputs.
/// Were every rule right, a_k y'_k would be the sum of v_k(a_k) y'_s over the inputs s of k; the differences
/// of all steps add up to the error of the whole. Each step that has a part in it is then computed from
/// inputs of which only one changes, the others being put back to what they were: that tests one edge of the
/// graph alone. Where every edge of the step is right, it was handed something that is not in the graph.
Localisation localise(const Search& search);

/// For gradients of gradients: the first step of the function whose rule passes on another gradient when its
/// sweep is recorded. Empty: there is none.
std::string find_unlike_rule(const Search& search);

}  // namespace gradus::detail
