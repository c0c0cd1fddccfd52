#pragma once

#include <concepts>

#include <gradus/ops/operands.hpp>

/// Ops that put elements in order. NaN counts as larger than every number, as NumPy sorts it; of equals the
/// one that stands first comes first. ShapeError for an axis out of range.
namespace gradus {

/// An array of positions along an axis.
using Indices = Array<std::int64_t>;

/// The elements along an axis from the smallest to the largest: y = P x, with the permutation that argsort
/// finds, dx = P^T g. One step.
template <class T>
Tensor<T> sort(const Tensor<T>& x, std::ptrdiff_t axis = -1);

/// Where the elements stood that sort() puts in order. No gradient.
template <class T>
Indices argsort(const Tensor<T>& x, std::ptrdiff_t axis = -1);

template <class T>
struct TopK {
  Tensor<T> values;
  Indices indices;
};

/// The k largest elements along an axis, the largest first, and where they stand; or the k smallest, the
/// smallest first. PyTorch's, but that of equals the first come. The values are one step; the gradient goes
/// to where they stood. ValueError unless 0 <= k <= the extent.
template <class T>
TopK<T> topk(const Tensor<T>& x, std::ptrdiff_t k, std::ptrdiff_t axis = -1, bool largest = true);

/// Where the largest element along an axis stands (without an axis: in row-major order, of shape ()); of
/// equals the first, the first NaN where there is one. The result has x's shape without the axis; keepdims
/// leaves it in, with extent 1. No gradient. ShapeError where there is no element.
template <class T>
Indices argmax(const Tensor<T>& x);
template <class T>
Indices argmax(const Tensor<T>& x, std::ptrdiff_t axis, bool keepdims = false);

/// The same for the smallest; NaN comes before every number here too, as NumPy's.
template <class T>
Indices argmin(const Tensor<T>& x);
template <class T>
Indices argmin(const Tensor<T>& x, std::ptrdiff_t axis, bool keepdims = false);

}  // namespace gradus
