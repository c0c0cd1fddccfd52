#include <algorithm>
#include <cmath>
#include <string>

#include <gradus/ops/graph_slices.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/maps.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/slice_rules.hpp>
#include <gradus/ops/slices.hpp>

namespace gradus {
namespace detail {
namespace {

/// The gradient of a reduction that reads x and y: `backward` on arrays, `on_handles(flow, group, x, y)`.
template <class T, class Backward, class OnHandles>
struct ReduceVjp {
  Slices slices;
  Tensor<T> arranged;
  Ref<Value<T>> y;
  Backward backward;
  OnHandles on_handles;

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    slices.write(dx[0], [&](T* gx, bool accumulate) {
      backward(g->array.data(), arranged.data(), y->array.data(), gx, slices.shape, accumulate);
    });
  }
  void record(const GraphFlow<T>& flow) const {
    on_handles(flow, GraphSlices<T>(flow.shape(0), slices.axes), flow.input(0, slices.restore(arranged)),
               flow.result(y));
  }
};

/// The result of a reduction, which remembers the call where somebody wants to know.
template <class T>
Tensor<T> noted(const Slices& slices, const Tensor<T>& x, Tensor<T> y, std::size_t ddof = 0) {
  return Noted<T>(x).on(std::move(y), [&] {
    return Attributes{{"axes", as_integers(slices.axes)}, {"ddof", static_cast<double>(ddof)}};
  });
}

template <class T, class Forward, class Backward, class OnHandles>
Tensor<T> reduce(OpName op, const Slices& slices, const Tensor<T>& x, Forward forward, Backward backward,
                 OnHandles on_handles) {
  const Tensor<T> arranged = slices.arrange(x);
  const Ref<Value<T>> y = empty_value<T>(slices.result);
  forward(arranged.data(), slices.shape, y->array.data());
  return noted(
      slices, x,
      record(op, y, x, ReduceVjp<T, Backward, OnHandles>{slices, arranged, y, backward, on_handles}));
}

template <class T>
Tensor<T> extremum(OpName op, const Tensor<T>& x, const Axes& axes, bool keepdims,
                   void (*forward)(const T*, kernels::ReduceShape, T*)) {
  const Slices slices(op, x.shape(), axes, keepdims);
  if (slices.shape.n == 0 && slices.shape.outer * slices.shape.inner > 0) {
    const std::string where = axes.is_all() ? "in " : "along axes " + axes.text() + " of ";
    throw ShapeError(op.tag() + "no elements " + where + to_string(x.shape()) + ", so there is no " +
                     op.text() + ": every reduced axis needs at least 1");
  }
  // The shares do not change when x does, but for where it jumps.
  const auto record_flow = [slices](const GraphFlow<T>& flow, const GraphSlices<T>& group,
                                    const Tensor<T>& in, const Tensor<T>& y) {
    const Tensor<T> arranged = slices.arrange(in);
    const Ref<Value<T>> ones = make_value(full_array<T>(slices.result, T(1))),
                        shares = empty_value<T>(in.shape());
    slices.write(shares->array.data(), false, [&](T* out, bool accumulate) {
      kernels::extremum_backward(ones->array.data(), arranged.data(), y.data(), out, slices.shape,
                                 accumulate);
    });
    flow[0].add(gradus::flow(group.load(flow.g), Tensor<T>(shares, nullptr)));
  };
  return reduce(op, slices, x, forward, kernels::extremum_backward<T>, record_flow);
}

/// The product along the middle axis of (outer, n, inner) as a tree of products of halves.
template <class T>
Tensor<T> product_tree(Tensor<T> x) {
  const Shape shape = x.shape();
  const auto rows = [&](const Tensor<T>& from, std::size_t begin, std::size_t n) {
    const std::size_t inner = shape[2];
    return record_linear(Columns{.from = from.shape(),
                                 .to = {shape[0], n, inner},
                                 .rows = shape[0],
                                 .begin = begin * inner,
                                 .width = n * inner,
                                 .all_columns = from.shape()[1] * inner},
                         from);
  };
  for (std::size_t n = shape[1]; n > 1;) {
    const std::size_t half = n / 2;
    Tensor<T> products = rows(x, 0, half) * rows(x, half, half);
    if (n % 2 == 1) products = gradus::concatenate({products, rows(x, n - 1, 1)}, 1);
    x = products;
    n = half + n % 2;
  }
  return x;
}

/// factor * the sum of each slice.
struct SumVjp {
  SliceSpread spread;

  template <class T, class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    const T factor = static_cast<T>(spread.factor);
    if (g->array.size() == 1 && dx[0].add_to_all(factor * g->array.data()[0])) return;
    dx[0].write([&](T* gx, bool accumulate) { spread.apply(g->array.data(), gx, accumulate); });
  }
  template <class T>
  void record(const GraphFlow<T>& flow) const {
    flow[0].add(record_linear(spread, flow.g));
  }
  template <class T>
  void push(const TangentFlow<T>& flow) const {
    flow.add(record_linear(spread.transposed(), *flow[0]));
  }
};

/// The means of the slices, also where the sum itself overflows; of equal numbers that number, whatever their
/// sum was rounded to.
template <class T>
Array<T> means(const Tensor<T>& arranged, const Slices& slices) {
  const auto [outer, n, inner] = slices.shape;
  const auto divisor = static_cast<T>(n);
  Array<T> y = empty_array<T>(slices.result);
  kernels::sum(arranged.data(), slices.shape, y.data());
  if (kernels::all_finite(y.data(), y.size())) {
    for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] /= divisor;
  } else {
    Array<T> shares = arranged.value();
    kernels::scale(shares.data(), T(1) / divisor, shares.size());
    kernels::sum(shares.data(), slices.shape, y.data());
  }
  for (std::size_t i = 0; n > 0 && i < y.size(); ++i) {
    const T* const x = arranged.data() + i / inner * n * inner + i % inner;
    std::size_t equal = y.data()[i] == x[0] ? n : 1;
    while (equal < n && x[equal * inner] == x[0]) ++equal;
    if (equal == n) y.data()[i] = x[0];
  }
  return y;
}

/// factor g (x - mean)
template <class T>
struct VarVjp {
  Slices slices;
  Tensor<T> arranged, mean;
  T factor;

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    slices.write(dx[0], [&](T* gx, bool accumulate) {
      kernels::deviation_backward(g->array.data(), factor, arranged.data(), mean.data(), gx, slices.shape,
                                  accumulate);
    });
  }
  void record(const GraphFlow<T>& flow) const {
    const Tensor<T> x = flow.input(0, slices.restore(arranged));
    rules::deviation_flow(GraphSlices<T>(x.shape(), slices.axes), factor, flow.g, x,
                          gradus::mean(x, Axes(slices.axes)), flow[0]);
  }
};

/// y = length / root, where length is that of x - mean. No term for the mean: the deviations sum to 0.
template <class T>
struct StdVjp {
  Slices slices;
  Tensor<T> x, deviation, length;
  Ref<Value<T>> y;
  T root;

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    Array<T> incoming = g->array;
    for (T& v : incoming) v = v == T(0) ? T(0) : v / root;
    slices.write(dx[0], [&](T* gx, bool accumulate) {
      kernels::norm2_backward(incoming.data(), deviation.data(), length.data(), gx, slices.shape, accumulate);
    });
  }
  void record(const GraphFlow<T>& flow) const {
    const Tensor<T> from_mean = x - gradus::mean(x, Axes(slices.axes), true);
    rules::norm2_flow(GraphSlices<T>(x.shape(), slices.axes), gradus::flow(flow.g, Tensor<T>(1 / root)),
                      from_mean, flow.result(y) * root, flow[0]);
  }
};

/// x less its mean, arranged.
template <class T>
Tensor<T> deviations(const Tensor<T>& x, const Slices& slices) {
  const Tensor<T> arranged = slices.arrange(x), mean(means(arranged, slices));
  const Array<T> ones = full_array<T>(slices.result, T(1));
  Array<T> result = empty_array<T>(arranged.shape());
  kernels::deviation_backward(ones.data(), T(1), arranged.data(), mean.data(), result.data(), slices.shape,
                              false);
  return Tensor<T>(std::move(result));
}

}  // namespace
}  // namespace detail

using detail::OpName;
using detail::Slices;

template <class T>
Tensor<T> sum(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Tensor<T> terms = std::move(x);  // a temporary's array ends here, not with the caller's expression
  const Slices slices(OpName::sum, terms.shape(), axes, keepdims);
  detail::Ref<detail::Value<T>> y = detail::empty_value<T>(slices.result);
  kernels::sum(slices.arrange(terms).data(), slices.shape, y->array.data());
  return detail::noted(
      slices, terms,
      detail::record(
          OpName::sum, std::move(y), terms,
          detail::SumVjp{{.from = slices.result, .to = terms.shape(), .slices = slices, .factor = 1}}));
}

template <class T>
Tensor<T> mean(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Slices slices(OpName::mean, x.shape(), axes, keepdims);
  const auto n = static_cast<double>(slices.shape.n);
  return detail::noted(
      slices, x,
      detail::record(
          OpName::mean, detail::means(slices.arrange(x), slices), x,
          detail::SumVjp{{.from = slices.result, .to = x.shape(), .slices = slices, .factor = 1 / n}}));
}

template <class T>
Tensor<T> prod(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Slices slices(OpName::prod, x.shape(), axes, keepdims);
  const auto backward = [](const T* g, const T* values, const T*, T* gx, kernels::ReduceShape shape,
                           bool accumulate) { kernels::prod_backward(g, values, gx, shape, accumulate); };
  const auto record_flow = [slices](const auto& flow, const auto&, const Tensor<T>& in, const auto&) {
    const auto [outer, n, inner] = slices.shape;
    if (n == 0) return;
    flow.like(reshape(detail::product_tree(reshape(slices.arrange_step(in), Shape{outer, n, inner})),
                      slices.result));
  };
  return detail::reduce(OpName::prod, slices, x, kernels::prod<T>, backward, record_flow);
}

template <class T>
Tensor<T> max(Tensor<T> x, const Axes& axes, bool keepdims) {
  return detail::extremum<T>(OpName::max, x, axes, keepdims, kernels::max);
}

template <class T>
Tensor<T> min(Tensor<T> x, const Axes& axes, bool keepdims) {
  return detail::extremum<T>(OpName::min, x, axes, keepdims, kernels::min);
}

template <class T>
Tensor<T> var(Tensor<T> x, const Axes& axes, VarOptions options) {
  const Slices slices(OpName::var, x.shape(), axes, options.keepdims);
  const std::size_t n = slices.shape.n;
  const T freedom = static_cast<T>(n - std::min(n, options.ddof));
  const Tensor<T> arranged = slices.arrange(x);
  const Tensor<T> mean(detail::means(arranged, slices));
  Array<T> y = empty_array<T>(slices.result);
  kernels::sum_squared_deviation(arranged.data(), mean.data(), slices.shape, y.data());
  for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] /= freedom;
  return detail::noted(
      slices, x,
      detail::record(OpName::var, std::move(y), x, detail::VarVjp<T>{slices, arranged, mean, 2 / freedom}),
      options.ddof);
}

template <class T>
Tensor<T> std(Tensor<T> x, const Axes& axes, VarOptions options) {
  const Slices slices(OpName::std, x.shape(), axes, options.keepdims);
  const std::size_t n = slices.shape.n;
  const T root = std::sqrt(static_cast<T>(n - std::min(n, options.ddof)));
  const Tensor<T> deviation = detail::deviations(x, slices);
  Array<T> length = empty_array<T>(slices.result);
  kernels::norm2(deviation.data(), slices.shape, length.data());
  detail::Ref<detail::Value<T>> y = detail::make_value(length);
  for (T& v : y->array) v /= root;
  return detail::noted(
      slices, x,
      detail::record(OpName::std, y, x,
                     detail::StdVjp<T>{slices, x, deviation, Tensor<T>(std::move(length)), y, root}),
      options.ddof);
}

template <class T>
Tensor<T> logsumexp(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Slices slices(OpName::logsumexp, x.shape(), axes, keepdims);
  return detail::reduce(OpName::logsumexp, slices, x, kernels::logsumexp<T>, kernels::logsumexp_backward<T>,
                        [](const auto& flow, const auto& group, const auto& in, const auto& y) {
                          rules::logsumexp_flow(group, flow.g, in, y, flow[0]);
                        });
}

template <class T>
Tensor<T> norm(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Slices slices(OpName::norm, x.shape(), axes, keepdims);
  return detail::reduce(OpName::norm, slices, x, kernels::norm2<T>, kernels::norm2_backward<T>,
                        [](const auto& flow, const auto& group, const auto& in, const auto& y) {
                          rules::norm2_flow(group, flow.g, in, y, flow[0]);
                        });
}

#define GRADUS_INSTANTIATE(T)                                 \
  template Tensor<T> sum(Tensor<T>, const Axes&, bool);       \
  template Tensor<T> mean(Tensor<T>, const Axes&, bool);      \
  template Tensor<T> prod(Tensor<T>, const Axes&, bool);      \
  template Tensor<T> max(Tensor<T>, const Axes&, bool);       \
  template Tensor<T> min(Tensor<T>, const Axes&, bool);       \
  template Tensor<T> var(Tensor<T>, const Axes&, VarOptions); \
  template Tensor<T> std(Tensor<T>, const Axes&, VarOptions); \
  template Tensor<T> logsumexp(Tensor<T>, const Axes&, bool); \
  template Tensor<T> norm(Tensor<T>, const Axes&, bool);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
