#pragma once

#include <concepts>
#include <optional>
#include <vector>

#include <gradus/ops/axes.hpp>

/// Ops that cut parts out of an array. Each part is one step and an array of its own; the gradient goes back
/// to where the part was, 0 to everything else.
namespace gradus {

/// Positions along an axis, as Python's begin:end:step. An end that is left out is that of the axis, negative
/// ones count from the end, ends beyond the axis are those of the axis.
struct Range {
  std::optional<std::ptrdiff_t> begin, end;
  std::ptrdiff_t step = 1;
};
struct NewAxis {};
struct Ellipsis {};

/// The words of slice(). Those without arguments are templates, so that xtensor's, which say the same, are no
/// rivals where a program opens both namespaces.
inline Range range(std::optional<std::ptrdiff_t> begin, std::optional<std::ptrdiff_t> end,
                   std::ptrdiff_t step = 1) {
  return {begin, end, step};
}
template <class = void>
Range all() {
  return {};
}
template <class = void>
NewAxis newaxis() {
  return {};
}
template <class = void>
Ellipsis ellipsis() {
  return {};
}

namespace detail {

/// What xt::range() returns.
template <class R>
concept XtensorRange = requires(const R& r) {
  r.start();
  r.stop();
  r.step();
};

template <class N>
std::optional<std::ptrdiff_t> number_or_none(const N& end) {
  if constexpr (std::integral<N>)
    return static_cast<std::ptrdiff_t>(end);
  else
    return std::nullopt;
}

template <class T>
std::vector<Tensor<T>> split_equally(const Tensor<T>& x, std::ptrdiff_t parts, std::ptrdiff_t axis);

}  // namespace detail

/// What slice() does with one axis, or between two.
class SliceItem {
 public:
  enum class Kind { position, range, new_axis, ellipsis };

  /// One position; the axis is dropped.
  template <std::integral I>
  requires(!std::same_as<I, bool>) SliceItem(I at)
      : kind(Kind::position), position(static_cast<std::ptrdiff_t>(at)) {}
  SliceItem(Range r) : kind(Kind::range), range(r) {}
  SliceItem(NewAxis) : kind(Kind::new_axis) {}
  SliceItem(Ellipsis) : kind(Kind::ellipsis) {}
  /// xtensor's words for the same.
  template <detail::XtensorRange R>
  SliceItem(const R& r)
      : SliceItem(Range{detail::number_or_none(r.start()), detail::number_or_none(r.stop()),
                        detail::number_or_none(r.step()).value_or(1)}) {}
  SliceItem(xt::xall_tag) : SliceItem(Range{}) {}
  SliceItem(xt::xnewaxis_tag) : SliceItem(NewAxis{}) {}
  SliceItem(xt::xellipsis_tag) : SliceItem(Ellipsis{}) {}

  Kind kind;
  std::ptrdiff_t position = 0;
  Range range;
};

/// Part of x, as NumPy's x[...]: slice(x, {range(0, 2), all(), newaxis(), -1}). The items belong to the axes
/// in order:
///   range(begin, end, step)   some of the axis; range(0, {}), range({}, -1), range({}, {}, -1)
///   all()                     all of it; so are axes that are not mentioned
///   a whole number            one position, negative ones counting from the end; the axis is dropped
///   newaxis()                 an axis of extent 1
///   ellipsis()                all axes that the other items leave over; at most one
/// ShapeError for more items than axes and a second ellipsis, ValueError for a position out of range and a
/// step of 0.
template <class T>
Tensor<T> slice(const Tensor<T>& x, const std::vector<SliceItem>& items);

/// So many parts of equal length along an axis. ShapeError where they do not fit, ValueError unless there is
/// at least one.
template <class T, std::integral I>
std::vector<Tensor<T>> split(Tensor<T> x, I parts, std::ptrdiff_t axis = 0) {
  return detail::split_equally(x, static_cast<std::ptrdiff_t>(parts), axis);
}
/// Parts that begin at 0 and at each of the given positions along an axis, which ascend; negative ones count
/// from the end. ValueError for positions out of range (NumPy takes them for the end) and out of order.
template <class T>
std::vector<Tensor<T>> split(const Tensor<T>& x, const IntList& positions, std::ptrdiff_t axis = 0);
template <class T, std::integral I>
std::vector<Tensor<T>> split(Tensor<T> x, std::initializer_list<I> positions, std::ptrdiff_t axis = 0) {
  return split(x, IntList(positions), axis);
}

/// At most so many parts along an axis, all but the last of the least length that reaches, as PyTorch's: 7 in
/// 3 are 3, 3 and 1, and 4 in 3 are 2 and 2. ValueError unless there is at least one.
template <class T>
std::vector<Tensor<T>> chunk(const Tensor<T>& x, std::ptrdiff_t chunks, std::ptrdiff_t axis = 0);

}  // namespace gradus
