#pragma once

#include <concepts>

#include <gradus/core/tensor.hpp>

/// Diagonals and triangles of matrices. Diagonal k is the main one for 0, above it for k > 0, below for k <
/// 0. Each call is one step; what is not in the part taken gets a gradient of exactly 0.
namespace gradus {

/// Of a vector of n elements the square matrix that has it on its diagonal k and 0 elsewhere; of a matrix its
/// diagonal k, empty where there is none. ShapeError for any other number of axes.
template <class T>
Tensor<T> diag(Tensor<T> x, int k = 0);

/// The diagonals k of the matrices along two axes, as the last axis of the result: y[..., i] = x at i along
/// axis1 and i + k along axis2. ShapeError for fewer axes than two, and for the same one twice.
template <class T>
Tensor<T> diagonal(Tensor<T> x, int k = 0);
template <class T>
Tensor<T> diagonal_of_axes(const Tensor<T>& x, int k, std::ptrdiff_t axis1, std::ptrdiff_t axis2);
template <class T, std::integral A, std::integral B>
Tensor<T> diagonal(Tensor<T> x, int k, A axis1, B axis2) {
  return diagonal_of_axes(x, k, static_cast<std::ptrdiff_t>(axis1), static_cast<std::ptrdiff_t>(axis2));
}

/// The sums of these diagonals, y = sum_i x_(i, i + k).
template <class T>
Tensor<T> trace(Tensor<T> x, int k = 0, std::ptrdiff_t axis1 = 0, std::ptrdiff_t axis2 = 1);

/// The matrices along the last two axes with 0 above diagonal k. ShapeError for fewer axes than two.
template <class T>
Tensor<T> tril(Tensor<T> x, int k = 0);

/// The same with 0 below diagonal k.
template <class T>
Tensor<T> triu(Tensor<T> x, int k = 0);

}  // namespace gradus
