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

// The passes of optimizers take numbers below the smallest normal one for 0.

/// One pass of gradient descent with momentum (Polyak 1964): v = momentum v + g, p -= lr v. Without momentum
/// v may be null: p -= lr g.
template <class T>
void sgd_update(T* p, const T* g, T* v, T lr, T momentum, std::size_t n) {
  dispatch<sgd_update<T>>(p, g, v, lr, momentum, n);
}

/// The t-th step of Adam, t = 1, 2, ...
struct AdamStep {
  double lr, beta1, beta2, epsilon, t;
};

/// One pass of Adam (Kingma, Ba 2015, algorithm 1): m = beta1 m + (1 - beta1) g,
/// v = beta2 v + (1 - beta2) g^2, p -= lr m' / (sqrt(v') + epsilon), with the corrected moments
/// m' = m / (1 - beta1^t) and v' = v / (1 - beta2^t).
template <class T>
void adam_update(T* p, const T* g, T* m, T* v, const AdamStep& step, std::size_t n) {
  dispatch<adam_update<T>>(p, g, m, v, step, n);
}

}  // namespace gradus::kernels
