#pragma once

#include <span>

#include <gradus/core/backward.hpp>
#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/scalar_sweep.hpp>

namespace gradus::detail {

/// One backward pass over everything a root was made from, scalars and tensors.
class Sweep {
 public:
  /// Collects what the root can reach. Throws, before anything has changed, when it cannot be swept.
  Sweep(const char* caller, const Scalar& root, bool exactly = false);
  /// What lies behind `stops` is left out: they only receive.
  Sweep(const char* caller, Node& root, bool exactly = false, std::span<Node* const> stops = {});
  Sweep(const Sweep&) = delete;

  /// Lets the gradient flow from the root, whose own gradient has been seeded. Nothing is released.
  void run(bool keep_grads);
  /// The same, recorded: gradients are handles, that of the root has been set.
  void record(GraphGradients& gradients);
  /// Hooks on variables, when the whole sweep is done.
  void run_variable_hooks();
  void record_variable_hooks(GraphGradients& gradients);
  /// The way forward: the tangents of everything between what has one and the root.
  void push_forward(GraphTangents& tangents);
  /// Leaves out what does not lead to `end`, where that can be told at little cost. For recorded sweeps.
  void keep_ways_to(const Node& end);
  /// Lets go of what the steps have saved.
  void release() noexcept;

  /// Whether something may be thrown while it runs: sweeps of scalar steps alone allocate nothing.
  bool may_fail() const { return !nodes_.empty() || has_scalar_hooks(); }

  /// Whether the node is one of nodes(), also when another sweep has reached it since.
  bool sweeps(const Node& node) const;
  bool reaches(const Node& node) const { return node.visited_in == number_; }
  const PooledVector<Ref<Node>>& nodes() const { return nodes_; }
  ScalarSweep& scalars() { return scalars_; }

 private:
  static bool has_scalar_hooks();
  void reach(Node& node);
  void order_nodes();
  bool is_stop(const Node& node) const;

  const char* caller_;
  std::uint64_t number_;
  ScalarSweep scalars_;
  std::span<Node* const> stops_;
  PooledVector<Ref<Node>> nodes_;  // in the order of the sweep
};

}  // namespace gradus::detail
