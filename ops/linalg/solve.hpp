#pragma once

#include <gradus/ops/operands.hpp>

/// Inverses and linear systems, by LAPACK. Matrices are (n,n), or batches of them (..,n,n). Each call is one
/// step. ShapeError for matrices that are not square; ValueError, with the place in the batch, for one that
/// is singular: that has a 0 on the diagonal of its triangular factor. What is only nearly singular is not
/// found out: its results have few right digits.
/// Sources: M. Giles, "Collected matrix derivative results for forward and reverse mode AD" (2008); E.
/// Anderson et al., "LAPACK Users' Guide" (1999).
namespace gradus {

struct TriangularOptions {
  bool lower = true;           ///< which triangle is read; the other may hold anything
  bool transposed = false;     ///< solve A^T X = B
  bool unit_diagonal = false;  ///< take ones for the diagonal, which is not read
};

namespace detail {

/// inv, as a step of `op`.
template <class T>
Tensor<T> inverse(OpName op, const Tensor<T>& a);
template <class T>
Tensor<T> solution(const Tensor<T>& a, const Tensor<T>& b);
template <class T>
Tensor<T> triangular_solution(const Tensor<T>& a, const Tensor<T>& b, const TriangularOptions& options);
/// For rules: a singular triangle gives infinities and NaN, and no error.
template <class T>
Tensor<T> unchecked_triangular_solution(const Tensor<T>& a, const Tensor<T>& b,
                                        const TriangularOptions& options);

}  // namespace detail

/// The inverse Y = A^-1, dA = -Y^T G Y^T (Giles 2.2.3).
template <class T>
Tensor<T> inv(const Tensor<T>& a) {
  return detail::inverse(detail::OpName::inv, a);
}

/// X of A X = B, without the inverse. B is (..,n,r), its batch and A's broadcast, or one vector (n) for every
/// matrix: then X is (..,n). dB = A^-T G, dA = -dB X^T (Giles 2.3.1). ShapeError, too, when B does not fit.
template <class A, class B>
requires TensorOperands<A, B>
auto solve(A&& a, B&& b) {
  using T = element_type_of<A, B>;
  detail::check_threads(detail::OpName::solve.text(), a, b);
  return detail::solution<T>(as_tensor<T>(a), as_tensor<T>(b));
}

/// The same for a triangular A, by substitution; dA is in its triangle, zeros elsewhere.
template <class A, class B>
requires TensorOperands<A, B>
auto solve_triangular(A&& a, B&& b, const TriangularOptions& options = {}) {
  using T = element_type_of<A, B>;
  detail::check_threads(detail::OpName::solve_triangular.text(), a, b);
  return detail::triangular_solution<T>(as_tensor<T>(a), as_tensor<T>(b), options);
}

}  // namespace gradus
