#pragma once

#include <cstddef>

namespace gradus::kernels {

enum class Trans { no, yes };

/// C (m,n) = op(A) (m,k) op(B) (k,n) + beta C, where op transposes what is stored, for float and double.
/// All are contiguous and row-major: A is stored (m,k), or (k,m) when transposed; B likewise. beta is 0 or 1;
/// with 0 C is not read. C overlaps neither A nor B. Float goes to oneDNN, double to BLAS, tiny products to
/// neither.
template <class T>
void gemm(Trans ta, Trans tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T beta,
          T* c);

}  // namespace gradus::kernels
