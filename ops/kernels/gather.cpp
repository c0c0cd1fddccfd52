#include <algorithm>

#include <gradus/ops/kernels/gather.hpp>
#include <gradus/ops/kernels/simd_loop.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {

template <class T>
void gather(const T* x, const std::int64_t* positions, std::size_t n, T* y, bool accumulate) {
  parallel_for(n, parallel_grain, [&](std::size_t begin, std::size_t end) {
    if (accumulate) {
      for (std::size_t i = begin; i < end; ++i) y[i] += x[positions[i]];
    } else {
      for (std::size_t i = begin; i < end; ++i) y[i] = x[positions[i]];
    }
  });
}

template <class T>
void scatter_add(const T* x, const std::int64_t* positions, std::size_t n, std::size_t groups, T* y) {
  if (n == 0) return;
  const std::size_t length = n / groups;
  parallel_for(groups, std::max<std::size_t>(1, parallel_grain / length),
               [&](std::size_t begin, std::size_t end) {
                 for (std::size_t i = begin * length; i < end * length; ++i) y[positions[i]] += x[i];
               });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(gather)
GRADUS_KERNEL(scatter_add)

}  // namespace gradus::kernels
