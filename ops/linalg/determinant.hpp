#pragma once

#include <gradus/core/tensor.hpp>

/// Determinants, by LU factorization (LAPACK's getrf). Matrices are (n,n), or batches of them (..,n,n),
/// results have the shape of the batch. The determinant of a matrix without elements is 1. ShapeError for
/// matrices that are not square. Source of the rules: M. Giles, "Collected matrix derivative results for
/// forward and reverse mode AD" (2008).
namespace gradus {

/// det A, dA = g cof(A) (Giles 2.2.4, Jacobi). The cofactors are det(A) A^-T, but where the smallest pivot is
/// 0 or has lost half of its digits, or the determinant under- or overflows, they come from singular values,
///   cof(A) = det(U) det(V) U diag(prod_(j != i) s_j) V^T,
/// right in any rank, and 0 below n - 1. They are NaN where A^-T cannot be had and an element is infinite or
/// NaN, and may be NaN where one of them overflows itself. Second derivatives are right there where all
/// singular values differ, so at most one is 0, and NaN where two are equal. Source: G. Stewart, "On the
/// adjugate matrix", Linear Algebra and its Applications 283 (1998).
template <class T>
Tensor<T> det(const Tensor<T>& a);

template <class T>
struct SignAndLog {
  Tensor<T> sign;    ///< -1, 1, or 0 for a singular matrix; its gradient is 0
  Tensor<T> logabs;  ///< log |det A|; -inf for a singular matrix
};

/// det A = sign e^logabs, finite where det would overflow. The gradient of logabs is A^-T, NaN for a singular
/// matrix (Giles 2.2.4). One step (slogdet), and one behind it for each result.
template <class T>
SignAndLog<T> slogdet(const Tensor<T>& a);

}  // namespace gradus
