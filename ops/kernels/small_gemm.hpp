#pragma once

#include <gradus/core/dispatch.hpp>
#include <gradus/ops/kernels/gemm.hpp>

namespace gradus::kernels {

/// gemm for a product so small that a BLAS would spend its time getting ready. False, with nothing done, when
/// it is not that small. None of m, n, k is 0.
template <class T>
bool small_gemm(Trans ta, Trans tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b,
                T beta, T* c) {
  return dispatch<small_gemm<T>>(ta, tb, m, n, k, a, b, beta, c);
}

}  // namespace gradus::kernels
