#include <algorithm>
#include <vector>

#include <gradus/ops/kernels/slices.hpp>
#include <gradus/ops/slice_rules.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {

template <class T>
void sum_backward(const T* g, T factor, T* gx, ReduceShape shape, bool accumulate) {
  for_each_group<T>(shape, [&](const auto& group) {
    const auto share =
        group.map([factor](const auto& v) { return v * std::decay_t<decltype(v)>(factor); }, group.load(g));
    group.for_each(
        [&](const auto& lanes, const auto& spread) { store_or_add(lanes, gx, spread(share), accumulate); });
  });
}

template <class T>
void extremum_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  for_each_group<T>(shape, [&](const auto& group) {
    const auto incoming = group.load(g), extremum = group.load(y);
    const auto ties = group.template reduce<SumOp>([&](const auto& lanes, const auto& spread) {
      return math::select(lanes.load(x) == spread(extremum), Batch<T>(T(1)), Batch<T>(T(0)));
    });
    group.for_each([&](const auto& lanes, const auto& spread) {
      const Batch<T> top = spread(extremum), gradient = spread(incoming);
      const Batch<T> elsewhere = math::select(math::is_nan(top), top, Batch<T>(T(0)));
      const Batch<T> share = math::select(lanes.load(x) == top, Batch<T>(T(1)) / spread(ties), elsewhere);
      store_or_add(lanes, gx, absorb(gradient, gradient * share), accumulate);
    });
  });
}

template <class T>
void logsumexp_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  for_each_group<T>(shape, [&](const auto& group) {
    rules::logsumexp_flow(group, g, x, y, Into<T>{gx, accumulate});
  });
}

template <class T>
void deviation_backward(const T* g, T factor, const T* x, const T* mean, T* gx, ReduceShape shape,
                        bool accumulate) {
  for_each_group<T>(shape, [&](const auto& group) {
    rules::deviation_flow(group, factor, g, x, mean, Into<T>{gx, accumulate});
  });
}

template <class T>
void norm2_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  for_each_group<T>(shape, [&](const auto& group) {
    rules::norm2_flow(group, g, x, y, Into<T>{gx, accumulate});
  });
}

/// The product of all elements before, times that of all behind.
template <class T>
void prod_backward(const T* g, const T* x, T* gx, ReduceShape shape, bool accumulate) {
  const auto [outer, n, inner] = shape;
  std::vector<T> all_others(outer * n * inner), all_running(outer * inner);
  const std::size_t grain = 1 + parallel_grain / (n * inner + 1);
  parallel_for(outer, grain, [&, n = n, inner = inner](std::size_t begin, std::size_t end) {
    for (std::size_t o = begin; o < end; ++o) {
      const std::size_t first = o * n * inner, last = first + n * inner;
      T* const others = all_others.data();
      T* const running = all_running.data() + o * inner;
      std::fill_n(running, inner, T(1));
      for (std::size_t row = first; row < last; row += inner)
        for (std::size_t i = 0; i < inner; ++i) {
          others[row + i] = running[i];
          running[i] *= x[row + i];
        }
      std::fill_n(running, inner, T(1));
      for (std::size_t row = last; row > first; row -= inner)
        for (std::size_t i = 0; i < inner; ++i) {
          const std::size_t at = row - inner + i;
          const T incoming = g[o * inner + i];
          const T share = incoming == T(0) ? T(0) : incoming * (others[at] * running[i]);
          gx[at] = accumulate ? gx[at] + share : share;
          running[i] *= x[at];
        }
    }
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(sum_backward)
GRADUS_KERNEL(extremum_backward)
GRADUS_KERNEL(logsumexp_backward)
GRADUS_KERNEL(deviation_backward)
GRADUS_KERNEL(norm2_backward)
GRADUS_KERNEL(prod_backward)

}  // namespace gradus::kernels
