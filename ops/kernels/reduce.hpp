#pragma once

#include <cstddef>
#include <functional>
#include <numeric>

#include <gradus/core/dispatch.hpp>
#include <gradus/core/shape.hpp>

/// Reductions of contiguous arrays seen as (outer, n, inner) over the middle axis into (outer, inner), for
/// float and double. Each is a fixed tree of partial results: rounding errors grow with log n, and the result
/// is the same at any number of threads. NaN propagates.
namespace gradus::kernels {

/// An array seen around one reduced axis.
struct ReduceShape {
  std::size_t outer, n, inner;
};

/// A contiguous array of this shape seen around one of its axes.
inline ReduceShape around_axis(const Shape& shape, std::size_t axis) {
  const auto product = [](auto first, auto last) {
    return std::accumulate(first, last, std::size_t{1}, std::multiplies<>());
  };
  const auto at = shape.begin() + static_cast<std::ptrdiff_t>(axis);
  return {product(shape.begin(), at), *at, product(at + 1, shape.end())};
}

template <class T>
void sum(const T* x, ReduceShape shape, T* out) {  // 0 when n = 0
  dispatch<sum<T>>(x, shape, out);
}

template <class T>
void prod(const T* x, ReduceShape shape, T* out) {  // 1 when n = 0
  dispatch<prod<T>>(x, shape, out);
}

template <class T>
void max(const T* x, ReduceShape shape, T* out) {  // n > 0
  dispatch<max<T>>(x, shape, out);
}

template <class T>
void min(const T* x, ReduceShape shape, T* out) {  // n > 0
  dispatch<min<T>>(x, shape, out);
}

/// sum (x - mean)^2, with `mean` of the result's shape: the second pass of a two-pass variance.
template <class T>
void sum_squared_deviation(const T* x, const T* mean, ReduceShape shape, T* out) {
  dispatch<sum_squared_deviation<T>>(x, mean, shape, out);
}

/// sqrt(sum x^2), scaled so that no square overflows or vanishes.
template <class T>
void norm2(const T* x, ReduceShape shape, T* out) {
  dispatch<norm2<T>>(x, shape, out);
}

/// ln(sum e^x); -inf when every x is (also when n = 0), +inf when one is.
template <class T>
void logsumexp(const T* x, ReduceShape shape, T* out) {
  dispatch<logsumexp<T>>(x, shape, out);
}

/// The sum of all elements, carried in double.
template <class T>
double sum_in_double(const T* x, std::size_t n) {
  return dispatch<sum_in_double<T>>(x, n);
}

/// Undoes a broadcast: sums `x` of shape `from` over the axes along which `to` was stretched to `from`.
template <class T>
void reduce_to(const T* x, const Shape& from, T* out, const Shape& to, bool accumulate) {
  dispatch<reduce_to<T>>(x, from, out, to, accumulate);
}

// Vector-Jacobian products. g and y have the result's shape, x and gx the operand's. (+)= adds when
// `accumulate` is set; where g is 0 the contribution is exactly 0.

/// gx (+)= factor * g, repeated along the reduced axis: sum (factor 1) and mean (factor 1/n).
template <class T>
void sum_backward(const T* g, T factor, T* gx, ReduceShape shape, bool accumulate) {
  dispatch<sum_backward<T>>(g, factor, gx, shape, accumulate);
}

/// Max and min: the elements equal to y share g equally. NaN where y is NaN.
template <class T>
void extremum_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  dispatch<extremum_backward<T>>(g, x, y, gx, shape, accumulate);
}

/// gx (+)= g * the product of all other elements, found without division: zeros are no exception.
template <class T>
void prod_backward(const T* g, const T* x, T* gx, ReduceShape shape, bool accumulate) {
  dispatch<prod_backward<T>>(g, x, gx, shape, accumulate);
}

/// gx (+)= factor * g * (x - mean)
template <class T>
void deviation_backward(const T* g, T factor, const T* x, const T* mean, T* gx, ReduceShape shape,
                        bool accumulate) {
  dispatch<deviation_backward<T>>(g, factor, x, mean, gx, shape, accumulate);
}

/// gx (+)= g * x / y, 0 where y is 0
template <class T>
void norm2_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  dispatch<norm2_backward<T>>(g, x, y, gx, shape, accumulate);
}

/// gx (+)= g * e^(x - y), divided by the sum of these powers: 1, but for the rounding of y, which is large
/// where y is.
template <class T>
void logsumexp_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  dispatch<logsumexp_backward<T>>(g, x, y, gx, shape, accumulate);
}

}  // namespace gradus::kernels
