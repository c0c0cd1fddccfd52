#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include <gradus/ops/gather.hpp>
#include <gradus/ops/index_maps.hpp>
#include <gradus/ops/stretched.hpp>

namespace gradus::detail {
namespace {

[[noreturn]] void fail_shapes(OpName op, const Shape& x, const Shape& indices, std::ptrdiff_t axis,
                              const std::string& expected) {
  throw ShapeError(op.tag() + "indices of " + to_string(indices) + " along axis " + std::to_string(axis) +
                   " of " + to_string(x) + ": expected " + expected);
}

/// The axis, once it is known that both have as many.
std::size_t checked_axis(OpName op, const Shape& x, const Shape& indices, std::ptrdiff_t axis) {
  const std::size_t at = normalize_axis(op.text(), x, axis);
  if (indices.size() != x.size())
    fail_shapes(op, x, indices, axis, std::to_string(x.size()) + " axes, as many as it has");
  return at;
}

Shape without(Shape shape, std::size_t axis) {
  shape[axis] = 1;
  return shape;
}

/// Where in an array of shape `x` the indices point to along an axis, the other coordinates being their own;
/// 0 where the array has but one element. ValueError for an index out of range.
Places places_of(OpName op, const Shape& x, Integers indices, std::size_t axis) {
  const Shape shape = shape_of(indices);
  std::vector<std::ptrdiff_t> steps = steps_of(x);
  for (std::size_t d = 0; d < x.size(); ++d)
    if (d != axis && x[d] == 1) steps[d] = 0;
  const auto extent = static_cast<std::int64_t>(x[axis]);
  std::vector<std::size_t> at(shape.size(), 0);
  std::int64_t start = 0;  // of the coordinates other than the index
  for (std::int64_t& index : indices) {
    if (index < -extent || index >= extent)
      throw ValueError(
          op.tag() + "index " + std::to_string(index) + " along axis " + std::to_string(axis) + " of " +
          to_string(x) + ": expected " +
          (extent == 0 ? "none" : std::to_string(-extent) + " to " + std::to_string(extent - 1)));
    index = start + (index < 0 ? index + extent : index) * steps[axis];
    for (std::size_t d = shape.size(); d-- > 0; at[d] = 0) {
      const std::ptrdiff_t step = d == axis ? 0 : steps[d];
      start += step;
      if (++at[d] < shape[d]) break;
      start -= step * static_cast<std::ptrdiff_t>(shape[d]);
    }
  }
  // The rows before the axis do not meet, unless one element stands for several.
  const bool is_stretched = without(x, axis) != without(shape, axis);
  const std::size_t groups = is_stretched ? 1 : kernels::around_axis(shape, axis).outer;
  return {std::move(indices), groups};
}

std::shared_ptr<const Places> shared(Places places) {
  return std::make_shared<const Places>(std::move(places));
}

template <class T>
Tensor<T> pick(OpName op, const Tensor<T>& x, Places places) {
  const Shape to = shape_of(places.at);
  return record_linear(Picking{.op = op, .from = x.shape(), .to = to, .places = shared(std::move(places))},
                       x);
}

/// PyTorch's rule: nothing is broadcast, and what is beyond the indices is left out.
std::size_t checked_within(OpName op, const Shape& x, const Shape& indices, std::ptrdiff_t axis) {
  const std::size_t at = checked_axis(op, x, indices, axis);
  for (std::size_t d = 0; d < x.size(); ++d)
    if (d != at && indices[d] > x[d])
      fail_shapes(op, x, indices, axis, "at most its extents along the other axes");
  return at;
}

/// dx = g; dsrc is picked from it.
struct ScatterAddVjp {
  Picking picking;

  template <class T, class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    dx[1].write(picking.to, [&](T* out, bool adds) { picking.apply(g->array.data(), out, adds); });
    dx[0].add(g);
  }
  template <class T>
  void record(const GraphFlow<T>& flow) const {
    flow[0].add(flow.g);
    if (flow[1]) flow[1].add(record_linear(picking, flow.g));
  }
};

}  // namespace

template <class T>
Tensor<T> take_along(const Tensor<T>& x, Integers indices, std::ptrdiff_t axis) {
  constexpr OpName op = OpName::take_along_axis;
  const Shape from = x.shape(), given = shape_of(indices);
  const std::size_t at = checked_axis(op, from, given, axis);
  Shape to = broadcast_shapes(op.text(), without(from, at), without(given, at));
  to[at] = given[at];
  count(to, op.text());
  if (given != to) indices = Integers(xt::broadcast(indices, to));
  return pick(op, x, places_of(op, from, std::move(indices), at));
}

template <class T>
Tensor<T> gather_integers(const Tensor<T>& x, Integers indices, std::ptrdiff_t axis) {
  constexpr OpName op = OpName::gather;
  const std::size_t at = checked_within(op, x.shape(), shape_of(indices), axis);
  return pick(op, x, places_of(op, x.shape(), std::move(indices), at));
}

template <class T>
Tensor<T> scatter_add_integers(const Tensor<T>& x, Integers indices, const Tensor<T>& src,
                               std::ptrdiff_t axis) {
  constexpr OpName op = OpName::scatter_add;
  const Shape to = x.shape(), from = shape_of(indices);
  const std::size_t at = checked_within(op, to, from, axis);
  if (broadcast_shapes(op.text(), src.shape(), from) != from)
    throw ShapeError(op.tag() + "src of " + to_string(src.shape()) + " for indices of " + to_string(from) +
                     ": expected their shape, or one that is broadcast to it");
  const Putting putting{
      .op = op, .from = from, .to = to, .places = shared(places_of(op, to, std::move(indices), at))};
  Ref<Value<T>> y = make_value(Array<T>(x.value()));
  putting.apply(stretched(src, from).data(), y->array.data(), true);
  return record(op, std::move(y), std::array<Ref<Node>, 2>{x.node(), src.node()},
                ScatterAddVjp{putting.transposed()});
}

template <class T>
Tensor<T> select_by(const Tensor<T>& x, const Array<bool>& mask) {
  constexpr OpName op = OpName::mask_select;
  const Shape shape = x.shape();
  if (broadcast_shapes(op.text(), shape_of(mask), shape) != shape)
    throw ShapeError(op.tag() + "a mask of " + to_string(shape_of(mask)) + " for " + to_string(shape) +
                     ": expected this shape, or one that is broadcast to it");
  Array<bool> all = empty_array<bool>(shape);
  kernels::broadcast_copy(mask.data(), shape_of(mask), all.data(), shape);
  const auto selected = static_cast<std::size_t>(std::count(all.begin(), all.end(), true));
  Integers at = empty_array<std::int64_t>({selected});
  for (std::size_t i = 0, next = 0; next < selected; ++i) {
    at.data()[next] = static_cast<std::int64_t>(i);  // overwritten by the next unless it is selected
    next += all.data()[i] ? 1 : 0;
  }
  return pick(op, x, {std::move(at), selected});
}

template <class T>
Tensor<T> one_hot_rows(const Integers& labels, std::size_t classes) {
  Shape shape = shape_of(labels);
  shape.push_back(classes);
  count(shape, "one_hot");
  const auto is_wrong = [&](std::int64_t label) {
    return label < 0 || static_cast<std::uint64_t>(label) >= classes;
  };
  const auto wrong = std::find_if(labels.begin(), labels.end(), is_wrong);
  if (wrong != labels.end())
    throw ValueError("[one_hot] label " + std::to_string(*wrong) + " of " + std::to_string(classes) +
                     " classes: expected " + (classes == 0 ? "none" : "0 to " + std::to_string(classes - 1)));
  Array<T> rows = full_array<T>(shape, T(0));
  for (std::size_t i = 0; i < labels.size(); ++i)
    rows.data()[i * classes + static_cast<std::size_t>(labels.data()[i])] = T(1);
  return Tensor<T>(std::move(rows));
}

#define GRADUS_INSTANTIATE(T)                                                                            \
  template Tensor<T> take_along(const Tensor<T>&, Integers, std::ptrdiff_t);                             \
  template Tensor<T> gather_integers(const Tensor<T>&, Integers, std::ptrdiff_t);                        \
  template Tensor<T> scatter_add_integers(const Tensor<T>&, Integers, const Tensor<T>&, std::ptrdiff_t); \
  template Tensor<T> select_by(const Tensor<T>&, const Array<bool>&);                                    \
  template Tensor<T> one_hot_rows(const Integers&, std::size_t);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::detail
