#include "op_cases.hpp"

// Cases of linear algebra.
namespace gradus::op_cases {

namespace {

/// x with numbers added to the diagonals of its matrices, `first` and so on by `step`: far from singular, and
/// the eigenvalues far apart.
template <class T>
Tensor<T> with_diagonal(const Tensor<T>& x, double first, double step = 0) {
  const std::size_t m = x.shape()[x.ndim() - 2], n = x.shape().back();
  Array<T> diagonal = full_array<T>({m, n}, T(0));
  for (std::size_t i = 0; i < std::min(m, n); ++i)
    diagonal(i, i) = static_cast<T>(first + step * static_cast<double>(i));
  return x + Tensor<T>(diagonal);
}

/// Symmetric matrices.
template <class T>
Tensor<T> symmetrized(const Tensor<T>& x) {
  return 0.5 * (x + einsum("...ij->...ji", x));
}

/// A case with numbers of its own in it.
template <class F>
Case shifted(Rng& rng, const std::vector<Shape>& of, F f) {
  return single(rng, of, std::move(f)).unscaled();
}

}  // namespace

std::vector<Case> cases_of_inv(Rng& rng) {
  const auto of = [](const auto& in) { return inv(with_diagonal(in[0], 6)); };
  return {shifted(rng, {{3, 3}}, of),
          shifted(rng, {{1, 1}}, of),
          shifted(rng, {{2, 3, 3}}, of),
          shifted(rng, {{2, 1, 2, 2, 2}}, of),
          shifted(rng, {{4, 4}}, of),
          shifted(rng, {{3, 3}}, [](const auto& in) { return matmul(inv(with_diagonal(in[0], 5)), in[0]); })};
}

std::vector<Case> cases_of_solve(Rng& rng) {
  const auto of = [](const auto& in) { return solve(with_diagonal(in[0], 5), in[1]); };
  return {shifted(rng, {{3, 3}, {3, 2}}, of),
          shifted(rng, {{3, 3}, {3}}, of),
          shifted(rng, {{2, 3, 3}, {3}}, of),
          shifted(rng, {{3, 3}, {2, 3, 2}}, of),
          shifted(rng, {{2, 1, 2, 2}, {3, 2, 1}}, of),
          shifted(rng, {{3, 3}}, [](const auto& in) { return solve(with_diagonal(in[0], 5), in[0]); })};
}

std::vector<Case> cases_of_solve_triangular(Rng& rng) {
  const auto with = [](const TriangularOptions& options) {
    return [=](const auto& in) { return solve_triangular(with_diagonal(in[0], 4), in[1], options); };
  };
  const auto itself = [](const auto& in) { return solve_triangular(with_diagonal(in[0], 4), in[0]); };
  return {shifted(rng, {{3, 3}, {3, 2}}, with({})),
          shifted(rng, {{3, 3}, {3}}, with({.lower = false})),
          shifted(rng, {{2, 3, 3}, {3, 2}}, with({.transposed = true})),
          shifted(rng, {{3, 3}, {2, 3, 1}}, with({.lower = false, .transposed = true})),
          shifted(rng, {{2, 2, 2}, {3, 1, 2, 2}}, with({.unit_diagonal = true})),
          shifted(rng, {{3, 3}, {3, 2}}, with({.lower = false, .transposed = true, .unit_diagonal = true})),
          shifted(rng, {{3, 3}}, itself)};
}

std::vector<Case> cases_of_det(Rng& rng) {
  const auto of = [](const auto& in) { return det(in[0]); };
  // Of rank n - 1 at any input: the determinant is 0, and so are its derivatives along what the function
  // does.
  const auto singular = [](const auto& in) {
    return det(outer(in[0], in[1])) + sum(square(in[0])) * sum(square(in[1]));
  };
  return {single(rng, {{3, 3}}, of),
          single(rng, {{1, 1}}, of),
          single(rng, {{2, 3, 3}}, of),
          single(rng, {{2, 1, 2, 2, 2}}, of),
          single(rng, {{2}, {2}}, singular),
          single(rng, {{4, 4}}, [](const auto& in) { return det(in[0]) * in[0]; })};
}

std::vector<Case> cases_of_slogdet(Rng& rng) {
  const auto of = [](const auto& in) { return slogdet(in[0]).logabs; };
  const auto both = [](const auto& in) {
    const auto d = slogdet(in[0]);
    return d.sign * exp(d.logabs);
  };
  return {single(rng, {{3, 3}}, of),          single(rng, {{1, 1}}, of),   single(rng, {{2, 3, 3}}, of),
          single(rng, {{2, 1, 2, 2, 2}}, of), single(rng, {{4, 4}}, both), single(rng, {{2, 2, 2}}, both)};
}

std::vector<Case> cases_of_cholesky(Rng& rng) {
  const auto of = [](const auto& in) { return cholesky(with_diagonal(symmetrized(in[0]), 7)); };
  const auto of_gram = [](const auto& in) {
    return matmul(in[0], cholesky(with_diagonal(einsum("ki,kj->ij", in[0], in[0]), 1)));
  };
  return {shifted(rng, {{3, 3}}, of),          shifted(rng, {{1, 1}}, of), shifted(rng, {{2, 3, 3}}, of),
          shifted(rng, {{2, 1, 2, 2, 2}}, of), shifted(rng, {{4, 4}}, of), shifted(rng, {{2, 3}}, of_gram)};
}

std::vector<Case> cases_of_eigh(Rng& rng) {
  const auto decomposed = [](const auto& in) { return eigh(with_diagonal(symmetrized(in[0]), 1, 4)); };
  const auto values = [=](const auto& in) { return decomposed(in).values; };
  const auto vectors = [=](const auto& in) { return square(decomposed(in).vectors); };
  const auto both = [=](const auto& in) {
    const auto [w, v] = decomposed(in);
    return einsum("...ik,...k,...jk->...ij", v, sin(w), v);
  };
  return {shifted(rng, {{3, 3}}, values),       shifted(rng, {{1, 1}}, values),
          shifted(rng, {{2, 1, 2, 2}}, values), shifted(rng, {{2, 3, 3}}, vectors),
          shifted(rng, {{2, 3, 3}}, both),      shifted(rng, {{4, 4}}, values)};
}

std::vector<Case> cases_of_qr(Rng& rng) {
  const auto both = [](const auto& in) {
    const auto [q, r] = qr(with_diagonal(in[0], 5));
    return matmul(sin(q), square(r));
  };
  return {shifted(rng, {{3, 3}}, both),
          shifted(rng, {{4, 2}}, both),
          shifted(rng, {{2, 3, 5}}, both),
          shifted(rng, {{2, 1, 3, 2}}, both),
          shifted(rng, {{3, 2}}, [](const auto& in) { return qr(with_diagonal(in[0], 5)).q; }),
          shifted(rng, {{3, 2}}, [](const auto& in) { return qr(with_diagonal(in[0], 5)).r; })};
}

std::vector<Case> cases_of_svd(Rng& rng) {
  const auto values = [](const auto& in) { return svdvals(with_diagonal(in[0], 4, 9)); };
  const auto all = [](const auto& in) {
    const auto [u, s, vh] = svd(with_diagonal(in[0], 4, 9));
    return matmul(square(u) * expand_dims(sin(s), -2), square(vh));
  };
  return {shifted(rng, {{3, 3}}, all),       shifted(rng, {{4, 2}}, all), shifted(rng, {{2, 2, 3}}, all),
          shifted(rng, {{2, 1, 3, 2}}, all), shifted(rng, {{1, 3}}, all), shifted(rng, {{2, 3, 4}}, values)};
}

std::vector<Case> cases_of_pinv(Rng& rng) {
  const auto of = [](const auto& in) { return pinv(with_diagonal(in[0], 5)); };
  const auto of_rank_one = [](const auto& in) { return pinv(outer(in[0], in[1])); };
  return {shifted(rng, {{3, 3}}, of),           shifted(rng, {{4, 2}}, of), shifted(rng, {{2, 2, 3}}, of),
          shifted(rng, {{2, 1, 3, 2}}, of),     shifted(rng, {{1, 3}}, of), shifted(rng, {{2, 4}}, of),
          shifted(rng, {{3}, {2}}, of_rank_one)};
}

std::vector<Case> cases_of_matrix_power(Rng& rng) {
  const auto to = [](int n) {
    return [=](const auto& in) { return matrix_power(with_diagonal(in[0], 5), n); };
  };
  const auto plain = [](const auto& in) { return matrix_power(in[0], 3) * in[0]; };
  return {shifted(rng, {{3, 3}}, to(5)),  shifted(rng, {{2, 2, 2}}, to(4)),
          shifted(rng, {{2, 2}}, to(-3)), shifted(rng, {{2, 1, 2, 2}}, to(-1)),
          shifted(rng, {{3, 3}}, plain),  shifted(rng, {{4, 4}}, to(2))};
}

}  // namespace gradus::op_cases
