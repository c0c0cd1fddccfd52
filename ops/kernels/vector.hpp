#pragma once

#include <cstddef>

/// Flat loops over contiguous buffers, for float and double.
namespace gradus::kernels {

template <class T>
void fill(T* y, T value, std::size_t n);  // y = value
template <class T>
void copy(const T* x, T* y, std::size_t n);  // y = x
template <class T>
void scale(T* y, T factor, std::size_t n);  // y *= factor
template <class T>
void add(const T* x, T* y, std::size_t n);  // y += x
template <class T>
void axpy(T factor, const T* x, T* y, std::size_t n);  // y += factor * x

/// Whether no element is infinite or NaN.
template <class T>
bool all_finite(const T* x, std::size_t n);

/// One pass of gradient descent with momentum (Polyak 1964): v = momentum v + g, p -= lr v. Without momentum
/// v may be null: p -= lr g.
template <class T>
void sgd_update(T* p, const T* g, T* v, T lr, T momentum, std::size_t n);

}  // namespace gradus::kernels
