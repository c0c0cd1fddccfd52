#include <algorithm>
#include <numeric>
#include <string>

#include <gradus/ops/layout.hpp>
#include <gradus/ops/maps.hpp>

namespace gradus {
namespace detail {
namespace {

/// The elements in the same order under another shape.
template <class T>
Tensor<T> with_shape(OpName op, const Tensor<T>& x, const Shape& shape) {
  return record_linear(Reshaping{op, x.shape(), shape}, x);
}

/// Each part gets the gradient of the columns it gave.
struct JoinVjp {
  std::vector<Columns> parts;

  template <class T, class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    for (std::size_t i = 0; i < parts.size(); ++i)
      dx[i].write([&](T* gx, bool accumulate) { parts[i].apply(g->array.data(), gx, accumulate); });
  }
  template <class T>
  void record(const GraphFlow<T>& flow) const {
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (flow[i]) flow[i].add(record_linear(parts[i], flow.g));
  }
};

/// The parts side by side. Seen as matrices of `rows` rows, each gives some columns of the result.
template <class T>
Tensor<T> join(OpName op, const std::vector<Tensor<T>>& parts, const Shape& result, std::size_t axis) {
  Array<T> y = empty_array<T>(result);
  const std::size_t rows = kernels::around_axis(result, axis).outer,
                    columns = rows == 0 ? 0 : y.size() / rows;
  JoinVjp vjp;
  std::vector<Ref<Node>> nodes;
  std::size_t begin = 0;
  for (const Tensor<T>& part : parts) {
    const std::size_t width = rows == 0 ? 0 : part.size() / rows;
    kernels::copy_blocks(part.data(), width, y.data() + begin, columns, rows, width, false);
    vjp.parts.push_back({.from = result,
                         .to = part.shape(),
                         .rows = rows,
                         .begin = begin,
                         .width = width,
                         .all_columns = columns});
    nodes.push_back(part.node());
    begin += width;
  }
  return Noted<T>(parts).on(record(op, make_value(std::move(y)), std::move(nodes), std::move(vjp)), [&] {
    return Attributes{{"axis", static_cast<double>(axis)}};
  });
}

template <class T>
void check_not_empty(OpName op, const std::vector<Tensor<T>>& tensors) {
  if (tensors.empty()) throw ShapeError(op.tag() + "no tensors given: at least one is needed");
}

template <class T>
Tensor<T> concatenate(const std::vector<Tensor<T>>& tensors, std::ptrdiff_t axis) {
  constexpr OpName op = OpName::concatenate;
  check_not_empty(op, tensors);
  Shape result = tensors[0].shape();
  const std::size_t at = normalize_axis(op.text(), result, axis);
  result[at] = 0;
  for (const Tensor<T>& tensor : tensors) {
    Shape shape = tensor.shape();
    const bool has_axis = at < shape.size();
    const std::size_t extent = has_axis ? std::exchange(shape[at], result[at]) : 0;
    if (!has_axis || shape != result)
      throw ShapeError(op.tag() + to_string(tensors[0].shape()) + " and " + to_string(tensor.shape()) +
                       " along axis " + std::to_string(axis) + ": all other extents must be the same");
    result[at] += extent;
    count(result, op.text());
  }
  return join(op, tensors, result, at);
}

template <class T>
Tensor<T> stack(const std::vector<Tensor<T>>& tensors, std::ptrdiff_t axis) {
  constexpr OpName op = OpName::stack;
  check_not_empty(op, tensors);
  const Shape first = tensors[0].shape();
  for (const Tensor<T>& tensor : tensors)
    if (tensor.shape() != first)
      throw ShapeError(op.tag() + to_string(first) + " and " + to_string(tensor.shape()) +
                       ": all shapes must be the same");
  const std::size_t at = normalize_axis(op.text(), first, axis, 1);
  Shape result{tensors.size()};
  result.insert(result.end(), first.begin(), first.end());
  std::rotate(result.begin(), result.begin() + 1, result.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  count(result, op.text());
  return join(op, tensors, result, at);
}

std::vector<std::size_t> axis_order(const Shape& shape, const Axes& axes) {
  std::vector<std::size_t> order(shape.size());
  if (axes.is_all()) {
    std::iota(order.rbegin(), order.rend(), std::size_t{0});
    return order;
  }
  constexpr OpName op = OpName::transpose;
  if (normalize_axes(op.text(), shape, axes.values()).size() != shape.size())
    throw ShapeError(op.tag() + to_string(shape) + " has " + std::to_string(shape.size()) + " axes, " +
                     std::to_string(axes.values().size()) + " are given: expected each of them once");
  std::transform(axes.values().begin(), axes.values().end(), order.begin(),
                 [&](std::ptrdiff_t axis) { return normalize_axis(op.text(), shape, axis); });
  return order;
}

std::vector<std::size_t> in_order(std::size_t n) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

/// The order in which moveaxis puts the axes.
std::vector<std::size_t> moved(const Shape& shape, const IntList& axes, const IntList& places) {
  constexpr OpName op = OpName::moveaxis;
  normalize_axes(op.text(), shape, axes.values());
  normalize_axes(op.text(), shape, places.values());
  if (axes.values().size() != places.values().size())
    throw ShapeError(op.tag() + "axes " + axes.text() + " of " + to_string(shape) + " to places " +
                     places.text() + ": expected as many places as axes");
  constexpr std::size_t none = ~std::size_t{0};
  std::vector<std::size_t> order(shape.size(), none), others = in_order(shape.size());
  for (std::size_t i = 0; i < axes.values().size(); ++i) {
    const std::size_t axis = normalize_axis(op.text(), shape, axes.values()[i]);
    order[normalize_axis(op.text(), shape, places.values()[i])] = axis;
    others.erase(std::find(others.begin(), others.end(), axis));
  }
  auto next = others.begin();
  for (std::size_t& axis : order)
    if (axis == none) axis = *next++;
  return order;
}

/// The shape asked of reshape, its -1 filled in.
Shape filled_in(const Shape& from, const IntList& asked) {
  const auto fail = [&](const std::string& why) {
    throw ShapeError(OpName::reshape.tag() + to_string(from) + " to " + asked.text() + ": " + why);
  };
  const std::size_t size = count(from);
  std::ptrdiff_t open = -1;
  Shape shape;
  for (const std::ptrdiff_t extent : asked.values()) {
    if (extent < -1 || (extent == -1 && open >= 0))
      fail("expected extents of 0 or more and at most one of -1");
    if (extent == -1) open = static_cast<std::ptrdiff_t>(shape.size());
    shape.push_back(extent == -1 ? 1 : static_cast<std::size_t>(extent));
  }
  const std::size_t known = count(shape, OpName::reshape.text());
  if (open >= 0 && known == 0)
    fail("the other extents multiply to 0, from which -1 cannot be found: give it a number");
  if (open < 0 ? known != size : size % known != 0)
    fail("there are " + std::to_string(size) + " elements, they do not fit");
  if (open >= 0) shape[static_cast<std::size_t>(open)] = size / known;
  return shape;
}

/// The shape with axes of extent 1 at the given places of the result.
Shape with_ones(const Shape& from, const std::vector<std::ptrdiff_t>& axes) {
  const std::vector<std::size_t> added = normalize_axes(OpName::expand_dims.text(), from, axes, axes.size());
  Shape to;
  auto next = from.begin();
  for (std::size_t axis = 0; axis < from.size() + added.size(); ++axis)
    to.push_back(std::find(added.begin(), added.end(), axis) != added.end() ? 1 : *next++);
  return to;
}

}  // namespace
}  // namespace detail

using detail::OpName;

template <class T>
Tensor<T> transpose(Tensor<T> x, const Axes& axes) {
  return detail::record_linear(detail::Permutation(x.shape(), detail::axis_order(x.shape(), axes)), x);
}

template <class T>
Tensor<T> reshape(const Tensor<T>& x, const IntList& shape) {
  return detail::with_shape(OpName::reshape, x, detail::filled_in(x.shape(), shape));
}

template <class T>
Tensor<T> ravel(Tensor<T> x) {
  return detail::with_shape(OpName::ravel, x, {x.size()});
}

template <class T>
Tensor<T> swapaxes(Tensor<T> x, std::ptrdiff_t axis1, std::ptrdiff_t axis2) {
  constexpr OpName op = OpName::swapaxes;
  const std::size_t first = normalize_axis(op.text(), x.shape(), axis1),
                    second = normalize_axis(op.text(), x.shape(), axis2);
  std::vector<std::size_t> order = detail::in_order(x.ndim());
  std::swap(order[first], order[second]);
  return detail::record_linear(detail::Permutation(x.shape(), order, op), x);
}

template <class T>
Tensor<T> moveaxis(Tensor<T> x, const IntList& axes, const IntList& places) {
  return detail::record_linear(
      detail::Permutation(x.shape(), detail::moved(x.shape(), axes, places), OpName::moveaxis), x);
}

template <class T>
Tensor<T> broadcast_to(const Tensor<T>& x, const IntList& shape) {
  constexpr OpName op = OpName::broadcast_to;
  const Shape from = x.shape();
  Shape to;
  for (const std::ptrdiff_t extent : shape.values()) {
    if (extent < 0)
      throw ShapeError(op.tag() + "an extent of " + std::to_string(extent) + ": expected 0 or more");
    to.push_back(static_cast<std::size_t>(extent));
  }
  if (broadcast_shapes(op.text(), from, to) != to)
    throw ShapeError(op.tag() + to_string(from) + " to " + to_string(to) +
                     ": it can be stretched only where it has 1");
  return detail::record_linear(detail::Stretching{.from = from, .to = to}, x);
}

template <class T>
Tensor<T> squeeze(Tensor<T> x, const Axes& axes) {
  constexpr OpName op = OpName::squeeze;
  const Shape from = x.shape();
  const std::vector<std::size_t> squeezed = normalize_axes(op.text(), from, axes.values());
  Shape to;
  for (std::size_t axis = 0; axis < from.size(); ++axis) {
    const bool is_asked = std::find(squeezed.begin(), squeezed.end(), axis) != squeezed.end();
    if (is_asked && from[axis] != 1)
      throw ShapeError(op.tag() + "axis " + std::to_string(axis) + " of " + to_string(from) + " has " +
                       std::to_string(from[axis]) + " elements: only an extent of 1 can be left out");
    if (!is_asked && !(axes.is_all() && from[axis] == 1)) to.push_back(from[axis]);
  }
  return detail::with_shape(op, x, to);
}

template <class T>
Tensor<T> expand_dims(Tensor<T> x, const IntList& axes) {
  return detail::with_shape(OpName::expand_dims, x, detail::with_ones(x.shape(), axes.values()));
}

#define GRADUS_INSTANTIATE(T)                                                         \
  template Tensor<T> transpose(Tensor<T>, const Axes&);                               \
  template Tensor<T> reshape(const Tensor<T>&, const IntList&);                       \
  template Tensor<T> ravel(Tensor<T>);                                                \
  template Tensor<T> swapaxes(Tensor<T>, std::ptrdiff_t, std::ptrdiff_t);             \
  template Tensor<T> moveaxis(Tensor<T>, const IntList&, const IntList&);             \
  template Tensor<T> broadcast_to(const Tensor<T>&, const IntList&);                  \
  template Tensor<T> squeeze(Tensor<T>, const Axes&);                                 \
  template Tensor<T> expand_dims(Tensor<T>, const IntList&);                          \
  Tensor<T> concatenate(const std::vector<Tensor<T>>& tensors, std::ptrdiff_t axis) { \
    return detail::concatenate(tensors, axis);                                        \
  }                                                                                   \
  Tensor<T> stack(const std::vector<Tensor<T>>& tensors, std::ptrdiff_t axis) {       \
    return detail::stack(tensors, axis);                                              \
  }
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
