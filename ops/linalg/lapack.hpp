#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

/// LAPACK for one matrix at a time of float or double, contiguous and row-major, on this thread. LAPACK reads
/// columns first, and so sees transposed matrices: what that means is dealt with here.
namespace gradus::detail::lapack {

/// LAPACK counts with integers narrower than ours: its workspaces, several times as large as a matrix of the
/// smaller extent squared, and the larger extent.
inline constexpr std::size_t largest_smaller_extent = 1 << 14;
inline constexpr std::size_t largest_extent = std::numeric_limits<std::int32_t>::max();

using Pivots = std::vector<std::int32_t>;

/// A = P L U of the transposed matrix, in place. False where U has a 0 on its diagonal: A is singular.
template <class T>
bool factorize(std::size_t n, T* a, Pivots& pivots);
/// The inverse, in place of the factors.
template <class T>
void invert(std::size_t n, T* factors, const Pivots& pivots);
/// X (n,r) of A X = B, or of A^T X = B, in place of B, given the factors of A.
template <class T>
void solve(bool transposed, std::size_t n, std::size_t r, const T* factors, const Pivots& pivots, T* b);

struct Triangle {
  bool lower, transposed, unit_diagonal;
};
/// X (n,r) of op(A) X = B, in place of B, for a triangular A.
template <class T>
void solve_triangular(const Triangle& triangle, std::size_t n, std::size_t r, const T* a, T* b);

/// The lower L of A = L L^T, in place of the lower triangle of A, zeros above. False where A is not positive
/// definite.
template <class T>
bool cholesky(std::size_t n, T* a);

/// The eigenvalues, ascending, of a symmetric A of which the lower triangle is read, and the eigenvectors as
/// the rows of what A is replaced by. False when it does not converge.
template <class T>
bool eigh(std::size_t n, T* a, T* values);

/// A (m,n) with m >= n given transposed, (n,m): the upper R (n,n), and Q (m,n) transposed in place of A.
template <class T>
void qr(std::size_t m, std::size_t n, T* a_transposed, T* r);

/// A (m,n) = U diag(s) Vh, U (m,k), Vh (k,n), k = min(m, n), s descending. A is overwritten. False when it
/// does not converge.
template <class T>
bool svd(std::size_t m, std::size_t n, T* a, T* u, T* s, T* vh);

}  // namespace gradus::detail::lapack
