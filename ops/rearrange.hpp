#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <gradus/ops/axes.hpp>

/// Ops that turn, move, surround and repeat an array, under NumPy's names and by NumPy's rules. Each call is
/// one step; the gradient is moved back the same way, and summed over what was repeated. ShapeError for axes
/// out of range or given twice. (Overloads for the ways to write an argument: see GRADUS_AXES_FORMS.)
namespace gradus {

/// The elements in the opposite order along the axes given; without any, along all.
template <class T>
Tensor<T> flip(Tensor<T> x, const Axes& axes = {});
GRADUS_AXES_FORMS(flip)

/// The elements moved on by `shifts[i]` places along axis axes[i], those that leave at the end coming in at
/// the beginning. One shift may serve all axes. ShapeError for other numbers of shifts and axes.
template <class T>
Tensor<T> roll(const Tensor<T>& x, const IntList& shifts, const IntList& axes);
template <class T, std::integral I>
Tensor<T> roll(Tensor<T> x, I shift, std::ptrdiff_t axis) {
  return roll(x, IntList(shift), IntList(axis));
}
/// The same in row-major order, over the ends of the axes: y_((i + shift) mod n) = x_i.
template <class T>
Tensor<T> roll(Tensor<T> x, std::ptrdiff_t shift);

/// Something for each side of each axis: the same everywhere, the same before and behind every axis, or
/// {before, behind} for each axis (for one: for all).
template <class N>
class Sides {
 public:
  using Pair = std::pair<N, N>;

  Sides(N everywhere) : sides_{{everywhere, everywhere}} {}
  Sides(N before, N behind) : sides_{{before, behind}} {}
  Sides(std::initializer_list<Pair> sides) : sides_(sides) {}
  Sides(std::vector<Pair> sides) : sides_(std::move(sides)) {}

  /// For so many axes. ShapeError, naming the op, where there are others.
  std::vector<Pair> of_axes(const char* op, const Shape& shape) const;

 private:
  std::vector<Pair> sides_;
};
using PadWidths = Sides<std::ptrdiff_t>;
using PadValues = Sides<double>;

/// x with constants around it: so many before and behind each axis. Where the sides of two axes meet, the
/// value is that of the later axis. pad(x, 1), pad(x, {1, 2}), pad(x, {{0, 0}, {1, 2}}, -1). ShapeError for
/// negative widths and for another number of pairs than axes.
template <class T>
Tensor<T> pad_sides(const Tensor<T>& x, const PadWidths& widths, const PadValues& values);
template <class T>
Tensor<T> pad(Tensor<T> x, const PadWidths& widths, const PadValues& values = 0) {
  return pad_sides(x, widths, values);
}
template <class T, std::integral I>
Tensor<T> pad(Tensor<T> x, I width, const PadValues& values = 0) {
  return pad_sides(x, PadWidths(static_cast<std::ptrdiff_t>(width)), values);
}

/// x repeated as a whole: reps[d] times along axis d. Missing axes or repetitions are taken for 1, from the
/// first axis on. ShapeError for a negative number.
template <class T>
Tensor<T> tile(const Tensor<T>& x, const IntList& reps);
template <class T, std::integral I>
Tensor<T> tile(Tensor<T> x, I reps) {
  return tile(x, IntList(reps));
}
template <class T, std::integral I>
Tensor<T> tile(Tensor<T> x, std::initializer_list<I> reps) {
  return tile(x, IntList(reps));
}

/// Each element along an axis repeated so many times: one number, or one for each element of the axis.
/// ShapeError for another number of them, ValueError for a negative one.
template <class T>
Tensor<T> repeat(const Tensor<T>& x, const IntList& repeats, std::ptrdiff_t axis);
template <class T, std::integral I>
Tensor<T> repeat(Tensor<T> x, I repeats, std::ptrdiff_t axis) {
  return repeat(x, IntList(repeats), axis);
}
template <class T, std::integral I>
Tensor<T> repeat(Tensor<T> x, std::initializer_list<I> repeats, std::ptrdiff_t axis) {
  return repeat(x, IntList(repeats), axis);
}
/// The same of all elements in row-major order: the result has one axis.
template <class T>
Tensor<T> repeat(const Tensor<T>& x, const IntList& repeats);
template <class T, std::integral I>
Tensor<T> repeat(Tensor<T> x, I repeats) {
  return repeat(x, IntList(repeats));
}

}  // namespace gradus
