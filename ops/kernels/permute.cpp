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

template <class T>
void put(T& to, const T& value, bool accumulate) {
  to = accumulate ? to + value : value;
}

/// A matrix whose columns are contiguous in x and whose rows are contiguous in out, in square tiles that stay
/// in cache.
template <class T>
void transpose_matrix(const T* x, const Axis& row, const Axis& column, T* out, bool accumulate) {
  constexpr std::size_t tile = 16;
  for (std::size_t r0 = 0; r0 < row.extent; r0 += tile)
    for (std::size_t c0 = 0; c0 < column.extent; c0 += tile)
      for (std::size_t r = r0; r < std::min(r0 + tile, row.extent); ++r)
        for (std::size_t c = c0; c < std::min(c0 + tile, column.extent); ++c)
          put(out[r * row.to + c], x[c * column.from + r], accumulate);
}

}  // namespace
}  // namespace gradus::kernels
