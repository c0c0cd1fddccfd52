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

  /// Lets the gradient flow from the root, whose own gradient has been seeded.
  void run(BackwardOptions options);
  /// The same, recorded: gradients are handles, that of the root has been set. Nothing is released.
  void record(GraphGradients& gradients);

  bool reaches(const Node& node) const { return node.visited_in == number_; }
  const PooledVector<Ref<Node>>& nodes() const { return nodes_; }
  ScalarSweep& scalars() { return scalars_; }

  /// Steps start afresh; call before seeding.
  void prepare();

 private:
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
