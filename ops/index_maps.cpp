#include <algorithm>
#include <numeric>

#include <gradus/ops/index_maps.hpp>

namespace gradus::detail {

std::vector<std::ptrdiff_t> steps_of(const Shape& shape) {
  std::vector<std::ptrdiff_t> steps(shape.size());
  std::ptrdiff_t step = 1;
  for (std::size_t axis = shape.size(); axis-- > 0; step *= static_cast<std::ptrdiff_t>(shape[axis]))
    steps[axis] = step;
  return steps;
}

namespace {

Attributes at_places(const char* map, const Integers& places, std::size_t n) {
  return {{"map", map},
          {"indices", std::vector<std::ptrdiff_t>(places.begin(), places.end())},
          {"extents", std::vector<std::ptrdiff_t>{1, static_cast<std::ptrdiff_t>(n), 1}}};
}

/// Where each element of the result of a map comes from.
Integers places_of(const BlockCopies& map) {
  Array<double> numbers = empty_array<double>(map.from), moved = empty_array<double>(map.to);
  std::iota(numbers.data(), numbers.data() + numbers.size(), 0.0);
  map.apply(numbers.data(), moved.data(), false);
  Integers places = empty_array<std::int64_t>({moved.size()});
  std::copy_n(moved.data(), moved.size(), places.data());
  return places;
}

}  // namespace

Attributes picking(const Integers& places, std::size_t n) { return at_places("take", places, n); }
Attributes putting(const Integers& places, std::size_t n) { return at_places("scatter_add", places, n); }

Attributes BlockCopies::attributes() const {
  if (covers_to) return picking(places_of(*this), count(from));
  if (covers_from) return putting(places_of(transposed()), count(to));
  return {{"map", "blocks"}};  // neither: there is no form for it
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
