#include <algorithm>
#include <limits>
#include <numeric>

#include <gradus/ops/index_maps.hpp>
#include <gradus/ops/maps.hpp>
#include <gradus/ops/rearrange.hpp>

namespace gradus {
namespace detail {
namespace {

/// x moved on along every axis: a block for each way to cut each axis in two.
BlockCopies rolling(const Shape& shape, const std::vector<std::ptrdiff_t>& shifts) {
  BlockCopies map{.op = OpName::roll,
                  .from = shape,
                  .to = shape,
                  .blocks = {kernels::StridedBlock{}},
                  .covers_from = true,
                  .covers_to = true};
  const std::vector<std::ptrdiff_t> steps = steps_of(shape);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const auto extent = static_cast<std::ptrdiff_t>(shape[axis]);
    const std::ptrdiff_t step = steps[axis], rest = extent == 0 ? 0 : shifts[axis] % extent,
                         shift = rest < 0 ? rest + extent : rest;
    std::vector<kernels::StridedBlock> cut;
    for (const auto& [from, to, length] :
         {std::tuple{std::ptrdiff_t{0}, shift, extent - shift}, {extent - shift, std::ptrdiff_t{0}, shift}})
      for (kernels::StridedBlock block : map.blocks) {
        if (length == 0) continue;
        block.from += from * step;
        block.to += to * step;
        block.axes.push_back({static_cast<std::size_t>(length), step, step});
        cut.push_back(std::move(block));
      }
    map.blocks = std::move(cut);
  }
  return map;
}

/// Writes the constants on both sides of each axis, the later ones over the earlier.
template <class T>
void fill_sides(Array<T>& y, const std::vector<PadWidths::Pair>& widths,
                const std::vector<PadValues::Pair>& values) {
  const Shape& shape = shape_of(y);
  const std::vector<std::ptrdiff_t> steps = steps_of(shape);
  kernels::StridedBlock block;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) block.axes.push_back({shape[axis], 0, steps[axis]});
  const auto fill_part = [&](std::size_t axis, std::ptrdiff_t begin, std::ptrdiff_t width, double value) {
    kernels::StridedBlock part = block;
    part.to = begin * steps[axis];
    part.axes[axis].extent = static_cast<std::size_t>(width);
    const T number = static_cast<T>(value);
    kernels::copy_strided(&number, y.data(), part, false);
  };
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const auto [before, behind] = widths[axis];
    fill_part(axis, 0, before, values[axis].first);
    fill_part(axis, static_cast<std::ptrdiff_t>(shape[axis]) - behind, behind, values[axis].second);
  }
}

/// An extent that count() refuses, for one that cannot be written down.
constexpr std::size_t beyond_memory = std::numeric_limits<std::size_t>::max();

Shape padded(const Shape& from, const std::vector<PadWidths::Pair>& widths) {
  Shape to = from;
  for (std::size_t axis = 0; axis < from.size(); ++axis) {
    const auto [before, behind] = widths[axis];
    if (before < 0 || behind < 0)
      throw ShapeError(OpName::pad.tag() + to_string(from) + " with " + std::to_string(before) + " and " +
                       std::to_string(behind) + " more along axis " + std::to_string(axis) +
                       ": expected 0 or more");
    std::size_t& extent = to[axis];
    if (__builtin_add_overflow(extent, static_cast<std::size_t>(before), &extent) ||
        __builtin_add_overflow(extent, static_cast<std::size_t>(behind), &extent))
      extent = beyond_memory;
  }
  count(to, OpName::pad.text());
  return to;
}

/// x, seen under a shape with axes of extent 1, stretched along them.
template <class T>
Tensor<T> repeated(OpName op, const Tensor<T>& x, const Shape& seen, const Shape& stretched,
                   const Shape& to) {
  count(to, op.text());
  return record_linear(Reshaped<Stretching>{op, x.shape(), to, {.op = op, .from = seen, .to = stretched}}, x);
}

void check_repeats(const Shape& shape, const IntList& repeats, std::size_t expected) {
  const std::size_t given = repeats.values().size();
  if (given != 1 && given != expected)
    throw ShapeError(OpName::repeat.tag() + to_string(shape) + " by " + repeats.text() + ": expected 1 or " +
                     std::to_string(expected) + " numbers");
  for (const std::ptrdiff_t times : repeats.values())
    if (times < 0)
      throw ValueError(OpName::repeat.tag() + to_string(shape) + " by " + repeats.text() +
                       ": expected 0 or more");
}

/// x, seen around an axis, each of its rows repeated; `to` is given the new extent there.
template <class T>
Tensor<T> repeat_rows(const Tensor<T>& x, const kernels::ReduceShape& seen, const IntList& repeats, Shape to,
                      std::size_t axis) {
  const std::vector<std::ptrdiff_t>& times = repeats.values();
  if (times.size() == 1) {
    const auto each = static_cast<std::size_t>(times[0]);
    to[axis] = count({seen.n, each}, OpName::repeat.text());
    return repeated(OpName::repeat, x, {seen.outer, seen.n, 1, seen.inner},
                    {seen.outer, seen.n, each, seen.inner}, to);
  }
  std::size_t rows = 0;
  for (const std::ptrdiff_t each : times)
    if (__builtin_add_overflow(rows, static_cast<std::size_t>(each), &rows)) {
      rows = beyond_memory;
      break;
    }
  to[axis] = rows;
  count(to, OpName::repeat.text());
  Integers indices = empty_array<std::int64_t>({rows});
  auto place = indices.begin();
  for (std::size_t row = 0; row < seen.n; ++row)
    place = std::fill_n(place, times[row], static_cast<std::int64_t>(row));
  auto positions = std::make_shared<const Positions>(Positions{seen, std::move(indices)});
  return record_linear(Taking{.op = OpName::repeat, .from = x.shape(), .to = to, .at = std::move(positions)},
                       x);
}

}  // namespace
}  // namespace detail

using detail::OpName;

template <class T>
Tensor<T> flip(Tensor<T> x, const Axes& axes) {
  const Shape shape = x.shape();
  std::vector<detail::WindowAxis> window;
  for (const std::size_t extent : shape) window.push_back(detail::whole(extent));
  const auto turn = [&](std::size_t axis) {
    window[axis] = {static_cast<std::ptrdiff_t>(shape[axis]) - 1, -1, shape[axis]};
  };
  for (const std::size_t axis : normalize_axes(OpName::flip.text(), shape, axes.values())) turn(axis);
  if (axes.is_all())
    for (std::size_t axis = 0; axis < shape.size(); ++axis) turn(axis);
  return detail::record_linear(detail::window(OpName::flip, shape, window, shape), x);
}

template <class T>
Tensor<T> roll(const Tensor<T>& x, const IntList& shifts, const IntList& axes) {
  constexpr OpName op = OpName::roll;
  const Shape shape = x.shape();
  normalize_axes(op.text(), shape, axes.values());
  const std::size_t given = shifts.values().size(), expected = axes.values().size();
  if (given != 1 && given != expected)
    throw ShapeError(op.tag() + to_string(shape) + " by " + shifts.text() + " along axes " + axes.text() +
                     ": expected one shift, or one for each axis");
  std::vector<std::ptrdiff_t> by_axis(shape.size(), 0);
  for (std::size_t i = 0; i < expected; ++i)
    by_axis[normalize_axis(op.text(), shape, axes.values()[i])] = shifts.values()[given == 1 ? 0 : i];
  return detail::record_linear(detail::rolling(shape, by_axis), x);
}

template <class T>
Tensor<T> roll(Tensor<T> x, std::ptrdiff_t shift) {
  detail::BlockCopies map = detail::rolling({x.size()}, {shift});
  map.from = map.to = x.shape();
  return detail::record_linear(map, x);
}

template <class N>
std::vector<typename Sides<N>::Pair> Sides<N>::of_axes(const char* op, const Shape& shape) const {
  if (sides_.size() == 1) return std::vector<Pair>(shape.size(), sides_[0]);
  if (sides_.size() != shape.size())
    throw ShapeError('[' + std::string(op) + "] " + std::to_string(sides_.size()) + " pairs for " +
                     to_string(shape) + ": expected 1, or one for each axis");
  return sides_;
}

template <class T>
Tensor<T> pad_sides(const Tensor<T>& x, const PadWidths& widths, const PadValues& values) {
  constexpr OpName op = OpName::pad;
  const Shape from = x.shape();
  const std::vector<PadWidths::Pair> widths_of_axes = widths.of_axes(op.text(), from);
  const std::vector<PadValues::Pair> values_of_axes = values.of_axes(op.text(), from);
  const Shape to = detail::padded(from, widths_of_axes);
  std::vector<detail::WindowAxis> inside;
  for (std::size_t axis = 0; axis < from.size(); ++axis)
    inside.push_back({widths_of_axes[axis].first, 1, from[axis]});
  const detail::BlockCopies map = detail::window(op, to, inside, from).transposed();
  Array<T> y = empty_array<T>(to);
  detail::fill_sides(y, widths_of_axes, values_of_axes);
  kernels::copy_strided(x.data(), y.data(), map.blocks[0], false);
  return detail::record(op, std::move(y), x, detail::LinearVjp<detail::BlockCopies>{map});
}

template <class T>
Tensor<T> tile(const Tensor<T>& x, const IntList& reps) {
  constexpr OpName op = OpName::tile;
  const std::vector<std::ptrdiff_t>& times = reps.values();
  const Shape shape = x.shape();
  const std::size_t rank = std::max(shape.size(), times.size());
  Shape seen, stretched, to;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::size_t missing = rank - shape.size(), missing_times = rank - times.size(),
                      extent = axis < missing ? 1 : shape[axis - missing];
    const std::ptrdiff_t each = axis < missing_times ? 1 : times[axis - missing_times];
    if (each < 0)
      throw ShapeError(op.tag() + to_string(shape) + " by " + reps.text() + ": expected 0 or more");
    const auto copies = static_cast<std::size_t>(each);
    for (const std::size_t n : {std::size_t{1}, extent}) seen.push_back(n);
    for (const std::size_t n : {copies, extent}) stretched.push_back(n);
    to.push_back(count({copies, extent}, op.text()));
  }
  return detail::repeated(op, x, seen, stretched, to);
}

template <class T>
Tensor<T> repeat(const Tensor<T>& x, const IntList& repeats, std::ptrdiff_t axis) {
  const Shape shape = x.shape();
  const std::size_t at = normalize_axis(OpName::repeat.text(), shape, axis);
  detail::check_repeats(shape, repeats, shape[at]);
  return detail::repeat_rows(x, kernels::around_axis(shape, at), repeats, shape, at);
}

template <class T>
Tensor<T> repeat(const Tensor<T>& x, const IntList& repeats) {
  detail::check_repeats(x.shape(), repeats, x.size());
  return detail::repeat_rows(x, {1, x.size(), 1}, repeats, {x.size()}, 0);
}

template class Sides<std::ptrdiff_t>;
template class Sides<double>;
#define GRADUS_INSTANTIATE(T)                                                         \
  template Tensor<T> flip(Tensor<T>, const Axes&);                                    \
  template Tensor<T> roll(const Tensor<T>&, const IntList&, const IntList&);          \
  template Tensor<T> roll(Tensor<T>, std::ptrdiff_t);                                 \
  template Tensor<T> pad_sides(const Tensor<T>&, const PadWidths&, const PadValues&); \
  template Tensor<T> tile(const Tensor<T>&, const IntList&);                          \
  template Tensor<T> repeat(const Tensor<T>&, const IntList&, std::ptrdiff_t);        \
  template Tensor<T> repeat(const Tensor<T>&, const IntList&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
