#include <gradus/ops/index_maps.hpp>

namespace gradus::detail {

std::vector<std::ptrdiff_t> steps_of(const Shape& shape) {
  std::vector<std::ptrdiff_t> steps(shape.size());
  std::ptrdiff_t step = 1;
  for (std::size_t axis = shape.size(); axis-- > 0; step *= static_cast<std::ptrdiff_t>(shape[axis]))
    steps[axis] = step;
  return steps;
}

BlockCopies window(OpName op, const Shape& from, const std::vector<WindowAxis>& axes, const Shape& to) {
  Shape counts;
  for (const WindowAxis& axis : axes) counts.push_back(axis.count);
  const std::vector<std::ptrdiff_t> steps = steps_of(from), steps_to = steps_of(counts);
  kernels::StridedBlock block;
  for (std::size_t d = 0; d < axes.size(); ++d) {
    block.from += axes[d].start * steps[d];
    block.axes.push_back({axes[d].count, axes[d].step * steps[d], steps_to[d]});
  }
  return {.op = op,
          .from = from,
          .to = to,
          .blocks = {std::move(block)},
          .covers_from = count(from) == count(to),
          .covers_to = true};
}

}  // namespace gradus::detail
