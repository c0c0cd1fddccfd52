#include <algorithm>
#include <numeric>

#include <gradus/ops/slices.hpp>

namespace gradus::detail {
namespace {

bool contains(const std::vector<std::size_t>& axes, std::size_t axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

}  // namespace

Slices::Slices(OpName op, const Shape& x, const Axes& wanted, bool keepdims) {
  if (wanted.is_all()) {
    shape.n = count(x);
    if (keepdims) result = Shape(x.size(), 1);
    axes = Shape(x.size());
    std::iota(axes.begin(), axes.end(), std::size_t{0});
    return;
  }
  const std::vector<std::size_t> reduced = normalize_axes(op.text(), x, wanted.values());
  axes = Shape(reduced.begin(), reduced.end());
  bool is_apart = false;
  for (std::size_t axis = 0; axis < x.size(); ++axis) {
    const bool is_reduced = contains(reduced, axis);
    if (is_reduced) {
      is_apart |= shape.inner != 1 && x[axis] != 1;
      shape.n *= x[axis];
    } else {
      (shape.n == 1 ? shape.outer : shape.inner) *= x[axis];
    }
    if (!is_reduced || keepdims) result.push_back(is_reduced ? 1 : x[axis]);
  }
  if (is_apart) bring_together(x, reduced);
}

/// The last axis stays the last, so that whole runs of memory move.
void Slices::bring_together(const Shape& x, const std::vector<std::size_t>& reduced) {
  original_ = x;
  const bool reduced_last = contains(reduced, x.size() - 1);
  for (const bool wanted : {!reduced_last, reduced_last})
    for (std::size_t axis = 0; axis < x.size(); ++axis)
      if (contains(reduced, axis) == wanted) order_.push_back(axis);
  const std::size_t kept = shape.outer * shape.inner;
  shape = reduced_last ? kernels::ReduceShape{kept, shape.n, 1} : kernels::ReduceShape{1, shape.n, kept};
}

Shape Slices::arranged_shape() const {
  Shape arranged;
  for (const std::size_t axis : order_) arranged.push_back(original_[axis]);
  return arranged;
}

}  // namespace gradus::detail
