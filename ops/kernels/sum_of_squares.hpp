#pragma once

#include <cstddef>

#include <gradus/core/dispatch.hpp>

namespace gradus::kernels {

/// sum x^2 in one pass: squares as T, sums of short pieces as double. Not finite where a square is beyond T;
/// a square below the least normal T may be lost. (norm2() has neither limit.)
template <class T>
double sum_of_squares(const T* x, std::size_t n) {
  return dispatch<sum_of_squares<T>>(x, n);
}

}  // namespace gradus::kernels
