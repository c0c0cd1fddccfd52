#include <algorithm>
#include <string>

#include <gradus/ops/reduce.hpp>
#include <gradus/ops/slices.hpp>

namespace gradus {
namespace detail {
namespace {

/// A reduction with a gradient that reads x and y.
template <class T, class Forward, class Backward>
Tensor<T> reduce(OpName op, const Slices& slices, const Tensor<T>& x, Forward forward, Backward backward) {
  const Tensor<T> arranged = slices.arrange(x);
  const Ref<Value<T>> y = empty_value<T>(slices.result);
  forward(arranged.data(), slices.shape, y->array.data());
  return record(op, y, x, [slices, arranged, y, backward](const auto& g, const auto& dx) {
    slices.write(dx[0], [&](T* gx, bool accumulate) {
      backward(g->array.data(), arranged.data(), y->array.data(), gx, slices.shape, accumulate);
    });
  });
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
  return reduce(op, slices, x, forward, kernels::extremum_backward<T>);
}

/// sum / divisor, also where the sum itself overflows.
template <class T>
Array<T> divided_sum(const Tensor<T>& arranged, const Slices& slices, T divisor) {
  Array<T> y = empty_array<T>(slices.result);
  kernels::sum(arranged.data(), slices.shape, y.data());
  if (kernels::all_finite(y.data(), y.size())) {
    for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] /= divisor;
  } else {
    Array<T> shares = arranged.value();
    kernels::scale(shares.data(), T(1) / divisor, shares.size());
    kernels::sum(shares.data(), slices.shape, y.data());
  }
  return y;
}

/// gx (+)= factor g, repeated along the slices.
template <class T>
void spread(const Slices& slices, const Ref<Value<T>>& g, T factor, const Slot<T>& dx) {
  if (g->array.size() == 1 && dx.add_to_all(factor * g->array.data()[0])) return;
  slices.write(dx, [&](T* gx, bool accumulate) {
    kernels::sum_backward(g->array.data(), factor, gx, slices.shape, accumulate);
  });
}

}  // namespace
}  // namespace detail

using detail::OpName;
using detail::Slices;

template <class T>
Tensor<T> sum(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Slices slices(OpName::sum, x.shape(), axes, keepdims);
  detail::Ref<detail::Value<T>> y = detail::empty_value<T>(slices.result);
  kernels::sum(slices.arrange(x).data(), slices.shape, y->array.data());
  return detail::record(OpName::sum, std::move(y), x,
                        [slices](const auto& g, const auto& dx) { detail::spread(slices, g, T(1), dx[0]); });
}

template <class T>
Tensor<T> mean(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Slices slices(OpName::mean, x.shape(), axes, keepdims);
  const T n = static_cast<T>(slices.shape.n);
  return detail::record(
      OpName::mean, detail::divided_sum(slices.arrange(x), slices, n), x,
      [slices, n](const auto& g, const auto& dx) { detail::spread(slices, g, 1 / n, dx[0]); });
}

template <class T>
Tensor<T> prod(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Slices slices(OpName::prod, x.shape(), axes, keepdims);
  const auto backward = [](const T* g, const T* values, const T*, T* gx, kernels::ReduceShape shape,
                           bool accumulate) { kernels::prod_backward(g, values, gx, shape, accumulate); };
  return detail::reduce(OpName::prod, slices, x, kernels::prod<T>, backward);
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
  const Tensor<T> mean(detail::divided_sum(arranged, slices, static_cast<T>(n)));
  Array<T> y = empty_array<T>(slices.result);
  kernels::sum_squared_deviation(arranged.data(), mean.data(), slices.shape, y.data());
  for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] /= freedom;
  return detail::record(OpName::var, std::move(y), x,
                        [slices, arranged, mean, freedom](const auto& g, const auto& dx) {
                          slices.write(dx[0], [&](T* gx, bool accumulate) {
                            kernels::deviation_backward(g->array.data(), 2 / freedom, arranged.data(),
                                                        mean.data(), gx, slices.shape, accumulate);
                          });
                        });
}

template <class T>
Tensor<T> logsumexp(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Slices slices(OpName::logsumexp, x.shape(), axes, keepdims);
  return detail::reduce(OpName::logsumexp, slices, x, kernels::logsumexp<T>, kernels::logsumexp_backward<T>);
}

template <class T>
Tensor<T> norm(Tensor<T> x, const Axes& axes, bool keepdims) {
  const Slices slices(OpName::norm, x.shape(), axes, keepdims);
  return detail::reduce(OpName::norm, slices, x, kernels::norm2<T>, kernels::norm2_backward<T>);
}

#define GRADUS_INSTANTIATE(T)                                 \
  template Tensor<T> sum(Tensor<T>, const Axes&, bool);       \
  template Tensor<T> mean(Tensor<T>, const Axes&, bool);      \
  template Tensor<T> prod(Tensor<T>, const Axes&, bool);      \
  template Tensor<T> max(Tensor<T>, const Axes&, bool);       \
  template Tensor<T> min(Tensor<T>, const Axes&, bool);       \
  template Tensor<T> var(Tensor<T>, const Axes&, VarOptions); \
  template Tensor<T> logsumexp(Tensor<T>, const Axes&, bool); \
  template Tensor<T> norm(Tensor<T>, const Axes&, bool);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
