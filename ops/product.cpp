#include <gradus/core/parallel.hpp>
#include <gradus/ops/annotate.hpp>
#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/product.hpp>
#include <gradus/ops/product_step.hpp>
#include <gradus/ops/step.hpp>

namespace gradus::detail {

namespace {

Trans flipped(Trans t) { return t == Trans::no ? Trans::yes : Trans::no; }

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
void multiply_one(const Product& p, const T* a, const T* b, T* y, bool accumulate, bool is_finite) {
  if (p.gradient != Gradient::none && !is_finite) return absorbing_product(p, a, b, y, accumulate);
  kernels::gemm(p.ta, p.tb, p.m, p.n, p.k, a, b, T(accumulate), y);
}

/// The same for all products of a batch.
template <class T>
void multiply(const Product& p, const T* a, const T* b, T* y, bool accumulate, bool is_finite) {
  if (!p.batches) return multiply_one(p, a, b, y, accumulate, is_finite);
  if (p.m == 0 || p.n == 0) return;
  parallel_for(p.batches->size(), kernels::gemms_worth_a_thread(p.m, p.n, p.k), [&](auto begin, auto end) {
    p.batches->for_each(begin, end, [&](std::size_t i, std::size_t first, std::size_t second) {
      multiply_one(p, a + first * p.m * p.k, b + second * p.k * p.n, y + i * p.m * p.n, accumulate,
                   is_finite);
    });
  });
}

/// For the gradient of one factor of `p`: whose matrices are those of the incoming gradient and of the other.
std::shared_ptr<const Batches> batches_for(const Product& p, std::size_t other, bool gradient_is_first) {
  if (!p.batches) return nullptr;
  const Shape& all = p.batches->all;
  const Shape& matrices = other == 0 ? p.batches->first : p.batches->second;
  return std::make_shared<Batches>(gradient_is_first ? Batches(all, matrices, all)
                                                     : Batches(matrices, all, all));
}

/// The shape of the gradient of a factor before its stretching is undone: it has all matrices of the result.
Shape gradient_shape(const Product& p, std::size_t factor, const Shape& own) {
  if (!p.batches) return own;
  const Shape& matrices = factor == 0 ? p.batches->first : p.batches->second;
  if (matrices == p.batches->all) return own;
  Shape shape = p.batches->all;
  shape.insert(shape.end(), own.begin() + static_cast<std::ptrdiff_t>(matrices.size()), own.end());
  return shape;
}

/// The gradients of both factors of Y = op(A) op(B), products with G again:
///   dA = G op(B)^T, or op(B) G^T where A is transposed; dB = op(A)^T G, or G^T op(A) where B is.
/// flow(i, product, left, right) takes the gradient of factor i.
template <class G, class A, class B, class Flow>
void flow_to_factors(const Product& p, const G& g, const A& a, const B& b, const Flow& flow) {
  const auto first = [&](Trans ta, Trans tb, std::size_t m, std::size_t n, std::size_t k, std::size_t other) {
    return Product{ta, tb, m, n, k, Gradient::first, batches_for(p, other, true)};
  };
  const auto second = [&](Trans ta, Trans tb, std::size_t m, std::size_t n, std::size_t k,
                          std::size_t other) {
    return Product{ta, tb, m, n, k, Gradient::second, batches_for(p, other, false)};
  };
  if (p.ta == Trans::no)
    flow(0, first(Trans::no, flipped(p.tb), p.m, p.k, p.n, 1), g, b);
  else
    flow(0, second(p.tb, Trans::yes, p.k, p.m, p.n, 1), b, g);
  if (p.tb == Trans::no)
    flow(1, second(flipped(p.ta), Trans::no, p.k, p.n, p.m, 0), a, g);
  else
    flow(1, first(Trans::yes, p.ta, p.n, p.k, p.m, 0), g, a);
}

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
      if (!dx[i]) return;
      const auto write = [&](T* out, bool accumulate) {
        multiply(p, left, right, out, accumulate, is_finite);
      };
      if (!product.batches) return dx[i].write(write);
      dx[i].write(gradient_shape(product, i, dx[i].shape()), write);
    };
    flow_to_factors(product, static_cast<const T*>(g->array.data()), a.data(), b.data(), flow);
    if (dx.size() == 3) dx[2].add(g);
  }
  void record(const GraphFlow<T>& f) const {
    const auto flow = [&](std::size_t i, const Product& p, const Tensor<T>& left, const Tensor<T>& right) {
      if (f[i]) f[i].add(record_product(op, p, left, right, gradient_shape(product, i, f.shape(i))));
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

}  // namespace

static Attributes attributes_of(const Product& p) {
  return {{"transposed_first", p.ta == Trans::yes},
          {"transposed_second", p.tb == Trans::yes},
          {"extents",
           std::vector<std::ptrdiff_t>{static_cast<std::ptrdiff_t>(p.m), static_cast<std::ptrdiff_t>(p.n),
                                       static_cast<std::ptrdiff_t>(p.k)}},
          {"batched", p.batches != nullptr}};
}

template <class T>
Tensor<T> record_product(OpName op, const Product& p, const Tensor<T>& a, const Tensor<T>& b,
                         const Shape& result) {
  Ref<Value<T>> y = empty_value<T>(result);
  multiply(p, a.data(), b.data(), y->array.data(), false, true);
  ProductVjp<T> vjp = product_vjp(op, p, a, b, y->array);
  if (!vjp.is_finite && p.gradient != Gradient::none)
    multiply(p, a.data(), b.data(), y->array.data(), false, vjp.is_finite);
  return Noted<T>(a, b).on(
      record(op, std::move(y), std::array<Ref<Node>, 2>{a.node(), b.node()}, std::move(vjp)),
      [&] { return attributes_of(p); });
}

Product batched_product(Product p, const Shape& first, const Shape& second, const Shape& all) {
  const std::size_t n = count(all);
  if (count(second) == 1 && p.ta == Trans::no && p.m * n <= kernels::largest_gemm_extent)
    p.m *= n;
  else if (n != 1)
    p.batches = std::make_shared<Batches>(first, second, all);
  return p;
}

void check_sizes(OpName op, const Shape& a, const Shape& b, const Product& p, const Shape& result) {
  count(result, op.text());
  if (p.m == 0 || p.n == 0 || p.k == 0) return;
  for (const std::size_t extent : {p.m, p.n, p.k})
    if (extent > kernels::largest_gemm_extent)
      throw ShapeError(op.tag() + to_string(a) + " x " + to_string(b) + ": an extent of " +
                       std::to_string(extent) + " is more than BLAS counts");
}

namespace {

void check_inner(OpName op, const Shape& a, const Shape& b, std::size_t a_inner, std::size_t b_inner) {
  if (a_inner != b_inner)
    throw ShapeError(op.tag() + to_string(a) + " x " + to_string(b) + ": inner dimensions " +
                     std::to_string(a_inner) + " and " + std::to_string(b_inner) + " differ");
}

/// The axes before those of the matrices, broadcast. ShapeError that names the whole shapes.
Shape broadcast_batches(OpName op, const Shape& a, const Shape& b, const Shape& first, const Shape& second) {
  try {
    return broadcast_shapes(op.text(), first, second);
  } catch (const ShapeError&) {
    throw ShapeError(op.tag() + to_string(a) + " x " + to_string(b) + ": the axes before the last two, " +
                     to_string(first) + " and " + to_string(second) + ", do not broadcast");
  }
}

/// x W
Product affine_product(const Shape& x, const Shape& weight) {
  constexpr OpName op = OpName::linear;
  if (x.size() != 2 || weight.size() != 2)
    throw ShapeError(op.tag() + to_string(x) + " x " + to_string(weight) +
                     ": expected (batch,in) x (in,out)");
  check_inner(op, x, weight, x[1], weight[0]);
  const Product p{.m = x[0], .n = weight[1], .k = x[1]};
  check_sizes(op, x, weight, p, {p.m, p.n});
  return p;
}

}  // namespace

template <class T>
Tensor<T> product(const Tensor<T>& a, const Tensor<T>& b) {
  constexpr OpName op = OpName::matmul;
  const Shape left = a.shape(), right = b.shape();
  if (left.empty() || right.empty())
    throw ShapeError(op.tag() + to_string(left) + " x " + to_string(right) +
                     ": expected operands of at least one axis");
  const std::size_t rows = left.size() == 1 ? 0 : 1, columns = right.size() == 1 ? 0 : 1;  // axes
  check_inner(op, left, right, left.back(), right[right.size() - 1 - columns]);
  Product p{
      .m = rows == 0 ? 1 : left[left.size() - 2], .n = columns == 0 ? 1 : right.back(), .k = left.back()};
  Shape result;
  if (left.size() > 2 || right.size() > 2) {
    const Shape first(left.begin(), left.end() - 1 - static_cast<std::ptrdiff_t>(rows)),
        second(right.begin(), right.end() - 1 - static_cast<std::ptrdiff_t>(columns));
    result = broadcast_batches(op, left, right, first, second);
    p = batched_product(p, first, second, result);
  }
  if (rows == 1) result.push_back(left[left.size() - 2]);
  if (columns == 1) result.push_back(right.back());
  check_sizes(op, left, right, p, result);
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
  return Noted<T>(x, weight, bias)
      .on(record(OpName::linear, std::move(y), std::array<Ref<Node>, 3>{x.node(), weight.node(), bias.node()},
                 std::move(vjp)),
          [&] { return attributes_of(p); });
}

#define GRADUS_INSTANTIATE(T)                                                                   \
  template Tensor<T> record_product(OpName, const Product&, const Tensor<T>&, const Tensor<T>&, \
                                    const Shape&);                                              \
  template Tensor<T> product(const Tensor<T>&, const Tensor<T>&);                               \
  template Tensor<T> affine(const Tensor<T>&, const Tensor<T>&);                                \
  template Tensor<T> affine(const Tensor<T>&, const Tensor<T>&, const Tensor<T>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::detail
