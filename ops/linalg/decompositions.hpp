#pragma once

#include <gradus/core/tensor.hpp>

/// Matrices taken apart, by LAPACK. They are (m,n), or batches of them (..,m,n). A decomposition with several
/// results is one step of its name, and one behind it for each result: what the results share is computed
/// once, and gradients of functions of all of them are right. ShapeError for operands without two axes, or
/// where square matrices are needed; ValueError, with the place in the batch, for a matrix that has no
/// decomposition. Sources of the rules: M. Giles, "Collected matrix derivative results for forward and
/// reverse mode AD" (2008); M. Seeger et al., "Auto-differentiating linear algebra" (2017); those named at
/// each.
namespace gradus {

/// The lower L of A = L L^T for symmetric, positive definite matrices, of which the lower triangle is read.
/// dA = L^-T P L^-1, where P is the lower triangle of L^T G, its diagonal halved, made symmetric: the
/// gradient among symmetric matrices, both triangles of it. ValueError for a matrix that is not positive
/// definite.
/// Source: I. Murray, "Differentiation of the Cholesky decomposition" (2016).
template <class T>
Tensor<T> cholesky(const Tensor<T>& a);

template <class T>
struct Eigh {
  Tensor<T> values;   ///< (..,n), ascending
  Tensor<T> vectors;  ///< (..,n,n), the columns, orthonormal
};

/// Eigenvalues and eigenvectors of symmetric matrices, A = V diag(w) V^T, of which the lower triangle is
/// read. dA = V (diag(dw) + E * (V^T dV)) V^T, E_ij = 1/(w_j - w_i), made symmetric: the gradient among
/// symmetric matrices (Giles 3.1, Seeger 4.3). The sign of a vector is not determined, and the gradient is
/// right for functions that do not depend on it. Of equal eigenvalues (to the precision of T, beside the
/// largest) no single vector is determined: a gradient that arrives at one of them makes NaN, gradients of
/// the eigenvalues and of the other vectors are right; second derivatives are NaN. ValueError for matrices
/// that are not finite, or where LAPACK does not converge.
template <class T>
Eigh<T> eigh(const Tensor<T>& a);

template <class T>
struct Qr {
  Tensor<T> q;  ///< (..,m,k), orthonormal columns, k = min(m, n)
  Tensor<T> r;  ///< (..,k,n), upper triangular; the signs of its diagonal are LAPACK's
};

/// A = Q R, reduced. For m >= n: dA = (dQ + Q copyltu(M)) R^-T with M = R dR^T - dQ^T Q, where copyltu
/// repeats the lower triangle above the diagonal (Seeger 4.2; S. Walter and L. Lehmann, "Algorithmic
/// differentiation of linear algebra functions", 2010): infinite or NaN where the columns are not
/// independent. For m < n the first m columns are taken apart, and R goes on with Q^T times the others.
template <class T>
Qr<T> qr(const Tensor<T>& a);

template <class T>
struct Svd {
  Tensor<T> u;   ///< (..,m,k), orthonormal columns, k = min(m, n)
  Tensor<T> s;   ///< (..,k), descending, none negative
  Tensor<T> vh;  ///< (..,k,n), orthonormal rows
};

/// A = U diag(s) V^T, reduced. With F_ij = 1/(s_j^2 - s_i^2)
///   dA = U (F * (U^T dU - dU^T U) S + S F * (V^T dV - dV^T V) + diag(ds)) V^T
///        + (1 - U U^T) dU S^-1 V^T + U S^-1 dV^T (1 - V V^T).
/// The sign of a pair of vectors is not determined, nor are the vectors of equal singular values: the same
/// holds for them as for eigh. The gradient of s alone is U diag(ds) V^T everywhere. Where a singular value
/// is 0, the last line is infinite or NaN for a gradient of its vectors. ValueError as for eigh. Source: J.
/// Townsend, "Differentiating the singular value decomposition" (2016).
template <class T>
Svd<T> svd(const Tensor<T>& a);

/// The singular values, as svd gives them.
template <class T>
Tensor<T> svdvals(const Tensor<T>& a) {
  return svd(a).s;
}

}  // namespace gradus
