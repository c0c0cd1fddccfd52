#include <algorithm>
#include <string>

#include <gradus/ops/index_maps.hpp>
#include <gradus/ops/slicing.hpp>

namespace gradus {
namespace detail {
namespace {

using Kind = SliceItem::Kind;

/// Python's rules for begin:end:step on an axis of `extent` elements.
WindowAxis positions_of(const Range& range, std::size_t extent) {
  if (range.step == 0)
    throw ValueError(OpName::slice.tag() + "a range with a step of 0: expected 1, -1 or further apart");
  const auto n = static_cast<std::ptrdiff_t>(extent), step = range.step;
  const std::ptrdiff_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? n : n - 1;
  const auto within = [&](std::ptrdiff_t end) {
    return std::clamp(end < 0 ? end + n : end, lowest, highest);
  };
  const std::ptrdiff_t begin = range.begin ? within(*range.begin) : (step > 0 ? lowest : highest),
                       end = range.end ? within(*range.end) : (step > 0 ? highest : lowest),
                       length = step > 0 ? end - begin : begin - end;
  if (length <= 0) return {0, 1, 0};
  // Not -step: that of the smallest number there is does not exist.
  const std::size_t apart = step > 0 ? static_cast<std::size_t>(step) : -static_cast<std::size_t>(step);
  const std::size_t count = (static_cast<std::size_t>(length) - 1) / apart + 1;
  return {begin, count == 1 ? 1 : step, count};
}

std::ptrdiff_t checked_position(std::ptrdiff_t position, const Shape& shape, std::size_t axis) {
  const auto n = static_cast<std::ptrdiff_t>(shape[axis]);
  if (position < -n || position >= n)
    throw ValueError(OpName::slice.tag() + "position " + std::to_string(position) + " along axis " +
                     std::to_string(axis) + " of " + to_string(shape) + ": expected " +
                     (n == 0 ? "none" : std::to_string(-n) + " to " + std::to_string(n - 1)));
  return position < 0 ? position + n : position;
}

/// How many axes an ellipsis stands for, or what the items leave over at the end.
std::size_t axes_left_over(const Shape& shape, const std::vector<SliceItem>& items) {
  const auto count_of = [&](Kind kind) {
    return static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [kind](const SliceItem& item) { return item.kind == kind; }));
  };
  if (count_of(Kind::ellipsis) > 1)
    throw ShapeError(OpName::slice.tag() + "more than one ellipsis for the axes of " + to_string(shape) +
                     ": expected at most one");
  const std::size_t used = count_of(Kind::position) + count_of(Kind::range);
  if (used > shape.size())
    throw ShapeError(OpName::slice.tag() + std::to_string(used) + " ranges and positions for " +
                     to_string(shape) + ": expected at most " + std::to_string(shape.size()));
  return shape.size() - used;
}

BlockCopies slice_of(const Shape& from, const std::vector<SliceItem>& items) {
  const std::size_t left_over = axes_left_over(from, items);
  std::vector<WindowAxis> axes;
  Shape to;
  const auto keep = [&](const WindowAxis& axis) {
    axes.push_back(axis);
    to.push_back(axis.count);
  };
  const auto keep_whole = [&](std::size_t n) {
    for (; n > 0; --n) keep(whole(from[axes.size()]));
  };
  for (const SliceItem& item : items) switch (item.kind) {
      case Kind::position:
        axes.push_back({checked_position(item.position, from, axes.size()), 1, 1});
        break;
      case Kind::range:
        keep(positions_of(item.range, from[axes.size()]));
        break;
      case Kind::new_axis:
        to.push_back(1);
        break;
      case Kind::ellipsis:
        keep_whole(left_over);
        break;
    }
  keep_whole(from.size() - axes.size());
  return window(OpName::slice, from, axes, to);
}

/// The parts of x between neighbours among `bounds`.
template <class T>
std::vector<Tensor<T>> parts_between(OpName op, const Tensor<T>& x, std::size_t axis,
                                     const std::vector<std::ptrdiff_t>& bounds) {
  const Shape from = x.shape();
  std::vector<WindowAxis> axes;
  for (const std::size_t extent : from) axes.push_back(whole(extent));
  std::vector<Tensor<T>> parts;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    Shape to = from;
    to[axis] = static_cast<std::size_t>(bounds[i + 1] - bounds[i]);
    axes[axis] = {bounds[i], 1, to[axis]};
    parts.push_back(record_linear(window(op, from, axes, to), x));
  }
  return parts;
}

void check_parts(OpName op, std::ptrdiff_t parts, const Shape& shape) {
  if (parts < 1)
    throw ValueError(op.tag() + to_string(shape) + " in " + std::to_string(parts) +
                     " parts: expected 1 or more");
}

}  // namespace

template <class T>
std::vector<Tensor<T>> split_equally(const Tensor<T>& x, std::ptrdiff_t parts, std::ptrdiff_t axis) {
  constexpr OpName op = OpName::split;
  check_parts(op, parts, x.shape());
  const std::size_t at = normalize_axis(op.text(), x.shape(), axis);
  const auto extent = static_cast<std::ptrdiff_t>(x.shape()[at]);
  if (extent % parts != 0)
    throw ShapeError(op.tag() + to_string(x.shape()) + " along axis " + std::to_string(axis) + ": " +
                     std::to_string(extent) + " elements are not " + std::to_string(parts) +
                     " equal parts; give the positions, or use chunk()");
  std::vector<std::ptrdiff_t> bounds;
  for (std::ptrdiff_t i = 0; i <= parts; ++i) bounds.push_back(extent / parts * i);
  return parts_between(op, x, at, bounds);
}

}  // namespace detail

using detail::OpName;

template <class T>
Tensor<T> slice(const Tensor<T>& x, const std::vector<SliceItem>& items) {
  return detail::record_linear(detail::slice_of(x.shape(), items), x);
}

template <class T>
std::vector<Tensor<T>> split(const Tensor<T>& x, const IntList& positions, std::ptrdiff_t axis) {
  constexpr OpName op = OpName::split;
  const Shape shape = x.shape();
  const std::size_t at = normalize_axis(op.text(), shape, axis);
  const auto extent = static_cast<std::ptrdiff_t>(shape[at]);
  std::vector<std::ptrdiff_t> bounds{0};
  for (const std::ptrdiff_t position : positions.values()) {
    const std::ptrdiff_t bound = position < 0 ? position + extent : position;
    if (bound < bounds.back() || bound > extent)
      throw ValueError(op.tag() + to_string(shape) + " along axis " + std::to_string(axis) +
                       " at positions " + positions.text() + ": expected them between 0 and " +
                       std::to_string(extent) + ", in order");
    bounds.push_back(bound);
  }
  bounds.push_back(extent);
  return detail::parts_between(op, x, at, bounds);
}

template <class T>
std::vector<Tensor<T>> chunk(const Tensor<T>& x, std::ptrdiff_t chunks, std::ptrdiff_t axis) {
  constexpr OpName op = OpName::chunk;
  detail::check_parts(op, chunks, x.shape());
  const std::size_t at = normalize_axis(op.text(), x.shape(), axis);
  const auto extent = static_cast<std::ptrdiff_t>(x.shape()[at]);
  const std::ptrdiff_t length = extent / chunks + (extent % chunks != 0);
  std::vector<std::ptrdiff_t> bounds{0};
  if (extent == 0) bounds.resize(static_cast<std::size_t>(chunks) + 1, 0);
  while (bounds.back() < extent) bounds.push_back(std::min(extent, bounds.back() + length));
  return detail::parts_between(op, x, at, bounds);
}

#define GRADUS_INSTANTIATE(T)                                                              \
  template Tensor<T> slice(const Tensor<T>&, const std::vector<SliceItem>&);               \
  template std::vector<Tensor<T>> split(const Tensor<T>&, const IntList&, std::ptrdiff_t); \
  template std::vector<Tensor<T>> chunk(const Tensor<T>&, std::ptrdiff_t, std::ptrdiff_t); \
  template std::vector<Tensor<T>> detail::split_equally(const Tensor<T>&, std::ptrdiff_t, std::ptrdiff_t);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
