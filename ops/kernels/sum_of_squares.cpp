#include <gradus/ops/kernels/simd_loop.hpp>
#include <gradus/ops/kernels/sum_of_squares.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {

template <class T>
double sum_of_squares(const T* x, std::size_t n) {
  constexpr std::size_t piece = 256;  // short, for the sake of the sums' last digits
  double sum = 0;
  for (std::size_t begin = 0; begin < n; begin += piece) {
    Batch<T> squares(T(0));
    for_each_batch<T>(begin, std::min(n, begin + piece), [&](const auto& lanes) {
      Batch<T> value = lanes.load(x);
      if constexpr (requires { lanes.keep(value, T(0)); }) value = lanes.keep(value, T(0));
      squares += value * value;
    });
    T each[Batch<T>::size];
    squares.store_unaligned(each);
    for (const T one : each) sum += static_cast<double>(one);
  }
  return sum;
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(sum_of_squares)

}  // namespace gradus::kernels
