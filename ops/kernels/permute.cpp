#include <algorithm>

#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/kernels/simd_loop.hpp>

namespace gradus::kernels {
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

constexpr std::size_t tile = 16;

/// Some columns of x as rows of out; square tiles stay in cache.
template <class T>
void transpose_rows(const T* x, std::size_t rows, const Axis& column, std::size_t to, T* out,
                    bool accumulate) {
  for (std::size_t first = 0; first < column.extent; first += tile) {
    const std::size_t last = std::min(first + tile, column.extent);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = first; c < last; ++c) put(out[r * to + c], x[c * column.from + r], accumulate);
  }
}

}  // namespace

template <class T>
void permute(const T* x, const Shape& shape, const std::vector<std::size_t>& axes, T* out, bool accumulate) {
  const std::size_t size = count(shape);
  if (size == 0) return;
  Axes outer = permuted_axes(shape, axes);
  const Axis column = outer.back();
  outer.pop_back();
  const auto is_contiguous = [](const Axis& axis) { return axis.from == 1; };
  const auto row_axis = std::find_if(outer.begin(), outer.end(), is_contiguous);
  const bool copies_runs = row_axis == outer.end();  // the innermost axis of out is that of x
  const Axis row = copies_runs ? Axis{1, 1, 0} : *row_axis;
  if (!copies_runs) row_axis->extent = 1;

  const std::size_t strips = (row.extent + tile - 1) / tile;
  const std::size_t units = size / (row.extent * column.extent) * strips;
  const std::size_t grain = std::max<std::size_t>(1, parallel_grain * units / size);
  parallel_for(units, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t unit = begin; unit < end; ++unit) {
      const Offsets at = offsets_of(outer, unit / strips);
      const std::size_t first = unit % strips * tile, rows = std::min(tile, row.extent - first);
      transpose_rows(x + at.from + first, rows, column, row.to, out + at.to + first * row.to, accumulate);
    }
  });
}

template void permute(const float*, const Shape&, const std::vector<std::size_t>&, float*, bool);
template void permute(const double*, const Shape&, const std::vector<std::size_t>&, double*, bool);

}  // namespace gradus::kernels
