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

// The passes of optimizers take numbers below the smallest normal one for 0.

/// One pass of gradient descent with momentum (Polyak 1964): v = momentum v + g, p -= lr v. Without momentum
/// v may be null: p -= lr g.
template <class T>
void sgd_update(T* p, const T* g, T* v, T lr, T momentum, std::size_t n);

/// The t-th step of Adam, t = 1, 2, ...
struct AdamStep {
  double lr, beta1, beta2, epsilon, t;
};

/// One pass of Adam (Kingma, Ba 2015, algorithm 1): m = beta1 m + (1 - beta1) g,
/// v = beta2 v + (1 - beta2) g^2, p -= lr m' / (sqrt(v') + epsilon), with the corrected moments
/// m' = m / (1 - beta1^t) and v' = v / (1 - beta2^t).
template <class T>
void adam_update(T* p, const T* g, T* m, T* v, const AdamStep& step, std::size_t n);

}  // namespace gradus::kernels
