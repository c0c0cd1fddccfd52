#include <algorithm>
#include <vector>

#include <gradus/ops/batches.hpp>
#include <gradus/ops/composed_rule.hpp>
#include <gradus/ops/diagonal.hpp>
#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/linalg/lapack.hpp>
#include <gradus/ops/linalg/matrices.hpp>
#include <gradus/ops/linalg/solve.hpp>

namespace gradus::detail {
namespace {

constexpr const char* singular = "is singular";

/// A system A X = B.
struct System {
  MatrixShape a, b;
  Shape batch;

  Shape shape() const { return with_axes(batch, {b.rows, b.columns}); }
};

System check_system(OpName op, const Shape& a, const Shape& b) {
  System system{square_shape(op, a), matrix_shape(op, b), {}};
  const auto fail = [&](const std::string& why) {
    throw ShapeError(op.tag() + to_string(a) + " and right-hand side " + to_string(b) + ": " + why);
  };
  if (system.a.rows != system.b.rows)
    fail("expected " + std::to_string(system.a.rows) + " rows, or one vector (" +
         std::to_string(system.a.rows) + ")");
  try {
    system.batch = broadcast_shapes(op.text(), system.a.batch, system.b.batch);
  } catch (const ShapeError&) {
    fail("the axes before the last two do not broadcast");
  }
  count(system.shape(), op.text());
  return system;
}

/// B stretched to the batch, and solve_one(matrix of A, its place, matrix of B) for each.
template <class T, class SolveOne>
Ref<Value<T>> solve_each(const System& system, const Tensor<T>& a, const Tensor<T>& b,
                         const SolveOne& solve_one) {
  Ref<Value<T>> x = empty_value<T>(system.shape());
  kernels::broadcast_copy(b.data(), b.shape(), x->array.data(), system.shape());
  if (x->array.size() == 0) return x;
  const Batches batches(system.a.batch, system.b.batch, system.batch);
  batches.for_each(0, batches.size(), [&](std::size_t i, std::size_t of_a, std::size_t) {
    solve_one(a.data() + of_a * system.a.size(), of_a, x->array.data() + i * system.b.size());
  });
  return x;
}

/// The gradients of X = op(A)^-1 B, given that of B: that of op(A) is -dB X^T (Giles 2.3.1).
template <class T>
std::vector<Tensor<T>> system_gradients(const Tensor<T>& db, const Tensor<T>& x, bool transposed) {
  return {
      -(transposed ? times_transposed(x, db, Gradient::second) : times_transposed(db, x, Gradient::first)),
      db};
}

/// X of op(A) X = B.
template <class T>
Tensor<T> solve_system(const Tensor<T>& a, const Tensor<T>& b, bool transposed) {
  constexpr OpName op = OpName::solve;
  const System system = check_system(op, a.shape(), b.shape());
  const std::size_t n = system.a.rows;
  std::vector<T> factors(system.a.size());
  lapack::Pivots pivots;
  std::size_t factorized = system.a.matrices();
  const auto solve_one = [&](const T* matrix, std::size_t place, T* x) {
    if (place != factorized) {
      std::copy_n(matrix, factors.size(), factors.data());
      if (!lapack::factorize(n, factors.data(), pivots)) fail_matrix(op, a.shape(), place, singular);
      factorized = place;
    }
    lapack::solve(transposed, n, system.b.columns, factors.data(), pivots, x);
  };
  const auto rule = [transposed](const Tensor<T>& g, const auto& in, const Tensor<T>& x) {
    return system_gradients(solve_system(in[0], g, !transposed), x, transposed);
  };
  return record_composed(op, solve_each(system, a, b, solve_one), {a, b}, rule);
}

template <class T>
Tensor<T> solve_triangle(const Tensor<T>& a, const Tensor<T>& b, const TriangularOptions& options,
                         bool is_checked) {
  constexpr OpName op = OpName::solve_triangular;
  const System system = check_system(op, a.shape(), b.shape());
  const std::size_t n = system.a.rows;
  const auto solve_one = [&](const T* matrix, std::size_t place, T* x) {
    for (std::size_t i = 0; is_checked && !options.unit_diagonal && i < n; ++i)
      if (matrix[i * n + i] == T(0)) fail_matrix(op, a.shape(), place, singular);
    lapack::solve_triangular({options.lower, options.transposed, options.unit_diagonal}, n, system.b.columns,
                             matrix, x);
  };
  const auto rule = [options](const Tensor<T>& g, const auto& in, const Tensor<T>& x) {
    TriangularOptions other = options;
    other.transposed = !options.transposed;
    std::vector<Tensor<T>> gradients =
        system_gradients(solve_triangle(in[0], g, other, false), x, options.transposed);
    const int off = options.unit_diagonal ? 1 : 0;
    gradients[0] = options.lower ? tril(gradients[0], -off) : triu(gradients[0], off);
    return gradients;
  };
  return record_composed(op, solve_each(system, a, b, solve_one), {a, b}, rule);
}

/// solve(b) for a matrix on the right-hand side; a vector is one of a single column.
template <class T, class Solve>
Tensor<T> with_vector(const Tensor<T>& b, const Solve& solve_matrix) {
  return b.ndim() == 1 ? squeeze(solve_matrix(expand_dims(b, -1)), -1) : solve_matrix(b);
}

}  // namespace

template <class T>
Tensor<T> solution(const Tensor<T>& a, const Tensor<T>& b) {
  return with_vector(b, [&](const Tensor<T>& matrix) { return solve_system(a, matrix, false); });
}

template <class T>
Tensor<T> triangular_solution(const Tensor<T>& a, const Tensor<T>& b, const TriangularOptions& options) {
  return with_vector(b, [&](const Tensor<T>& matrix) { return solve_triangle(a, matrix, options, true); });
}

template <class T>
Tensor<T> unchecked_triangular_solution(const Tensor<T>& a, const Tensor<T>& b,
                                        const TriangularOptions& options) {
  return solve_triangle(a, b, options, false);
}

template <class T>
Tensor<T> inverse(OpName op, const Tensor<T>& a) {
  const MatrixShape shape = square_shape(op, a.shape());
  Ref<Value<T>> y = make_value(Array<T>(a.value()));
  lapack::Pivots pivots;
  for (std::size_t i = 0; i * shape.size() < a.size(); ++i) {
    T* const matrix = y->array.data() + i * shape.size();
    if (!lapack::factorize(shape.rows, matrix, pivots)) fail_matrix(op, a.shape(), i, singular);
    lapack::invert(shape.rows, matrix, pivots);
  }
  const auto rule = [](const Tensor<T>& g, const auto&, const Tensor<T>& inverse) {
    const Tensor<T> left = transposed_times(inverse, g, Gradient::second);
    return std::vector{-times_transposed(left, inverse, Gradient::first)};
  };
  return record_composed(op, std::move(y), {a}, rule);
}

#define GRADUS_INSTANTIATE(T)                                                                           \
  template Tensor<T> solution(const Tensor<T>&, const Tensor<T>&);                                      \
  template Tensor<T> triangular_solution(const Tensor<T>&, const Tensor<T>&, const TriangularOptions&); \
  template Tensor<T> unchecked_triangular_solution(const Tensor<T>&, const Tensor<T>&,                  \
                                                   const TriangularOptions&);                           \
  template Tensor<T> inverse(OpName, const Tensor<T>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::detail
