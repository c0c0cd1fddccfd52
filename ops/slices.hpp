#pragma once

#include <vector>

#include <gradus/ops/axes.hpp>
#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/maps.hpp>

namespace gradus::detail {

/// How a reduction sees an array: as slices along the middle axis of (outer, n, inner). Where the reduced
/// axes are no neighbours, the array is permuted first.
class Slices {
 public:
  kernels::ReduceShape shape{1, 1, 1};
  Shape result;  ///< the shape after reducing
  Shape axes;    ///< those that are reduced, in order

  /// ShapeError for an axis out of range or given twice.
  Slices(OpName op, const Shape& x, const Axes& axes, bool keepdims);

  /// The array, the elements of each slice brought together.
  template <class T>
  Tensor<T> arrange(const Tensor<T>& x) const {
    Ref<Value<T>> room;
    arrange(x.data(), room);
    return room ? Tensor<T>(std::move(room), nullptr) : x;
  }
  /// The same for the elements at `x`, of which `room` is made where they do not lie so already.
  template <class T>
  const T* arrange(const T* x, Ref<Value<T>>& room) const {
    if (order_.empty()) return x;
    room = empty_value<T>(arranged_shape());
    kernels::permute(x, original_, order_, room->array.data(), false);
    return room->array.data();
  }

  /// The same as a step of the graph.
  template <class T>
  Tensor<T> arrange_step(const Tensor<T>& x) const {
    return order_.empty() ? x : record_linear(Permutation(original_, order_), x);
  }

  /// What arrange() was given.
  template <class T>
  Ref<Value<T>> restore(const Tensor<T>& arranged) const {
    if (order_.empty()) return arranged.shared_value();
    Ref<Value<T>> x = empty_value<T>(original_);
    kernels::permute(arranged.data(), arranged_shape(), inverse(order_), x->array.data(), false);
    return x;
  }

  /// Lets `write_into(out, accumulate)` write an array that lies as arrange() puts it, to be added to (or to
  /// become) `gx`, which lies as it was.
  template <class T, class Write>
  void write(T* gx, bool accumulate, const Write& write_into) const {
    if (order_.empty()) return write_into(gx, accumulate);
    const Shape from = arranged_shape();
    Array<T> arranged = empty_array<T>(from);
    write_into(arranged.data(), false);
    kernels::permute(arranged.data(), from, inverse(order_), gx, accumulate);
  }
  template <class T, class Write>
  void write(const Slot<T>& slot, const Write& write_into) const {
    slot.write([&](T* gx, bool accumulate) { write(gx, accumulate, write_into); });
  }

 private:
  void bring_together(const Shape& x, const std::vector<std::size_t>& reduced);
  Shape arranged_shape() const;

  std::vector<std::size_t> order_;  // of the axes; empty: the array as it lies
  Shape original_;                  // of the array, where it is permuted
};

struct SliceSpread;

/// factor * the sum of each slice of an array of shape `from`.
struct SliceSum {
  OpName op = OpName::sum;
  Shape from, to;
  Slices slices;
  double factor;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const;
  SliceSpread transposed() const;
};

/// factor * x, repeated along each slice.
struct SliceSpread {
  OpName op = OpName::broadcast_to;
  Shape from, to;
  Slices slices;
  double factor;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    slices.write(y, accumulate, [&](T* out, bool adds) {
      kernels::sum_backward(x, static_cast<T>(factor), out, slices.shape, adds);
    });
  }
  SliceSum transposed() const { return {.from = to, .to = from, .slices = slices, .factor = factor}; }
  Attributes attributes() const {
    return {{"map", "spread"}, {"axes", as_integers(slices.axes)}, {"factor", factor}};
  }
};

template <class T>
void SliceSum::apply(const T* x, T* y, bool accumulate) const {
  Ref<Value<T>> room, sums = empty_value<T>(to);
  kernels::sum(slices.arrange(x, room), slices.shape, sums->array.data());
  if (!accumulate) kernels::fill(y, T(0), sums->array.size());
  kernels::axpy(static_cast<T>(factor), sums->array.data(), y, sums->array.size());
}
inline SliceSpread SliceSum::transposed() const {
  return {.from = to, .to = from, .slices = slices, .factor = factor};
}

}  // namespace gradus::detail
