#include <algorithm>

#include <gradus/core/broadcast.hpp>

namespace gradus {
namespace {

/// Extent of the axis `back` places from the last (1 for the last) of `shape`, 1 beyond its first.
std::size_t extent_from_back(const Shape& shape, std::size_t back) {
  return back <= shape.size() ? shape[shape.size() - back] : 1;
}

}  // namespace

BroadcastPlan make_broadcast_plan(const Shape& a, const Shape& b, const Shape& y) {
  BroadcastPlan plan;
  plan.size = 1;
  std::size_t a_size = 1, b_size = 1;  // elements of the operands inside the axis at hand
  for (std::size_t back = 1; back <= y.size(); ++back) {
    const std::size_t extent = y[y.size() - back];
    plan.size *= extent;
    if (extent == 1) continue;
    const bool a_moves = extent_from_back(a, back) != 1, b_moves = extent_from_back(b, back) != 1;
    const BroadcastPlan::Axis axis{extent, a_moves ? a_size : 0, b_moves ? b_size : 0};
    if (a_moves) a_size *= extent;
    if (b_moves) b_size *= extent;
    BroadcastPlan::Axis* inside = plan.axes.empty() ? nullptr : &plan.axes.back();
    if (inside != nullptr && axis.a_stride == inside->extent * inside->a_stride &&
        axis.b_stride == inside->extent * inside->b_stride) {
      inside->extent *= extent;
    } else {
      plan.axes.push_back(axis);
    }
  }
  if (plan.axes.empty()) plan.axes.push_back({1, 1, 1});
  std::reverse(plan.axes.begin(), plan.axes.end());
  return plan;
}

}  // namespace gradus
