#pragma once

#include <cstddef>

#include <gradus/core/shape.hpp>

namespace gradus {

/// How two contiguous operands are walked to fill a contiguous result. Neighbouring axes along which both
/// operands advance alike are one axis here, so arrays of one shape, or an array and a number, are a single
/// long loop.
struct BroadcastPlan {
  struct Axis {
    std::size_t extent;
    std::size_t a_stride;  // in elements; 0 where the operand is repeated
    std::size_t b_stride;
  };

  xt::svector<Axis, 4> axes;  // outermost first, never empty; the last one's strides are 0 or 1
  std::size_t size;           // elements of the result

  const Axis& inner() const { return axes.back(); }
};

/// `a` and `b` must broadcast to `y` (see broadcast_shapes).
BroadcastPlan make_broadcast_plan(const Shape& a, const Shape& b, const Shape& y);

}  // namespace gradus
