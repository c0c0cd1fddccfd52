#include <gradus/ops/kernels/simd_loop.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::kernels {
namespace {

template <class T, class F>
void for_all(std::size_t n, const F& f) {
  parallel_blocks(n, [&](std::size_t begin, std::size_t end) { for_each_batch<T>(begin, end, f); });
}

}  // namespace

template <class T>
void fill(T* y, T value, std::size_t n) {
  for_all<T>(n, [&](const auto& lanes) { lanes.store(y, Batch<T>(value)); });
}

template <class T>
void copy(const T* x, T* y, std::size_t n) {
  parallel_blocks(n, [&](std::size_t begin, std::size_t end) { std::copy(x + begin, x + end, y + begin); });
}

template <class T>
void scale(T* y, T factor, std::size_t n) {
  for_all<T>(n, [&](const auto& lanes) { lanes.store(y, lanes.load(y) * Batch<T>(factor)); });
}

template <class T>
void add(const T* x, T* y, std::size_t n) {
  for_all<T>(n, [&](const auto& lanes) { lanes.store(y, lanes.load(y) + lanes.load(x)); });
}

template <class T>
void axpy(T factor, const T* x, T* y, std::size_t n) {
  for_all<T>(n, [&](const auto& lanes) { lanes.store(y, lanes.load(y) + Batch<T>(factor) * lanes.load(x)); });
}

template <class T>
bool all_finite(const T* x, std::size_t n) {
  for (std::size_t begin = 0; begin < n; begin += block_size) {
    Batch<T> sum(T(0));  // 0 * x is 0 for finite x, else NaN
    for_each_batch<T>(begin, std::min(n, begin + block_size),
                      [&](const auto& lanes) { sum += Batch<T>(T(0)) * lanes.load(x); });
    if (!xsimd::all(sum == Batch<T>(T(0)))) return false;
  }
  return true;
}

template <class T>
void sgd_update(T* p, const T* g, T* v, T lr, T momentum, std::size_t n) {
  for_all<T>(n, [&](const auto& lanes) {
    Batch<T> step = lanes.load(g);
    if (v != nullptr) {
      step += Batch<T>(momentum) * lanes.load(v);
      lanes.store(v, step);
    }
    lanes.store(p, lanes.load(p) - Batch<T>(lr) * step);
  });
}

#define GRADUS_INSTANTIATE(T)                       \
  template void fill(T*, T, std::size_t);           \
  template void copy(const T*, T*, std::size_t);    \
  template void scale(T*, T, std::size_t);          \
  template void add(const T*, T*, std::size_t);     \
  template void axpy(T, const T*, T*, std::size_t); \
  template bool all_finite(const T*, std::size_t);  \
  template void sgd_update(T*, const T*, T*, T, T, std::size_t);

GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::kernels
