#include <gradus/ops/kernels/gemm.hpp>
#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/product.hpp>
#include <gradus/ops/step.hpp>

namespace gradus::detail {

using kernels::Trans;

/// Y (m,n) = A (m,k) B (k,n); vectors are matrices of one row or column.
struct ProductSizes {
  std::size_t m, n, k;
};

/// What products keep for their gradients.
template <class T>
struct Factors {
  Tensor<T> a, b;
  ProductSizes size;
  bool is_finite;  // A and B have no element that is infinite or NaN: it would show in the product

  Factors(const Tensor<T>& left, const Tensor<T>& right, ProductSizes sizes, const Array<T>& y)
      : a(left), b(right), size(sizes), is_finite(kernels::all_finite(y.data(), y.size())) {}
};

namespace {

/// dA (+)= G B^T, row by row, where elements of G that are 0 count as 0 whatever they meet.
template <class T>
void absorbing_da(const T* g, const T* b, T* da, ProductSizes s, bool accumulate) {
  for (std::size_t i = 0; i < s.m; ++i)
    for (std::size_t l = 0; l < s.k; ++l) {
      T sum = accumulate ? da[i * s.k + l] : T(0);
      for (std::size_t j = 0; j < s.n; ++j) {
        const T incoming = g[i * s.n + j];
        if (incoming != T(0)) sum += incoming * b[l * s.n + j];
      }
      da[i * s.k + l] = sum;
    }
}

/// dB (+)= A^T G, likewise.
template <class T>
void absorbing_db(const T* a, const T* g, T* db, ProductSizes s, bool accumulate) {
  if (!accumulate) kernels::fill(db, T(0), s.k * s.n);
  for (std::size_t i = 0; i < s.m; ++i)
    for (std::size_t l = 0; l < s.k; ++l)
      for (std::size_t j = 0; j < s.n; ++j) {
        const T incoming = g[i * s.n + j];
        if (incoming != T(0)) db[l * s.n + j] += a[i * s.k + l] * incoming;
      }
}

/// dA += G B^T, dB += A^T G
template <class T>
void flow_to_factors(const Factors<T>& f, const Array<T>& g, const Slot<T>& da, const Slot<T>& db) {
  const auto [m, n, k] = f.size;
  da.write([&, m = m, n = n, k = k](T* out, bool accumulate) {
    if (!f.is_finite) return absorbing_da(g.data(), f.b.data(), out, f.size, accumulate);
    kernels::gemm(Trans::no, Trans::yes, m, k, n, g.data(), f.b.data(), T(accumulate), out);
  });
  db.write([&, m = m, n = n, k = k](T* out, bool accumulate) {
    if (!f.is_finite) return absorbing_db(f.a.data(), g.data(), out, f.size, accumulate);
    kernels::gemm(Trans::yes, Trans::no, k, n, m, f.a.data(), g.data(), T(accumulate), out);
  });
}

/// A B as a step of two inputs.
template <class T>
Tensor<T> record_product(OpName op, const Tensor<T>& a, const Tensor<T>& b, ProductSizes size,
                         const Shape& result) {
  Ref<Value<T>> y = empty_value<T>(result);
  kernels::gemm(Trans::no, Trans::no, size.m, size.n, size.k, a.data(), b.data(), T(0), y->array.data());
  auto vjp = [factors = Factors<T>(a, b, size, y->array)](const auto& g, const auto& dx) {
    flow_to_factors(factors, g->array, dx[0], dx[1]);
  };
  return record(op, std::move(y), std::array<Ref<Node>, 2>{a.node(), b.node()}, std::move(vjp));
}

void check_inner(OpName op, const Shape& a, const Shape& b, std::size_t a_inner, std::size_t b_inner) {
  if (a_inner != b_inner)
    throw ShapeError(op.tag() + to_string(a) + " x " + to_string(b) + ": inner dimensions " +
                     std::to_string(a_inner) + " and " + std::to_string(b_inner) + " differ");
}

/// What must hold for a product and its gradients to be computed.
void check_sizes(OpName op, const Shape& a, const Shape& b, ProductSizes size) {
  count({size.m, size.n}, op.text());
  if (size.m == 0 || size.n == 0 || size.k == 0) return;
  for (const std::size_t extent : {size.m, size.n, size.k})
    if (extent > kernels::largest_gemm_extent)
      throw ShapeError(op.tag() + to_string(a) + " x " + to_string(b) + ": an extent of " +
                       std::to_string(extent) + " is more than BLAS counts");
}

/// The sizes of x W.
ProductSizes affine_sizes(const Shape& x, const Shape& weight) {
  constexpr OpName op = OpName::linear;
  if (x.size() != 2 || weight.size() != 2)
    throw ShapeError(op.tag() + to_string(x) + " x " + to_string(weight) +
                     ": expected (batch,in) x (in,out)");
  check_inner(op, x, weight, x[1], weight[0]);
  const ProductSizes size{x[0], weight[1], x[1]};
  check_sizes(op, x, weight, size);
  return size;
}

}  // namespace

template <class T>
Tensor<T> product(const Tensor<T>& a, const Tensor<T>& b) {
  constexpr OpName op = OpName::matmul;
  const Shape left = a.shape(), right = b.shape();
  const auto is_matrix_or_vector = [](const Shape& shape) { return shape.size() == 1 || shape.size() == 2; };
  if (!is_matrix_or_vector(left) || !is_matrix_or_vector(right))
    throw ShapeError(op.tag() + to_string(left) + " x " + to_string(right) +
                     ": expected operands of 1 or 2 axes");
  check_inner(op, left, right, left.back(), right.front());
  Shape result(left.begin(), left.end() - 1);
  result.insert(result.end(), right.begin() + 1, right.end());
  const ProductSizes size{left.size() == 2 ? left[0] : 1, right.size() == 2 ? right[1] : 1, right[0]};
  check_sizes(op, left, right, size);
  return record_product(op, a, b, size, result);
}

template <class T>
Tensor<T> affine(const Tensor<T>& x, const Tensor<T>& weight) {
  const ProductSizes size = affine_sizes(x.shape(), weight.shape());
  return record_product(OpName::linear, x, weight, size, {size.m, size.n});
}

template <class T>
Tensor<T> affine(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias) {
  const ProductSizes size = affine_sizes(x.shape(), weight.shape());
  if (bias.shape() != Shape{size.n})
    throw ShapeError(OpName::linear.tag() + "weight " + to_string(weight.shape()) + " and bias " +
                     to_string(bias.shape()) + ": expected a bias (" + std::to_string(size.n) + ")");
  Ref<Value<T>> y = empty_value<T>({size.m, size.n});
  kernels::broadcast_copy(bias.data(), bias.shape(), y->array.data(), shape_of(y->array));
  kernels::gemm(Trans::no, Trans::no, size.m, size.n, size.k, x.data(), weight.data(), T(1), y->array.data());
  auto vjp = [factors = Factors<T>(x, weight, size, y->array)](const auto& g, const auto& dx) {
    flow_to_factors(factors, g->array, dx[0], dx[1]);
    dx[2].add(g);
  };
  return record(OpName::linear, std::move(y), std::array<Ref<Node>, 3>{x.node(), weight.node(), bias.node()},
                std::move(vjp));
}

#define GRADUS_INSTANTIATE(T)                                     \
  template Tensor<T> product(const Tensor<T>&, const Tensor<T>&); \
  template Tensor<T> affine(const Tensor<T>&, const Tensor<T>&);  \
  template Tensor<T> affine(const Tensor<T>&, const Tensor<T>&, const Tensor<T>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::detail
