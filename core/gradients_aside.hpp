#pragma once

#include <utility>
#include <vector>

#include <gradus/core/sweep.hpp>

namespace gradus::detail {

/// Takes every gradient that a sweep will touch away before it runs, and puts all back at the end, whatever
/// has happened in between; unless merge() has added what the sweep has found.
class GradientsAside {
 public:
  /// With `hide_shown` handles of scalar steps show what the sweep has found alone.
  explicit GradientsAside(Sweep& sweep, bool hide_shown = false);
  GradientsAside(const GradientsAside&) = delete;
  GradientsAside& operator=(const GradientsAside&) = delete;
  ~GradientsAside();

  /// What the sweep has found is added to the gradients of variables, and takes the place of those of steps.
  /// Steps that belong to a sweep around this one get back what that one has brought to them.
  /// Where std::bad_alloc is thrown, nothing has been added yet.
  void merge();

 private:
  struct Nothing {};
  GradientsAside(Sweep& sweep, Nothing);

  struct Aside {
    Node* node;
    Ref<AnyValue> gradient;
    double total;  // see Node::total_in_double
  };
  static void put_back(Aside& aside);
  bool is_in_sweep_around(const Node& node) const;

  enum class State { some_are_aside, all_is_aside, merged };

  Sweep& sweep_;
  GradientsAside* const around_;  // of the sweep around this one, in this thread
  State state_ = State::some_are_aside;
  PooledVector<Aside> tensors_;    // those that had one
  PooledVector<double> adjoints_;  // of the sweep's variables
};

}  // namespace gradus::detail
