#include <gradus/ops/kernels/simd_loop.hpp>
#include <gradus/ops/kernels/small_gemm.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

/// A (m,k) and how far its elements lie apart along each axis.
template <class T>
struct Left {
  const T* data;
  std::size_t row, column;
};

/// `rows` rows of C, the columns of `lanes`: b has k rows of n, contiguous.
template <std::size_t rows, class T, class Lanes>
void multiply_rows(const Left<T>& a, const T* b, std::size_t n, std::size_t k, const Lanes& lanes, T beta,
                   T* c) {
  Batch<T> sums[rows];
  for (std::size_t r = 0; r < rows; ++r) sums[r] = beta == T(0) ? Batch<T>(T(0)) : lanes.load(c + r * n);
  for (std::size_t p = 0; p < k; ++p) {
    const Batch<T> b_row = lanes.load(b + p * n);
    const T* a_column = a.data + p * a.column;
    for (std::size_t r = 0; r < rows; ++r) sums[r] += Batch<T>(a_column[r * a.row]) * b_row;
  }
  for (std::size_t r = 0; r < rows; ++r) lanes.store(c + r * n, sums[r]);
}

/// As many times `rows` rows as there are, then half as many at a time.
template <std::size_t rows, class T>
void multiply(Left<T> a, const T* b, std::size_t m, std::size_t n, std::size_t k, T beta, T* c) {
  for (; m >= rows; m -= rows, a.data += rows * a.row, c += rows * n)
    for_each_batch<T>(0, n, [&](const auto& lanes) { multiply_rows<rows>(a, b, n, k, lanes, beta, c); });
  if constexpr (rows > 1) multiply<rows / 2>(a, b, m, n, k, beta, c);
}

// Measured: beyond these oneDNN and OpenBLAS are faster.
constexpr std::size_t most_multiplications = 1 << 15;
constexpr std::size_t longest_sum = 256;
constexpr std::size_t most_transposed = 512;  // elements of B, copied to the stack

}  // namespace

template <class T>
bool small_gemm(Trans ta, Trans tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b,
                T beta, T* c) {
  if (m * n * k > most_multiplications || k > longest_sum) return false;
  if (n == 1 && m > 1) {  // a column is a row of the transposed product, if that needs no transposing of A
    if (ta == Trans::no) return false;
    return GRADUS_KERNEL_ARCH::small_gemm(tb == Trans::yes ? Trans::no : Trans::yes, Trans::no, n, m, k, b, a,
                                          beta, c);
  }
  const Left<T> left = ta == Trans::yes ? Left<T>{a, 1, m} : Left<T>{a, k, 1};
  constexpr std::size_t rows = 8;  // as many sums in flight
  if (tb == Trans::no || n == 1) {
    multiply<rows>(left, b, m, n, k, beta, c);
    return true;
  }
  if (k * n > most_transposed) return false;
  T rows_of_b[most_transposed];
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t p = 0; p < k; ++p) rows_of_b[p * n + j] = b[j * k + p];
  multiply<rows>(left, rows_of_b, m, n, k, beta, c);
  return true;
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(small_gemm)

}  // namespace gradus::kernels
