#include <atomic>

#include <gradus/ops/kernels/simd_loop.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

template <class T, class F>
void for_all(std::size_t n, const F& f) {
  parallel_blocks(n, [=](std::size_t begin, std::size_t end) { for_each_batch<T>(begin, end, f); });
}

}  // namespace

template <class T>
void fill(T* y, T value, std::size_t n) {
  for_all<T>(n, [=](const auto& lanes) { lanes.store(y, Batch<T>(value)); });
}

template <class T>
void copy(const T* x, T* y, std::size_t n) {
  parallel_blocks(n, [&](std::size_t begin, std::size_t end) { std::copy(x + begin, x + end, y + begin); });
}

template <class T>
void scale(T* y, T factor, std::size_t n) {
  for_all<T>(n, [=](const auto& lanes) { lanes.store(y, lanes.load(y) * Batch<T>(factor)); });
}

template <class T>
void add(const T* x, T* y, std::size_t n) {
  for_all<T>(n, [=](const auto& lanes) { lanes.store(y, lanes.load(y) + lanes.load(x)); });
}

template <class T>
void axpy(T factor, const T* x, T* y, std::size_t n) {
  for_all<T>(n, [=](const auto& lanes) { lanes.store(y, lanes.load(y) + Batch<T>(factor) * lanes.load(x)); });
}

template <class T>
bool all_finite(const T* x, std::size_t n) {
  std::atomic<bool> finite{true};
  parallel_blocks(n, [&](std::size_t first, std::size_t last) {
    for (std::size_t begin = first; begin < last && finite.load(std::memory_order_relaxed);
         begin += block_size) {
      Batch<T> sum(T(0));  // 0 * x is 0 for finite x, else NaN
      for_each_batch<T>(begin, std::min(last, begin + block_size),
                        [&](const auto& lanes) { sum += Batch<T>(T(0)) * lanes.load(x); });
      if (!xsimd::all(sum == Batch<T>(T(0)))) finite = false;
    }
  });
  return finite;
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(fill)
GRADUS_KERNEL(copy)
GRADUS_KERNEL(scale)
GRADUS_KERNEL(add)
GRADUS_KERNEL(axpy)
GRADUS_KERNEL(all_finite)

}  // namespace gradus::kernels
