#pragma once

#include <gradus/core/broadcast.hpp>

namespace gradus::detail {

/// How the matrices of two operands meet, by NumPy's rules for the axes before the last two.
struct Batches {
  Shape first, second, all;
  BroadcastPlan plan;

  Batches(const Shape& of_first, const Shape& of_second, const Shape& of_result)
      : first(of_first),
        second(of_second),
        all(of_result),
        plan(make_broadcast_plan(of_first, of_second, of_result)) {}

  std::size_t size() const { return plan.size; }

  /// Calls f(i, first, second) for the matrices of the result from `begin` to `end`, and which of each
  /// operand makes it.
  template <class F>
  void for_each(std::size_t begin, std::size_t end, const F& f) const {
    for (std::size_t i = begin; i < end; ++i) {
      std::size_t in_first = 0, in_second = 0, rest = i;
      for (std::size_t axis = plan.axes.size(); axis-- > 0;) {
        const BroadcastPlan::Axis& along = plan.axes[axis];
        in_first += rest % along.extent * along.a_stride;
        in_second += rest % along.extent * along.b_stride;
        rest /= along.extent;
      }
      f(i, in_first, in_second);
    }
  }
};

}  // namespace gradus::detail
