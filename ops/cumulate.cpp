#include <gradus/ops/cumulate.hpp>
#include <gradus/ops/kernels/cumulate.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/maps.hpp>

namespace gradus {
namespace detail {
namespace {

using kernels::ReduceShape;

/// Running sums along the middle axis, from either end.
struct RunningSums {
  OpName op = OpName::cumsum;
  Shape from, to;
  ReduceShape shape;
  bool reversed = false;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    kernels::cumsum(x, shape, reversed, y, accumulate);
  }
  RunningSums transposed() const { return {.from = to, .to = from, .shape = shape, .reversed = !reversed}; }
};

/// Rows [begin, end) along the middle axis of (outer, n, inner), as a step.
template <class T>
Tensor<T> rows_of(const Tensor<T>& x, std::size_t begin, std::size_t end) {
  const Shape shape = x.shape();
  const std::size_t inner = shape[2];
  return record_linear(Columns{.from = shape,
                               .to = {shape[0], end - begin, inner},
                               .rows = shape[0],
                               .begin = begin * inner,
                               .width = (end - begin) * inner,
                               .all_columns = shape[1] * inner},
                       x);
}

/// The running products of (outer, n, inner) in ops: in log2 n rounds each takes in the product of as many
/// again as it has (W. D. Hillis, G. L. Steele, "Data parallel algorithms", 1986).
template <class T>
Tensor<T> running_products(Tensor<T> x) {
  const std::size_t n = x.shape()[1];
  for (std::size_t reach = 1; reach < n; reach *= 2) {
    const Tensor<T> products = rows_of(x, reach, n) * rows_of(x, 0, n - reach);
    x = gradus::concatenate({rows_of(x, 0, reach), products}, 1);
  }
  return x;
}

template <class T>
struct CumprodVjp {
  ReduceShape shape;
  Tensor<T> x;
  Ref<Value<T>> y;

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    dx[0].write([&](T* gx, bool accumulate) {
      kernels::cumprod_backward(g->array.data(), x.data(), y->array.data(), gx, shape, accumulate);
    });
  }
  void record(const GraphFlow<T>& flow) const {
    const Tensor<T> seen = gradus::reshape(x, Shape{shape.outer, shape.n, shape.inner});
    flow.like(gradus::reshape(running_products(seen), shape_of(y->array)));
  }
};

template <class T>
Tensor<T> running_sums(const Tensor<T>& x, const Shape& to, ReduceShape shape) {
  return record_linear(RunningSums{.from = x.shape(), .to = to, .shape = shape}, x);
}

template <class T>
Tensor<T> running_products(const Tensor<T>& x, const Shape& to, ReduceShape shape) {
  Ref<Value<T>> y = empty_value<T>(to);
  kernels::cumprod(x.data(), shape, y->array.data());
  return record(OpName::cumprod, y, x, CumprodVjp<T>{shape, x, y});
}

template <class T>
ReduceShape around(OpName op, const Tensor<T>& x, std::ptrdiff_t axis) {
  return kernels::around_axis(x.shape(), normalize_axis(op.text(), x.shape(), axis));
}

}  // namespace
}  // namespace detail

using detail::OpName;

template <class T>
Tensor<T> cumsum(Tensor<T> x, std::ptrdiff_t axis) {
  return detail::running_sums(x, x.shape(), detail::around(OpName::cumsum, x, axis));
}
template <class T>
Tensor<T> cumsum(Tensor<T> x) {
  return detail::running_sums(x, {x.size()}, {1, x.size(), 1});
}

template <class T>
Tensor<T> cumprod(Tensor<T> x, std::ptrdiff_t axis) {
  return detail::running_products(x, x.shape(), detail::around(OpName::cumprod, x, axis));
}
template <class T>
Tensor<T> cumprod(Tensor<T> x) {
  return detail::running_products(x, {x.size()}, {1, x.size(), 1});
}

#define GRADUS_INSTANTIATE(T)                            \
  template Tensor<T> cumsum(Tensor<T>, std::ptrdiff_t);  \
  template Tensor<T> cumsum(Tensor<T>);                  \
  template Tensor<T> cumprod(Tensor<T>, std::ptrdiff_t); \
  template Tensor<T> cumprod(Tensor<T>);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
