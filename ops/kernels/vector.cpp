#include <atomic>
#include <cmath>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include <gradus/ops/kernels/simd_loop.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

template <class T, class F>
void for_all(std::size_t n, const F& f) {
  parallel_blocks(n, [=](std::size_t begin, std::size_t end) { for_each_batch<T>(begin, end, f); });
}

/// In its scope this thread takes numbers below the smallest normal one for 0, where the processor can.
class TinyIsZero {
 public:
#if defined(__SSE2__)
  TinyIsZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | flush_results | flush_operands); }
  ~TinyIsZero() { _mm_setcsr(before_); }
  TinyIsZero(const TinyIsZero&) = delete;
  TinyIsZero& operator=(const TinyIsZero&) = delete;

 private:
  static constexpr unsigned flush_results = 0x8000, flush_operands = 0x0040;
  unsigned before_;
#endif
};

/// For what an optimizer remembers: it fades, where a unit has died, to numbers below the smallest normal
/// one, never reaches 0, and the processor takes twenty times longer over each of them.
template <class T, class F>
void for_all_fading(std::size_t n, const F& f) {
  parallel_blocks(n, [=](std::size_t begin, std::size_t end) {
    [[maybe_unused]] const TinyIsZero scope;
    for_each_batch<T>(begin, end, f);
  });
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

template <class T>
void sgd_update(T* p, const T* g, T* v, T lr, T momentum, std::size_t n) {
  for_all_fading<T>(n, [=](const auto& lanes) {
    Batch<T> step = lanes.load(g);
    if (v != nullptr) {
      step += Batch<T>(momentum) * lanes.load(v);
      lanes.store(v, step);
    }
    lanes.store(p, lanes.load(p) - Batch<T>(lr) * step);
  });
}

template <class T>
void adam_update(T* p, const T* g, T* m, T* v, const AdamStep& step, std::size_t n) {
  const Batch<T> keep_mean(static_cast<T>(step.beta1)), toward_g(static_cast<T>(1 - step.beta1)),
      keep_square(static_cast<T>(step.beta2)), toward_square(static_cast<T>(1 - step.beta2)),
      rate(static_cast<T>(step.lr / (1 - std::pow(step.beta1, step.t)))),
      correction(static_cast<T>(1 / (1 - std::pow(step.beta2, step.t)))),
      epsilon(static_cast<T>(step.epsilon));
  for_all_fading<T>(n, [=](const auto& lanes) {
    const Batch<T> gradient = lanes.load(g), mean = lanes.load(m), square = lanes.load(v);
    const Batch<T> first = keep_mean * mean + toward_g * gradient,
                   second = keep_square * square + toward_square * (gradient * gradient);
    lanes.store(m, first);
    lanes.store(v, second);
    lanes.store(p, lanes.load(p) - rate * first / (xsimd::sqrt(second * correction) + epsilon));
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(fill)
GRADUS_KERNEL(copy)
GRADUS_KERNEL(scale)
GRADUS_KERNEL(add)
GRADUS_KERNEL(axpy)
GRADUS_KERNEL(all_finite)
GRADUS_KERNEL(sgd_update)
GRADUS_KERNEL(adam_update)

}  // namespace gradus::kernels
