#pragma once

#include <cstddef>

#include <gradus/core/dispatch.hpp>

/// Flat loops over contiguous buffers, for float and double.
namespace gradus::kernels {

template <class T>
void fill(T* y, T value, std::size_t n) {  // y = value
  dispatch<fill<T>>(y, value, n);
}

template <class T>
void copy(const T* x, T* y, std::size_t n) {  // y = x
  dispatch<copy<T>>(x, y, n);
}

template <class T>
void scale(T* y, T factor, std::size_t n) {  // y *= factor
  dispatch<scale<T>>(y, factor, n);
}

template <class T>
void add(const T* x, T* y, std::size_t n) {  // y += x
  dispatch<add<T>>(x, y, n);
}

template <class T>
void axpy(T factor, const T* x, T* y, std::size_t n) {  // y += factor * x
  dispatch<axpy<T>>(factor, x, y, n);
}

/// Whether no element is infinite or NaN.
template <class T>
bool all_finite(const T* x, std::size_t n) {
  return dispatch<all_finite<T>>(x, n);
}

}  // namespace gradus::kernels
