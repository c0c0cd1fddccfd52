#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gradus/core/parallel.hpp>
#include <gradus/ops/index_maps.hpp>
#include <gradus/ops/order.hpp>

namespace gradus {
namespace detail {
namespace {

using kernels::ReduceShape;

/// Slices with fewer elements altogether are not worth another thread.
constexpr std::size_t grain = 16384;

template <class T>
struct Element {
  T value;
  std::int64_t index;
};

/// Whether a number comes before another: NaN comes last.
struct Ascending {
  template <class T>
  bool operator()(T a, T b) const {
    return a < b || (std::isnan(b) && !std::isnan(a));
  }
};
struct Descending {
  template <class T>
  bool operator()(T a, T b) const {
    return Ascending()(b, a);
  }
};

/// The first k indices of each slice along the middle axis, in order; (outer, k, inner).
template <class T, class Before>
void order_slices(const T* x, ReduceShape shape, std::size_t k, std::int64_t* indices, const Before& before) {
  const auto [outer, n, inner] = shape;
  if (k == 0) return;
  const auto comes_first = [&](const Element<T>& a, const Element<T>& b) {
    return before(a.value, b.value) || (!before(b.value, a.value) && a.index < b.index);
  };
  const std::size_t slices = outer * inner, most = std::max<std::size_t>(1, grain / n);
  std::vector<Element<T>> all(slices == 0 ? 0 : slices * n);
  parallel_for(slices, most, [&, n = n, inner = inner](std::size_t begin, std::size_t end) {
    for (std::size_t s = begin; s < end; ++s) {
      Element<T>* const slice = all.data() + s * n;
      const T* const first = x + s / inner * n * inner + s % inner;
      for (std::size_t i = 0; i < n; ++i) slice[i] = {first[i * inner], static_cast<std::int64_t>(i)};
      if (k == n)
        std::sort(slice, slice + n, comes_first);
      else
        std::partial_sort(slice, slice + k, slice + n, comes_first);
      std::int64_t* const to = indices + s / inner * k * inner + s % inner;
      for (std::size_t i = 0; i < k; ++i) to[i * inner] = slice[i].index;
    }
  });
}

template <class T, class Before>
Indices order_along(const Tensor<T>& x, std::size_t axis, std::size_t k, const Before& before) {
  Shape shape = x.shape();
  const ReduceShape slices = kernels::around_axis(shape, axis);
  shape[axis] = k;
  Indices indices = empty_array<std::int64_t>(shape);
  if (indices.size() > 0) order_slices(x.data(), slices, k, indices.data(), before);
  return indices;
}

/// The elements at these indices along an axis, none of which is given twice.
template <class T>
Tensor<T> at_indices(OpName op, const Tensor<T>& x, const Indices& indices, std::size_t axis) {
  const Shape to = shape_of(indices);
  const auto [outer, n, inner] = kernels::around_axis(x.shape(), axis);
  const std::size_t k = to[axis];
  Integers at = indices;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const std::size_t row = i / (k * inner) * n + static_cast<std::size_t>(at.data()[i]);
    at.data()[i] = static_cast<std::int64_t>(row * inner + i % inner);
  }
  auto places = std::make_shared<const Places>(std::move(at), indices.size());
  return record_linear(Picking{.op = op, .from = x.shape(), .to = to, .places = std::move(places)}, x);
}

/// Where the first extreme element of each slice stands; a NaN is more extreme than any number.
template <class T, class Beyond>
void find_extremes(const T* x, ReduceShape shape, std::int64_t* result, const Beyond& beyond) {
  const auto [outer, n, inner] = shape;
  std::vector<T> all_best(outer * inner);
  parallel_for(outer, std::max<std::size_t>(1, grain / (n * inner + 1)),
               [&, n = n, inner = inner](std::size_t begin, std::size_t end) {
                 for (std::size_t o = begin; o < end; ++o) {
                   T* const best = all_best.data() + o * inner;
                   std::int64_t* const where = result + o * inner;
                   std::copy_n(x + o * n * inner, inner, best);
                   std::fill_n(where, inner, std::int64_t{0});
                   for (std::size_t k = 1; k < n; ++k)
                     for (std::size_t i = 0; i < inner; ++i) {
                       const T value = x[(o * n + k) * inner + i];
                       const bool is_beyond =
                           beyond(value, best[i]) || (std::isnan(value) && !std::isnan(best[i]));
                       best[i] = is_beyond ? value : best[i];
                       where[i] = is_beyond ? static_cast<std::int64_t>(k) : where[i];
                     }
                 }
               });
}

template <class T, class Beyond>
Indices extremes(const char* op, const Tensor<T>& x, ReduceShape shape, const Shape& result,
                 const Beyond& beyond) {
  Indices indices = empty_array<std::int64_t>(result);
  if (indices.size() > 0 && shape.n == 0)
    throw ShapeError('[' + std::string(op) + "] no elements in " + to_string(x.shape()) +
                     " along what is reduced: expected 1 or more");
  if (indices.size() > 0) find_extremes(x.data(), shape, indices.data(), beyond);
  return indices;
}

template <class T, class Beyond>
Indices extremes_along(const char* op, const Tensor<T>& x, std::ptrdiff_t axis, bool keepdims,
                       const Beyond& beyond) {
  Shape result = x.shape();
  const std::size_t at = normalize_axis(op, result, axis);
  const ReduceShape shape = kernels::around_axis(result, at);
  if (keepdims)
    result[at] = 1;
  else
    result.erase(result.begin() + static_cast<std::ptrdiff_t>(at));
  return extremes(op, x, shape, result, beyond);
}

}  // namespace
}  // namespace detail

using detail::OpName;

template <class T>
Tensor<T> sort(const Tensor<T>& x, std::ptrdiff_t axis) {
  const std::size_t at = normalize_axis(OpName::sort.text(), x.shape(), axis);
  const Indices indices = detail::order_along(x, at, x.shape()[at], detail::Ascending());
  return detail::at_indices(OpName::sort, x, indices, at);
}

template <class T>
Indices argsort(const Tensor<T>& x, std::ptrdiff_t axis) {
  const std::size_t at = normalize_axis("argsort", x.shape(), axis);
  return detail::order_along(x, at, x.shape()[at], detail::Ascending());
}

template <class T>
TopK<T> topk(const Tensor<T>& x, std::ptrdiff_t k, std::ptrdiff_t axis, bool largest) {
  constexpr OpName op = OpName::topk;
  const std::size_t at = normalize_axis(op.text(), x.shape(), axis), extent = x.shape()[at];
  if (k < 0 || static_cast<std::size_t>(k) > extent)
    throw ValueError(op.tag() + std::to_string(k) + " elements along axis " + std::to_string(axis) + " of " +
                     to_string(x.shape()) + ": expected 0 to " + std::to_string(extent));
  const auto wanted = static_cast<std::size_t>(k);
  Indices indices = largest ? detail::order_along(x, at, wanted, detail::Descending())
                            : detail::order_along(x, at, wanted, detail::Ascending());
  Tensor<T> values = detail::at_indices(op, x, indices, at);
  return {std::move(values), std::move(indices)};
}

template <class T>
Indices argmax(const Tensor<T>& x) {
  return detail::extremes("argmax", x, {1, x.size(), 1}, {}, std::greater<>());
}
template <class T>
Indices argmax(const Tensor<T>& x, std::ptrdiff_t axis, bool keepdims) {
  return detail::extremes_along("argmax", x, axis, keepdims, std::greater<>());
}

template <class T>
Indices argmin(const Tensor<T>& x) {
  return detail::extremes("argmin", x, {1, x.size(), 1}, {}, std::less<>());
}
template <class T>
Indices argmin(const Tensor<T>& x, std::ptrdiff_t axis, bool keepdims) {
  return detail::extremes_along("argmin", x, axis, keepdims, std::less<>());
}

#define GRADUS_INSTANTIATE(T)                                                    \
  template Tensor<T> sort(const Tensor<T>&, std::ptrdiff_t);                     \
  template Indices argsort(const Tensor<T>&, std::ptrdiff_t);                    \
  template TopK<T> topk(const Tensor<T>&, std::ptrdiff_t, std::ptrdiff_t, bool); \
  template Indices argmax(const Tensor<T>&);                                     \
  template Indices argmax(const Tensor<T>&, std::ptrdiff_t, bool);               \
  template Indices argmin(const Tensor<T>&);                                     \
  template Indices argmin(const Tensor<T>&, std::ptrdiff_t, bool);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
