#pragma once

#include <vector>

#include <gradus/core/backward.hpp>
#include <gradus/core/scalar_sweep.hpp>

namespace gradus::detail {

/// One backward pass over everything a root was made from, scalars and tensors.
class Sweep {
 public:
  /// Collects what the root can reach. Throws, before anything has changed, when it cannot be swept.
  Sweep(const char* caller, const Scalar& root, bool exactly = false);
  Sweep(const char* caller, Node& root, bool exactly = false);

  /// Lets the gradient flow from the root, whose own gradient has been seeded.
  void run(BackwardOptions options);

  bool reaches(const Node& node) const { return node.visited_in == number_; }
  const PooledVector<Ref<Node>>& nodes() const { return nodes_; }
  ScalarSweep& scalars() { return scalars_; }

  /// Steps start afresh; call before seeding.
  void prepare();

 private:
  void reach(Node& node);
  void order_nodes();

  const char* caller_;
  std::uint64_t number_;
  ScalarSweep scalars_;
  PooledVector<Ref<Node>> nodes_;  // in the order of the sweep
};

}  // namespace gradus::detail
