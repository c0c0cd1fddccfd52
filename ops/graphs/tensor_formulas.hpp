#pragma once

#include <string>
#include <vector>

#include <gradus/ops/graphs/formula.hpp>
#include <gradus/ops/graphs/graph.hpp>

namespace gradus::detail {

/// A call of a tensor op.
struct TensorCall {
  std::string op;
  Attributes attributes;
  std::vector<Formula> inputs;
  std::vector<Shape> shapes;  // of the inputs
  Shape result;
};

/// What the call computes, in NumPy. GraphError for ops that this is not written for.
Formula tensor_formula(const TensorCall& call);

/// x, a formula of the shape `from`, summed over what was stretched to it from the shape `to`.
Formula sum_of_copies(const Formula& x, const Shape& from, const Shape& to);

/// The number that is everywhere in the array; null: no formula of one.
const Formula* number_of_full(const Formula& array);

/// x g, where NumPy stretches a g that is one number everywhere.
Formula product_with(const Formula& x, const Shape& shape_x, const Formula& g, const Shape& shape_g);

/// "(2, 3)"
std::string numpy_shape(const Shape& shape);

/// What flows to an input of a tensor step.
struct Contribution {
  std::size_t input;
  Formula formula;
};

/// Names of what a rule may read: of steps by their nodes, and of constant arrays.
class RuleNames {
 public:
  explicit RuleNames(const Graph& graph, const std::vector<std::string>& names)
      : graph_(graph), names_(names) {}

  /// The formulas that a step's own rule adds to the gradients of its inputs, given that of the incoming
  /// gradient: the rule is recorded once more and read.
  std::vector<Contribution> contributions(std::size_t step, const Formula& incoming) const;

 private:
  template <class T>
  std::vector<Contribution> contributions_of(std::size_t step, const Formula& incoming) const;

  const Graph& graph_;
  const std::vector<std::string>& names_;
};

}  // namespace gradus::detail
