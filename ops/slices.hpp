#pragma once

#include <vector>

#include <gradus/ops/axes.hpp>
#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/step.hpp>

namespace gradus::detail {

/// How a reduction sees an array: as slices along the middle axis of (outer, n, inner). Where the reduced
/// axes are no neighbours, the array is permuted first.
class Slices {
 public:
  kernels::ReduceShape shape{1, 1, 1};
  Shape result;  ///< the shape after reducing

  /// ShapeError for an axis out of range or given twice.
  Slices(OpName op, const Shape& x, const Axes& axes, bool keepdims);

  /// The array, the elements of each slice brought together.
  template <class T>
  Tensor<T> arrange(const Tensor<T>& x) const {
    if (order_.empty()) return x;
    Array<T> arranged = empty_array<T>(arranged_shape());
    kernels::permute(x.data(), original_, order_, arranged.data(), false);
    return Tensor<T>(std::move(arranged));
  }

  /// slot.write for a gradient that lies as arrange() puts it.
  template <class T, class Write>
  void write(const Slot<T>& slot, const Write& write_into) const {
    if (order_.empty()) return slot.write(write_into);
    const Shape from = arranged_shape();
    Array<T> arranged = empty_array<T>(from);
    write_into(arranged.data(), false);
    slot.write([&](T* gx, bool accumulate) {
      kernels::permute(arranged.data(), from, inverse(order_), gx, accumulate);
    });
  }

 private:
  void bring_together(const Shape& x, const std::vector<std::size_t>& reduced);
  Shape arranged_shape() const;

  std::vector<std::size_t> order_;  // of the axes; empty: the array as it lies
  Shape original_;                  // of the array, where it is permuted
};

}  // namespace gradus::detail
