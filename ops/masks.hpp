#pragma once

#include <gradus/ops/axes.hpp>
#include <gradus/ops/compare.hpp>

/// What holds of masks: arrays of bool (or integers, of which 0 is false), and of tensors, of which all is
/// true that is not 0, NaN too. Over everything the result is one bool or number, over axes an array;
/// keepdims leaves the reduced axes in, each with extent 1. No gradient flows through them. Of nothing, none
/// is true, and all are. ShapeError for an axis out of range or given twice.
namespace gradus {

/// A mask, or a tensor as one.
template <class M>
concept MaskOperand = IntegralArray<M> || AnyTensor<M>;

namespace detail {

template <class M>
Array<bool> as_mask(const M& mask) {
  if constexpr (is_tensor<M>)
    return mask != 0;
  else
    return Array<bool>(mask);
}

std::size_t count_true(const Array<bool>& mask);
/// How many are true along the axes, of `n` each.
struct Counts {
  Integers counts;
  std::int64_t n;
};
Counts count_true(const char* op, const Array<bool>& mask, const Axes& axes, bool keepdims);
Array<bool> any_true(const Array<bool>& mask, const Axes& axes, bool keepdims);
Array<bool> all_true(const Array<bool>& mask, const Axes& axes, bool keepdims);

}  // namespace detail

/// Whether any is true.
template <MaskOperand M>
bool any(M&& mask) {
  return detail::count_true(detail::as_mask(mask)) > 0;
}
template <MaskOperand M>
Array<bool> any(const M& mask, const Axes& axes, bool keepdims = false) {
  return detail::any_true(detail::as_mask(mask), axes, keepdims);
}

/// Whether all are true.
template <MaskOperand M>
bool all(M&& mask) {
  const Array<bool> values = detail::as_mask(mask);
  return detail::count_true(values) == values.size();
}
template <MaskOperand M>
Array<bool> all(const M& mask, const Axes& axes, bool keepdims = false) {
  return detail::all_true(detail::as_mask(mask), axes, keepdims);
}

/// How many are true, as NumPy's. For arrays the namespace must be named, gradus::count_nonzero(mask):
/// xtensor has a function of this name, which is found beside them.
template <IntegralArray M>
std::size_t count_nonzero(const M& mask) {
  return detail::count_true(detail::as_mask(mask));
}
template <IntegralArray M>
detail::Integers count_nonzero(const M& mask, const Axes& axes, bool keepdims = false) {
  return detail::count_true("count_nonzero", detail::as_mask(mask), axes, keepdims).counts;
}
template <class T>
std::size_t count_nonzero(Tensor<T> x) {
  return detail::count_true(detail::as_mask(x));
}
template <class T>
detail::Integers count_nonzero(Tensor<T> x, const Axes& axes, bool keepdims = false) {
  return detail::count_true("count_nonzero", detail::as_mask(x), axes, keepdims).counts;
}
template <class T, AxesArgument A>
detail::Integers count_nonzero(Tensor<T> x, A axes, bool keepdims = false) {
  return count_nonzero(x, Axes(axes), keepdims);
}

}  // namespace gradus
