#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <string>
#include <type_traits>
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

/// A number as an integer that compares as the number does; NaN is larger than all, 0 and -0 are equal.
template <class T>
auto key_of(T value) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits sign = Bits{1} << (8 * sizeof(T) - 1);
  if (std::isnan(value)) return ~Bits{0};
  const auto bits = std::bit_cast<Bits>(value + T(0));
  return static_cast<Bits>(bits & sign ? ~bits : bits | sign);
}

/// An element to be put in order: of equals the one with the smaller index comes first.
template <class Key>
struct Element {
  Key key;
  std::int64_t index;

  friend bool operator<(const Element& a, const Element& b) {
    return a.key < b.key || (a.key == b.key && a.index < b.index);
  }
};

/// The first k indices of each slice along the middle axis, in order; (outer, k, inner).
template <class T>
void order_slices(const T* x, ReduceShape shape, std::size_t k, bool descending, std::int64_t* indices) {
  using Key = decltype(key_of(T(0)));
  const auto [outer, n, inner] = shape;
  const Key turned = descending ? ~Key{0} : Key{0};
  std::vector<Element<Key>> all(outer * n * inner);
  parallel_for(outer * inner, std::max<std::size_t>(1, grain / n),
               [&, n = n, inner = inner](std::size_t begin, std::size_t end) {
                 for (std::size_t s = begin; s < end; ++s) {
                   Element<Key>* const slice = all.data() + s * n;
                   const T* const first = x + s / inner * n * inner + s % inner;
                   for (std::size_t i = 0; i < n; ++i)
                     slice[i] = {key_of(first[i * inner]) ^ turned, static_cast<std::int64_t>(i)};
                   if (k == n)
                     std::sort(slice, slice + n);
                   else
                     std::partial_sort(slice, slice + k, slice + n);
                   std::int64_t* const to = indices + s / inner * k * inner + s % inner;
                   for (std::size_t i = 0; i < k; ++i) to[i * inner] = slice[i].index;
                 }
               });
}

template <class T>
Indices order_along(const Tensor<T>& x, std::size_t axis, std::size_t k, bool descending = false) {
  Shape shape = x.shape();
  const ReduceShape slices = kernels::around_axis(shape, axis);
  shape[axis] = k;
  Indices indices = empty_array<std::int64_t>(shape);
  if (indices.size() > 0) order_slices(x.data(), slices, k, descending, indices.data());
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
  auto places = std::make_shared<const Places>(Places{std::move(at), indices.size()});
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
  const Indices indices = detail::order_along(x, at, x.shape()[at]);
  return detail::at_indices(OpName::sort, x, indices, at);
}

template <class T>
Indices argsort(const Tensor<T>& x, std::ptrdiff_t axis) {
  const std::size_t at = normalize_axis("argsort", x.shape(), axis);
  return detail::order_along(x, at, x.shape()[at]);
}

template <class T>
TopK<T> topk(const Tensor<T>& x, std::ptrdiff_t k, std::ptrdiff_t axis, bool largest) {
  constexpr OpName op = OpName::topk;
  const std::size_t at = normalize_axis(op.text(), x.shape(), axis), extent = x.shape()[at];
  if (k < 0 || static_cast<std::size_t>(k) > extent)
    throw ValueError(op.tag() + std::to_string(k) + " elements along axis " + std::to_string(axis) + " of " +
                     to_string(x.shape()) + ": expected 0 to " + std::to_string(extent));
  const auto wanted = static_cast<std::size_t>(k);
  Indices indices = detail::order_along(x, at, wanted, largest);
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
