#include <algorithm>

#include <gradus/ops/kernels/simd_loop.hpp>
#include <gradus/ops/kernels/strided.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

/// The same block with neighbouring axes that are one long axis made one; never without an axis.
std::vector<StridedAxis> joined(const StridedBlock& block) {
  std::vector<StridedAxis> axes;
  for (const StridedAxis& axis : block.axes) {
    if (axis.extent == 1) continue;
    const auto extent = static_cast<std::ptrdiff_t>(axis.extent);
    if (!axes.empty() && axes.back().from == axis.from * extent && axes.back().to == axis.to * extent)
      axes.back() = {axes.back().extent * axis.extent, axis.from, axis.to};
    else
      axes.push_back(axis);
  }
  if (axes.empty()) axes.push_back({1, 1, 1});
  return axes;
}

template <class T>
void copy_line(const T* x, std::ptrdiff_t from, T* y, std::ptrdiff_t to, std::size_t n, bool accumulate) {
  if (from == 1 && to == 1 && !accumulate) {
    std::copy_n(x, n, y);
  } else if (from == 1 && to == 1) {
    for (std::size_t i = 0; i < n; ++i) y[i] += x[i];
  } else {
    for (; n > 0; --n, x += from, y += to) *y = accumulate ? *y + *x : *x;
  }
}

/// Where the lines of a block begin, one after another.
class Lines {
 public:
  Lines(const StridedBlock& block, const std::vector<StridedAxis>& axes, std::size_t line)
      : from(block.from), to(block.to), axes_(axes), at_(axes.size() - 1) {
    for (std::size_t d = at_.size(); d-- > 0; line /= axes_[d].extent) {
      at_[d] = line % axes_[d].extent;
      move(d, static_cast<std::ptrdiff_t>(at_[d]));
    }
  }

  std::ptrdiff_t from, to;

  void next() {
    for (std::size_t d = at_.size(); d-- > 0; at_[d] = 0) {
      move(d, 1);
      if (++at_[d] < axes_[d].extent) return;
      move(d, -static_cast<std::ptrdiff_t>(axes_[d].extent));
    }
  }

 private:
  void move(std::size_t d, std::ptrdiff_t steps) {
    from += steps * axes_[d].from;
    to += steps * axes_[d].to;
  }

  const std::vector<StridedAxis>& axes_;
  std::vector<std::size_t> at_;
};

}  // namespace

template <class T>
void copy_strided(const T* x, T* y, const StridedBlock& block, bool accumulate) {
  const auto is_empty = [](const StridedAxis& axis) { return axis.extent == 0; };
  if (std::any_of(block.axes.begin(), block.axes.end(), is_empty)) return;
  const std::vector<StridedAxis> axes = joined(block);
  const StridedAxis inner = axes.back();
  std::size_t lines = 1;
  for (std::size_t d = 0; d + 1 < axes.size(); ++d) lines *= axes[d].extent;
  if (lines == 1)
    return parallel_for(inner.extent, parallel_grain, [&](std::size_t begin, std::size_t end) {
      const auto first = static_cast<std::ptrdiff_t>(begin);
      copy_line(x + block.from + first * inner.from, inner.from, y + block.to + first * inner.to, inner.to,
                end - begin, accumulate);
    });
  const std::size_t grain = std::max<std::size_t>(1, parallel_grain / inner.extent);
  parallel_for(lines, grain, [&](std::size_t begin, std::size_t end) {
    Lines line(block, axes, begin);
    for (std::size_t k = begin; k < end; ++k, line.next())
      copy_line(x + line.from, inner.from, y + line.to, inner.to, inner.extent, accumulate);
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(copy_strided)

}  // namespace gradus::kernels
