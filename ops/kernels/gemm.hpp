#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace gradus::kernels {

enum class Trans { no, yes };

/// BLAS takes narrower integers than we do.
inline constexpr std::size_t largest_gemm_extent = std::numeric_limits<std::int32_t>::max();

/// C (m,n) = op(A) (m,k) op(B) (k,n) + beta C, where op transposes what is stored, for float and double.
/// All are contiguous and row-major: A is stored (m,k), or (k,m) when transposed; B likewise. beta is 0 or 1;
/// with 0 C is not read. C overlaps neither A nor B. Float goes to oneDNN, double to BLAS, tiny products to
/// neither. Where none of m, n, k is 0, none is larger than largest_gemm_extent.
template <class T>
void gemm(Trans ta, Trans tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T beta,
          T* c);

/// How many products of such matrices are worth a thread of their own.
std::size_t gemms_worth_a_thread(std::size_t m, std::size_t n, std::size_t k);

/// Tells OpenBLAS to use one thread: parallelism is ours, and it rounds differently at different numbers.
void keep_blas_on_this_thread();

}  // namespace gradus::kernels
