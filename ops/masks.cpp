#include <algorithm>

#include <gradus/ops/index_maps.hpp>
#include <gradus/ops/masks.hpp>

namespace gradus::detail {
namespace {

/// The extents and steps by which counts are walked while the mask is walked in order.
struct Walk {
  Shape shape, result;                // of the mask, and of the counts
  std::vector<std::ptrdiff_t> steps;  // in the counts, for each axis of the mask; 0 along those reduced
  std::size_t reduced = 1;            // how many elements share a count

  Walk(const char* op, const Shape& mask, const Axes& axes, bool keepdims)
      : shape(mask), steps(mask.size(), 0) {
    const std::vector<std::size_t> given = normalize_axes(op, mask, axes.values());
    Shape kept = mask;
    for (std::size_t axis = 0; axis < mask.size(); ++axis) {
      if (!axes.is_all() && std::find(given.begin(), given.end(), axis) == given.end()) {
        result.push_back(mask[axis]);
        continue;
      }
      kept[axis] = 1;
      reduced *= mask[axis];
      if (keepdims) result.push_back(1);
    }
    const std::vector<std::ptrdiff_t> all_steps = steps_of(kept);
    for (std::size_t axis = 0; axis < mask.size(); ++axis)
      if (kept[axis] == mask[axis] && mask[axis] != 1) steps[axis] = all_steps[axis];
  }
};

}  // namespace

std::size_t count_true(const Array<bool>& mask) {
  return static_cast<std::size_t>(std::count(mask.begin(), mask.end(), true));
}

Counts count_true(const char* op, const Array<bool>& mask, const Axes& axes, bool keepdims) {
  const Walk walk(op, shape_of(mask), axes, keepdims);
  Integers counts = full_array<std::int64_t>(walk.result, 0);
  const std::size_t rank = walk.shape.size(), line = rank == 0 ? 1 : walk.shape.back();
  const std::ptrdiff_t step = rank == 0 ? 0 : walk.steps.back();
  std::vector<std::size_t> at(rank, 0);
  std::int64_t* to = counts.data();
  for (std::size_t begin = 0; begin < mask.size(); begin += line) {
    const bool* const values = mask.data() + begin;
    if (step == 0) *to += std::count(values, values + line, true);
    for (std::size_t i = 0; step != 0 && i < line; ++i) to[i] += values[i] ? 1 : 0;
    for (std::size_t d = rank; d-- > 1; at[d - 1] = 0) {
      to += walk.steps[d - 1];
      if (++at[d - 1] < walk.shape[d - 1]) break;
      to -= walk.steps[d - 1] * static_cast<std::ptrdiff_t>(walk.shape[d - 1]);
    }
  }
  return {std::move(counts), static_cast<std::int64_t>(walk.reduced)};
}

Array<bool> any_true(const Array<bool>& mask, const Axes& axes, bool keepdims) {
  const Integers counts = count_true("any", mask, axes, keepdims).counts;
  Array<bool> result = empty_array<bool>(shape_of(counts));
  std::transform(counts.begin(), counts.end(), result.begin(), [](std::int64_t count) { return count > 0; });
  return result;
}

Array<bool> all_true(const Array<bool>& mask, const Axes& axes, bool keepdims) {
  const auto [counts, n] = count_true("all", mask, axes, keepdims);
  Array<bool> result = empty_array<bool>(shape_of(counts));
  std::transform(counts.begin(), counts.end(), result.begin(),
                 [all = n](std::int64_t count) { return count == all; });
  return result;
}

}  // namespace gradus::detail
