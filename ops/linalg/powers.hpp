#pragma once

#include <cstdint>

#include <gradus/core/tensor.hpp>

namespace gradus {

struct PinvOptions {
  double rcond = -1;  ///< singular values of at most this part of the largest count as 0; negative: max(m, n)
                      ///< times the precision of the element type
};

/// The Moore-Penrose inverse P (..,n,m) of A (..,m,n), by singular values. One step. Where the rank does not
/// change,
///   dA = -P^T G P^T + (1 - A P) G^T P P^T + P^T P G^T (1 - P A).
/// ShapeError for operands without two axes, ValueError for matrices that are not finite.
/// Source: G. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
/// problems whose variables separate", SIAM J. Numer. Anal. 10(2), 1973.
template <class T>
Tensor<T> pinv(const Tensor<T>& a, const PinvOptions& options = {});

/// A A .. A, |n| times, in about log2 |n| products, of the inverse where n is negative; the identity, a
/// constant, for 0. ShapeError for matrices that are not square, ValueError for a singular one and a negative
/// n.
template <class T>
Tensor<T> matrix_power(const Tensor<T>& a, std::int64_t n);

}  // namespace gradus
