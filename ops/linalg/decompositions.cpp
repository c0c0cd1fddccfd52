#include <algorithm>

#include <gradus/ops/composed_rule.hpp>
#include <gradus/ops/diagonal.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/linalg/decompositions.hpp>
#include <gradus/ops/linalg/lapack.hpp>
#include <gradus/ops/linalg/matrices.hpp>
#include <gradus/ops/linalg/packed.hpp>
#include <gradus/ops/linalg/solve.hpp>

namespace gradus {
namespace detail {
namespace {

constexpr const char* no_convergence = "does not let LAPACK's iteration converge";

/// X R^-T for an upper triangular R.
template <class T>
Tensor<T> over_transposed(const Tensor<T>& x, const Tensor<T>& r) {
  return matrix_transpose(unchecked_triangular_solution(r, matrix_transpose(x), {.lower = false}));
}

/// The gradient of A = Q R, m >= n.
template <class T>
Tensor<T> qr_gradient(const Tensor<T>& dq, const Tensor<T>& dr, const Tensor<T>& q, const Tensor<T>& r) {
  const Tensor<T> m = times_transposed(r, dr, Gradient::second) - transposed_times(dq, q, Gradient::first);
  const Tensor<T> copied = tril(m) + matrix_transpose(tril(m, -1));
  return over_transposed(dq + times(q, copied, Gradient::second), r);
}

/// A = Q R for m >= n.
template <class T>
Qr<T> tall_qr(const Tensor<T>& a, const MatrixShape& shape) {
  const std::size_t m = shape.rows, n = shape.columns;
  const Packed packed(shape.batch, {{m, n}, {n, n}});
  Ref<Value<T>> y = empty_value<T>(packed.shape());
  std::vector<T> columns(shape.size());
  for (std::size_t matrix = 0; matrix * shape.size() < a.size(); ++matrix) {
    const T* const from = a.data() + matrix * shape.size();
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j) columns[j * m + i] = from[i * n + j];
    lapack::qr(m, n, columns.data(), packed.at(y->array.data(), matrix, 1));
    T* const q = packed.at(y->array.data(), matrix, 0);
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j) q[i * n + j] = columns[j * m + i];
  }
  const auto rule = [packed](const Tensor<T>& g, const auto&, const Tensor<T>& both) {
    return std::vector{
        qr_gradient(packed.get(g, 0), packed.get(g, 1), packed.get(both, 0), packed.get(both, 1))};
  };
  const Tensor<T> both = record_composed(OpName::qr, std::move(y), {a}, rule);
  return {packed.get(both, 0), packed.get(both, 1)};
}

/// The columns of matrices from `begin` to `end`.
template <class T>
Tensor<T> columns_of(const Tensor<T>& a, const MatrixShape& shape, std::size_t begin, std::size_t end) {
  const Columns columns{.from = a.shape(),
                        .to = with_axes(shape.batch, {shape.rows, end - begin}),
                        .rows = shape.matrices() * shape.rows,
                        .begin = begin,
                        .width = end - begin,
                        .all_columns = shape.columns};
  return record_linear(columns, a);
}

/// The gradient of A = U diag(s) Vh.
template <class T>
Tensor<T> svd_gradient(const Svd<T>& d, const Svd<T>& parts) {
  using enum Gradient;
  const auto& [u, s, vh] = parts;
  const Tensor<T> columns = expand_dims(s, -2), rows = expand_dims(s, -1);
  const Tensor<T> f = flow(reciprocal_gaps(s), reciprocal(columns + rows));  // 1/(s_j^2 - s_i^2)
  const Tensor<T> of_u = transposed_times(u, d.u, second), of_v = times_transposed(vh, d.vh, second);
  // F * (X - X^T) = F * X + (F * X)^T, as F^T = -F.
  const Tensor<T> inner = 2 * symmetric_part(flow(of_u, f)) * columns +
                          2 * rows * symmetric_part(flow(of_v, f)) + diagonal_matrix(d.s);
  Tensor<T> da = times(times(u, inner, second), vh, first);
  const std::size_t k = s.shape().back();
  if (u.shape()[u.ndim() - 2] > k) {
    const Tensor<T> outside = d.u - times(u, of_u, second);
    da += times(flow(outside, reciprocal(columns)), vh, first);
  }
  if (vh.shape().back() > k) {
    const Tensor<T> outside = d.vh - times(times_transposed(d.vh, vh, first), vh, first);
    da += times(u, flow(outside, reciprocal(rows)), second);
  }
  return da;
}

}  // namespace
}  // namespace detail

using namespace detail;

template <class T>
Tensor<T> cholesky(const Tensor<T>& a) {
  constexpr OpName op = OpName::cholesky;
  const MatrixShape shape = square_shape(op, a.shape());
  Ref<Value<T>> y = make_value(Array<T>(a.value()));
  for (std::size_t i = 0; i * shape.size() < a.size(); ++i)
    if (!lapack::cholesky(shape.rows, y->array.data() + i * shape.size()))
      fail_matrix(op, a.shape(), i, "is not positive definite");
  const auto rule = [](const Tensor<T>& g, const auto&, const Tensor<T>& l) {
    const Tensor<T> product = transposed_times(l, g, Gradient::second);
    const Tensor<T> p = 0.5 * (tril(product) + tril(product, -1));
    const TriangularOptions transposed{.lower = true, .transposed = true};
    const Tensor<T> left = unchecked_triangular_solution(l, symmetric_part(p), transposed);  // L^-T P
    return std::vector{symmetric_part(unchecked_triangular_solution(l, matrix_transpose(left), transposed))};
  };
  return record_composed(op, std::move(y), {a}, rule);
}

template <class T>
Eigh<T> eigh(const Tensor<T>& a) {
  constexpr OpName op = OpName::eigh;
  const MatrixShape shape = square_shape(op, a.shape());
  check_finite(op, a);
  const std::size_t n = shape.rows;
  const Packed packed(shape.batch, {{n}, {n, n}});
  Ref<Value<T>> y = empty_value<T>(packed.shape());
  std::vector<T> rows(shape.size());
  for (std::size_t matrix = 0; matrix * shape.size() < a.size(); ++matrix) {
    std::copy_n(a.data() + matrix * shape.size(), shape.size(), rows.data());
    if (!lapack::eigh(n, rows.data(), packed.at(y->array.data(), matrix, 0)))
      fail_matrix(op, a.shape(), matrix, no_convergence);
    T* const vectors = packed.at(y->array.data(), matrix, 1);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) vectors[i * n + j] = rows[j * n + i];
  }
  const auto rule = [packed](const Tensor<T>& g, const auto&, const Tensor<T>& both) {
    const Tensor<T> w = packed.get(both, 0), v = packed.get(both, 1);
    const Tensor<T> of_v = transposed_times(v, packed.get(g, 1), Gradient::second);
    const Tensor<T> turn = flow(of_v, reciprocal_gaps(w));
    const Tensor<T> inner = diagonal_matrix(packed.get(g, 0)) + symmetric_part(turn);
    return std::vector{times_transposed(times(v, inner, Gradient::second), v, Gradient::first)};
  };
  const Tensor<T> both = record_composed(op, std::move(y), {a}, rule);
  return {packed.get(both, 0), packed.get(both, 1)};
}

template <class T>
Qr<T> qr(const Tensor<T>& a) {
  const MatrixShape shape = matrix_shape(OpName::qr, a.shape());
  const std::size_t m = shape.rows, n = shape.columns;
  if (m >= n) return tall_qr(a, shape);
  MatrixShape square = shape;
  square.columns = m;
  const Qr<T> first = tall_qr(columns_of(a, shape, 0, m), square);
  const Tensor<T> rest = transposed_times(first.q, columns_of(a, shape, m, n));
  return {first.q, concatenate({first.r, rest}, -1)};
}

template <class T>
Svd<T> svd(const Tensor<T>& a) {
  constexpr OpName op = OpName::svd;
  const MatrixShape shape = matrix_shape(op, a.shape());
  check_finite(op, a);
  const std::size_t m = shape.rows, n = shape.columns, k = std::min(m, n);
  const Packed packed(shape.batch, {{m, k}, {k}, {k, n}});
  Ref<Value<T>> y = empty_value<T>(packed.shape());
  std::vector<T> room(shape.size());
  for (std::size_t matrix = 0; matrix * shape.size() < a.size(); ++matrix) {
    std::copy_n(a.data() + matrix * shape.size(), shape.size(), room.data());
    const auto at = [&](std::size_t i) { return packed.at(y->array.data(), matrix, i); };
    if (!lapack::svd(m, n, room.data(), at(0), at(1), at(2)))
      fail_matrix(op, a.shape(), matrix, no_convergence);
  }
  const auto all = [packed](const Tensor<T>& x) {
    return Svd<T>{packed.get(x, 0), packed.get(x, 1), packed.get(x, 2)};
  };
  const auto rule = [all](const Tensor<T>& g, const auto&, const Tensor<T>& value) {
    return std::vector{svd_gradient(all(g), all(value))};
  };
  return all(record_composed(op, std::move(y), {a}, rule));
}

#define GRADUS_INSTANTIATE(T)                    \
  template Tensor<T> cholesky(const Tensor<T>&); \
  template Eigh<T> eigh(const Tensor<T>&);       \
  template Qr<T> qr(const Tensor<T>&);           \
  template Svd<T> svd(const Tensor<T>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
