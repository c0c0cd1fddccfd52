#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gradus/core/tensor.hpp>
#include <gradus/ops/annotate.hpp>

namespace gradus {

/// What a step was made from: an earlier step of the graph, or a number.
struct GraphInput {
  static constexpr std::size_t no_step = ~std::size_t{0};
  std::size_t step = no_step;
  double number = 0;  ///< where there is no step

  bool is_number() const { return step == no_step; }
};

/// A leaf or a step of a graph, and what it has computed.
struct GraphStep {
  std::string op;    ///< the op's name, "variable" or "constant"
  std::string name;  ///< given by named(); empty: none
  std::vector<GraphInput> inputs;
  std::uint32_t stage = 0;
  Shape shape;                             ///< () for a Scalar
  Attributes attributes;                   ///< what a tensor op was called with, while an Annotate lived
  detail::Ref<detail::ScopeRecord> scope;  ///< in which a tensor step was recorded; null: in none
  /// False: a tensor step recorded without Annotate, or whose op does not tell its inputs.
  bool is_explained = true;

  /// Who has the value and the gradient. None: a sum of a product of Scalars may be recorded as one step with
  /// the product, which then is nobody's.
  std::variant<std::monostate, Scalar, Tensor<float>, Tensor<double>> handle;
  bool has_value = true;               ///< false: a tensor step recorded without Annotate
  double own_value = 0;                ///< where there is no handle
  std::optional<double> own_gradient;  ///< of a Scalar that nobody held when the graph was swept
  std::size_t same_gradient = 0;       ///< where there is no handle: the step that has the same gradient

  bool is_scalar() const { return handle.index() <= 1; }
  bool is_leaf() const { return op == "variable" || op == "constant"; }
};

struct GraphOptions {
  std::size_t most_steps = 500;  ///< leaves count too
};

struct PictureOptions {
  int digits = 2;                 ///< of values and gradients after the point
  std::size_t most_elements = 6;  ///< tensors of more show their shape alone
};

/// A graph as it was recorded: its steps, each behind those it was made from, the root last. It holds handles
/// of them all, so it stays whole when a sweep releases the graph, and Scalars then show the gradients that
/// the sweep brought.
class Graph {
 public:
  explicit Graph(std::vector<GraphStep> steps) : steps_(std::move(steps)) {}

  const std::vector<GraphStep>& steps() const { return steps_; }

  /// All elements as numbers. Nothing where they are not known: of the value of a tensor step recorded
  /// without Annotate, and of a gradient that no sweep has brought or left.
  std::optional<std::vector<double>> value(std::size_t step) const;
  std::optional<std::vector<double>> gradient(std::size_t step) const;

  /// The picture in Graphviz's language, drawn as in CS231n, "Backpropagation, Intuitions": gates and wires,
  /// values in green above a wire, gradients in red below, stages from left to right. What was recorded in a
  /// Scope, a layer's steps and parameters say, stands in a box of its name. Of a name such as "q = x + y"
  /// what stands before the = is shown.
  std::string dot(const PictureOptions& options = {}) const;
  /// The same as SVG, laid out by libgraphviz. DataError where Gradus was built without (Debian:
  /// libgraphviz-dev).
  std::string svg(const PictureOptions& options = {}) const;

 private:
  std::vector<GraphStep> steps_;
};

/// The graph behind a Scalar or tensor, of Scalars and tensors alike. Taken before backward(root), or after
/// backward(root, {.retain_graph = true}); tensor steps show gradients where keep_grads or retain_grad() left
/// them, and values where an Annotate lived when they were recorded. After a sweep, gradients of Scalars that
/// nobody held are found by a sweep more, hooks included. GraphError for a constant, for a graph
/// that a sweep has released and for one whose variables were changed since; ValueError for more than
/// `most_steps` steps.
Graph graph(const Scalar& root, const GraphOptions& options = {});
template <class T>
Graph graph(const Tensor<T>& root, const GraphOptions& options = {});

}  // namespace gradus
