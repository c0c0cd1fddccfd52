#include <gradus/ops/kernels/gemm.hpp>
#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/product.hpp>
#include <gradus/ops/step.hpp>

namespace gradus::detail {

using kernels::Trans;

namespace {

Trans flipped(Trans t) { return t == Trans::no ? Trans::yes : Trans::no; }

/// Which factor is an incoming gradient: where that is 0 the product is, whatever it meets.
enum class Gradient { none, first, second };

/// Y (m,n) = op(A) (m,k) op(B) (k,n), where op transposes what is stored; vectors are matrices of one row or
/// column.
struct Product {
  Trans ta = Trans::no, tb = Trans::no;
  std::size_t m, n, k;
  Gradient gradient = Gradient::none;
};

/// Y (+)= op(A) op(B), where elements of the gradient that are 0 count as 0 whatever they meet.
template <class T>
void absorbing_product(const Product& p, const T* a, const T* b, T* y, bool accumulate) {
  for (std::size_t i = 0; i < p.m; ++i)
    for (std::size_t j = 0; j < p.n; ++j) {
      T sum = accumulate ? y[i * p.n + j] : T(0);
      for (std::size_t l = 0; l < p.k; ++l) {
        const T left = a[p.ta == Trans::no ? i * p.k + l : l * p.m + i];
        const T right = b[p.tb == Trans::no ? l * p.n + j : j * p.k + l];
        sum += p.gradient == Gradient::first ? math::flow(left, right) : math::flow(right, left);
      }
      y[i * p.n + j] = sum;
    }
}

/// Y (+)= op(A) op(B). A factor that is infinite or NaN shows in the product, and only then can a 0 absorb.
template <class T>
void multiply(const Product& p, const T* a, const T* b, T* y, bool accumulate, bool is_finite) {
  if (p.gradient != Gradient::none && !is_finite) return absorbing_product(p, a, b, y, accumulate);
  kernels::gemm(p.ta, p.tb, p.m, p.n, p.k, a, b, T(accumulate), y);
}

/// The gradients of both factors of Y = op(A) op(B), products with G again:
///   dA = G op(B)^T, or op(B) G^T where A is transposed; dB = op(A)^T G, or G^T op(A) where B is.
/// flow(i, product, left, right) takes the gradient of factor i.
template <class G, class A, class B, class Flow>
void flow_to_factors(const Product& p, const G& g, const A& a, const B& b, const Flow& flow) {
  if (p.ta == Trans::no)
    flow(0, Product{Trans::no, flipped(p.tb), p.m, p.k, p.n, Gradient::first}, g, b);
  else
    flow(0, Product{p.tb, Trans::yes, p.k, p.m, p.n, Gradient::second}, b, g);
  if (p.tb == Trans::no)
    flow(1, Product{flipped(p.ta), Trans::no, p.k, p.n, p.m, Gradient::second}, a, g);
  else
    flow(1, Product{Trans::yes, p.ta, p.n, p.k, p.m, Gradient::first}, g, a);
}

template <class T>
Tensor<T> record_product(OpName op, const Product& p, const Tensor<T>& a, const Tensor<T>& b,
                         const Shape& result);

/// The gradients of a product, and of a bias, which is the third input.
template <class T>
struct ProductVjp {
  OpName op;
  Product product;
  Tensor<T> a, b;
  bool is_finite;

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    const auto flow = [&](std::size_t i, const Product& p, const T* left, const T* right) {
      dx[i].write([&](T* out, bool accumulate) { multiply(p, left, right, out, accumulate, is_finite); });
    };
    flow_to_factors(product, static_cast<const T*>(g->array.data()), a.data(), b.data(), flow);
    if (dx.size() == 3) dx[2].add(g);
  }
  void record(const GraphFlow<T>& f) const {
    const auto flow = [&](std::size_t i, const Product& p, const Tensor<T>& left, const Tensor<T>& right) {
      if (f[i]) f[i].add(record_product(op, p, left, right, f.shape(i)));
    };
    flow_to_factors(product, f.g, a, b, flow);
    if (f.size() == 3) f[2].add(f.g);
  }
  /// op(dA) op(B) + op(A) op(dB)
  void push(const TangentFlow<T>& f) const {
    Product p = product;
    const Shape& result = f.result_shape();
    p.gradient = Gradient::first;
    if (f[0]) f.add(record_product(op, p, *f[0], b, result));
    p.gradient = Gradient::second;
    if (f[1]) f.add(record_product(op, p, a, *f[1], result));
    if (f.size() == 3 && f[2]) f.add(*f[2]);
  }
};

template <class T>
ProductVjp<T> product_vjp(OpName op, const Product& p, const Tensor<T>& a, const Tensor<T>& b,
                          const Array<T>& y) {
  return {op, p, a, b, kernels::all_finite(y.data(), y.size())};
}

/// op(A) op(B) as a step of two inputs.
template <class T>
Tensor<T> record_product(OpName op, const Product& p, const Tensor<T>& a, const Tensor<T>& b,
                         const Shape& result) {
  Ref<Value<T>> y = empty_value<T>(result);
  multiply(p, a.data(), b.data(), y->array.data(), false, true);
  ProductVjp<T> vjp = product_vjp(op, p, a, b, y->array);
  if (!vjp.is_finite && p.gradient != Gradient::none)
    absorbing_product(p, a.data(), b.data(), y->array.data(), false);
  return record(op, std::move(y), std::array<Ref<Node>, 2>{a.node(), b.node()}, std::move(vjp));
}

void check_inner(OpName op, const Shape& a, const Shape& b, std::size_t a_inner, std::size_t b_inner) {
  if (a_inner != b_inner)
    throw ShapeError(op.tag() + to_string(a) + " x " + to_string(b) + ": inner dimensions " +
                     std::to_string(a_inner) + " and " + std::to_string(b_inner) + " differ");
}

/// What must hold for a product and its gradients to be computed.
void check_sizes(OpName op, const Shape& a, const Shape& b, const Product& p) {
  count({p.m, p.n}, op.text());
  if (p.m == 0 || p.n == 0 || p.k == 0) return;
  for (const std::size_t extent : {p.m, p.n, p.k})
    if (extent > kernels::largest_gemm_extent)
      throw ShapeError(op.tag() + to_string(a) + " x " + to_string(b) + ": an extent of " +
                       std::to_string(extent) + " is more than BLAS counts");
}

/// x W
Product affine_product(const Shape& x, const Shape& weight) {
  constexpr OpName op = OpName::linear;
  if (x.size() != 2 || weight.size() != 2)
    throw ShapeError(op.tag() + to_string(x) + " x " + to_string(weight) +
                     ": expected (batch,in) x (in,out)");
  check_inner(op, x, weight, x[1], weight[0]);
  const Product p{.m = x[0], .n = weight[1], .k = x[1]};
  check_sizes(op, x, weight, p);
  return p;
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
  const Product p{.m = left.size() == 2 ? left[0] : 1, .n = right.size() == 2 ? right[1] : 1, .k = right[0]};
  check_sizes(op, left, right, p);
  return record_product(op, p, a, b, result);
}

template <class T>
Tensor<T> affine(const Tensor<T>& x, const Tensor<T>& weight) {
  const Product p = affine_product(x.shape(), weight.shape());
  return record_product(OpName::linear, p, x, weight, {p.m, p.n});
}

template <class T>
Tensor<T> affine(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias) {
  const Product p = affine_product(x.shape(), weight.shape());
  if (bias.shape() != Shape{p.n})
    throw ShapeError(OpName::linear.tag() + "weight " + to_string(weight.shape()) + " and bias " +
                     to_string(bias.shape()) + ": expected a bias (" + std::to_string(p.n) + ")");
  Ref<Value<T>> y = empty_value<T>({p.m, p.n});
  kernels::broadcast_copy(bias.data(), bias.shape(), y->array.data(), shape_of(y->array));
  kernels::gemm(Trans::no, Trans::no, p.m, p.n, p.k, x.data(), weight.data(), T(1), y->array.data());
  ProductVjp<T> vjp = product_vjp(OpName::linear, p, x, weight, y->array);
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
