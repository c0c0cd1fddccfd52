#include <algorithm>

#include <xtensor-blas/xblas.hpp>
#include <xtensor-blas/xlapack.hpp>

#include <gradus/ops/kernels/gemm.hpp>
#include <gradus/ops/linalg/lapack.hpp>

namespace gradus::detail::lapack {
namespace {

static_assert(sizeof(xt::blas_index_t) == sizeof(std::int32_t));

xt::blas_index_t narrow(std::size_t n) { return static_cast<xt::blas_index_t>(n); }

/// A leading dimension: LAPACK wants at least 1.
xt::blas_index_t leading(std::size_t n) { return std::max(narrow(n), 1); }

/// Runs call(work, size), first to be told how much it needs.
template <class T, class Call>
auto with_workspace(const Call& call) {
  T wanted = 0;
  call(&wanted, -1);
  std::vector<T> work(static_cast<std::size_t>(static_cast<double>(wanted) * 1.000001) +
                      1);  // it was rounded
  return call(work.data(), narrow(work.size()));
}

}  // namespace

template <class T>
bool factorize(std::size_t n, T* a, Pivots& pivots) {
  pivots.resize(n);
  if (n == 0) return true;
  kernels::keep_blas_on_this_thread();
  return cxxlapack::getrf(narrow(n), narrow(n), a, leading(n), pivots.data()) == 0;
}

template <class T>
void invert(std::size_t n, T* factors, const Pivots& pivots) {
  if (n == 0) return;
  with_workspace<T>([&](T* work, xt::blas_index_t size) {
    return cxxlapack::getri(narrow(n), factors, leading(n), pivots.data(), work, size);
  });
}

template <class T>
void solve(bool transposed, std::size_t n, std::size_t r, const T* factors, const Pivots& pivots, T* b) {
  if (n == 0 || r == 0) return;
  std::vector<T> columns(n * r);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < r; ++j) columns[j * n + i] = b[i * r + j];
  cxxlapack::getrs(transposed ? 'N' : 'T', narrow(n), narrow(r), factors, leading(n), pivots.data(),
                   columns.data(), leading(n));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < r; ++j) b[i * r + j] = columns[j * n + i];
}

template <class T>
void solve_triangular(const Triangle& triangle, std::size_t n, std::size_t r, const T* a, T* b) {
  if (n == 0 || r == 0) return;
  kernels::keep_blas_on_this_thread();
  cxxblas::trsm(cxxblas::RowMajor, cxxblas::Left, triangle.lower ? cxxblas::Lower : cxxblas::Upper,
                triangle.transposed ? cxxblas::Trans : cxxblas::NoTrans,
                triangle.unit_diagonal ? cxxblas::Unit : cxxblas::NonUnit, narrow(n), narrow(r), T(1), a,
                leading(n), b, leading(r));
}

template <class T>
bool cholesky(std::size_t n, T* a) {
  if (n == 0) return true;
  kernels::keep_blas_on_this_thread();
  if (cxxlapack::potrf('U', narrow(n), a, leading(n)) != 0) return false;
  for (std::size_t i = 0; i < n; ++i) {
    if (!(a[i * n + i] > T(0))) return false;  // OpenBLAS goes on with NaN
    std::fill(a + i * n + i + 1, a + (i + 1) * n, T(0));
  }
  return true;
}

template <class T>
bool eigh(std::size_t n, T* a, T* values) {
  if (n == 0) return true;
  kernels::keep_blas_on_this_thread();
  std::vector<std::int32_t> whole_numbers(3 + 5 * n);
  const auto call = [&](T* work, xt::blas_index_t size) {
    return cxxlapack::syevd('V', 'U', narrow(n), a, leading(n), values, work, size, whole_numbers.data(),
                            size < 0 ? -1 : narrow(whole_numbers.size()));
  };
  return with_workspace<T>(call) == 0;
}

template <class T>
void qr(std::size_t m, std::size_t n, T* a_transposed, T* r) {
  if (n == 0) return;
  kernels::keep_blas_on_this_thread();
  std::vector<T> scales(n);
  with_workspace<T>([&](T* work, xt::blas_index_t size) {
    return cxxlapack::geqrf(narrow(m), narrow(n), a_transposed, leading(m), scales.data(), work, size);
  });
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) r[i * n + j] = i <= j ? a_transposed[j * m + i] : T(0);
  with_workspace<T>([&](T* work, xt::blas_index_t size) {
    return cxxlapack::orgqr(narrow(m), narrow(n), narrow(n), a_transposed, leading(m), scales.data(), work,
                            size);
  });
}

template <class T>
bool svd(std::size_t m, std::size_t n, T* a, T* u, T* s, T* vh) {
  const std::size_t k = std::min(m, n);
  if (k == 0) return true;
  kernels::keep_blas_on_this_thread();
  std::vector<std::int32_t> whole_numbers(8 * k);
  // Of the transposed matrix the left vectors are ours on the right.
  return with_workspace<T>([&](T* work, xt::blas_index_t size) {
           return cxxlapack::gesdd('S', narrow(n), narrow(m), a, leading(n), s, vh, leading(n), u, leading(k),
                                   work, size, whole_numbers.data());
         }) == 0;
}

#define GRADUS_INSTANTIATE(T)                                                              \
  template bool factorize(std::size_t, T*, Pivots&);                                       \
  template void invert(std::size_t, T*, const Pivots&);                                    \
  template void solve(bool, std::size_t, std::size_t, const T*, const Pivots&, T*);        \
  template void solve_triangular(const Triangle&, std::size_t, std::size_t, const T*, T*); \
  template bool cholesky(std::size_t, T*);                                                 \
  template bool eigh(std::size_t, T*, T*);                                                 \
  template void qr(std::size_t, std::size_t, T*, T*);                                      \
  template bool svd(std::size_t, std::size_t, T*, T*, T*, T*);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::detail::lapack
