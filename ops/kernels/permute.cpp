#include <algorithm>

#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/kernels/simd_loop.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

struct Axis {
  std::size_t extent;
  std::size_t from, to;  // strides in x and in out
};

using Axes = xt::svector<Axis, 4>;

/// The result's axes, outermost first; neighbours that stay neighbours are one axis.
Axes permuted_axes(const Shape& shape, const std::vector<std::size_t>& order) {
  xt::svector<std::size_t, 4> strides(shape.size());
  for (std::size_t axis = shape.size(), stride = 1; axis-- > 0; stride *= shape[axis]) strides[axis] = stride;
  Axes axes;
  for (const std::size_t axis : order) {
    if (shape[axis] == 1) continue;
    if (!axes.empty() && axes.back().from == shape[axis] * strides[axis]) {
      axes.back().extent *= shape[axis];
      axes.back().from = strides[axis];
    } else {
      axes.push_back({shape[axis], strides[axis], 0});
    }
  }
  if (axes.empty()) axes.push_back({1, 1, 0});
  std::size_t stride = 1;
  for (std::size_t axis = axes.size(); axis-- > 0; stride *= axes[axis].extent) axes[axis].to = stride;
  return axes;
}

struct Offsets {
  std::size_t from = 0, to = 0;
};

/// Where the `index`th combination of positions along `axes` starts in x and in out.
Offsets offsets_of(const Axes& axes, std::size_t index) {
  Offsets offsets;
  for (std::size_t axis = axes.size(); axis-- > 0; index /= axes[axis].extent) {
    offsets.from += index % axes[axis].extent * axes[axis].from;
    offsets.to += index % axes[axis].extent * axes[axis].to;
  }
  return offsets;
}

template <class T>
void put(T& to, T value, bool accumulate) {
  to = accumulate ? to + value : value;
}

constexpr std::size_t tile = 32;

/// A matrix that lies in x and in out with the strides of its axes; square tiles stay in cache.
template <class T>
void copy_matrix(const T* x, const Axis& row, const Axis& column, T* out, bool accumulate) {
  for (std::size_t first = 0; first < column.extent; first += tile) {
    const std::size_t last = std::min(first + tile, column.extent);
    for (std::size_t r = 0; r < row.extent; ++r)
      for (std::size_t c = first; c < last; ++c)
        put(out[r * row.to + c], x[r * row.from + c * column.from], accumulate);
  }
}

/// Takes from `outer` the axis that makes a matrix with the innermost one: the one contiguous in x, or the
/// last when the innermost is contiguous itself.
Axis take_row_axis(Axes& outer) {
  if (outer.empty()) return {1, 0, 0};
  auto axis = std::find_if(outer.begin(), outer.end(), [](const Axis& a) { return a.from == 1; });
  if (axis == outer.end()) --axis;
  const Axis row = *axis;
  axis->extent = 1;
  return row;
}

}  // namespace

template <class T>
void permute(const T* x, const Shape& shape, const std::vector<std::size_t>& axes, T* out, bool accumulate) {
  const std::size_t size = count(shape);
  if (size == 0) return;
  Axes outer = permuted_axes(shape, axes);
  const Axis column = outer.back();
  outer.pop_back();
  const Axis row = take_row_axis(outer);

  const std::size_t strips = (row.extent + tile - 1) / tile;
  const std::size_t units = size / (row.extent * column.extent) * strips;
  const std::size_t grain = std::max<std::size_t>(1, parallel_grain * units / size);
  parallel_for(units, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t unit = begin; unit < end; ++unit) {
      const Offsets at = offsets_of(outer, unit / strips);
      const std::size_t first = unit % strips * tile;
      const Axis strip{std::min(tile, row.extent - first), row.from, row.to};
      copy_matrix(x + at.from + first * row.from, strip, column, out + at.to + first * row.to, accumulate);
    }
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(permute)

}  // namespace gradus::kernels
