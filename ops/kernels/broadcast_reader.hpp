#pragma once

#include <algorithm>
#include <cstddef>

#include <gradus/core/broadcast.hpp>
#include <gradus/ops/kernels/simd_loop.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {

/// One operand of a broadcast operation, read as if it had been stretched to the result's shape: a block at a
/// time, straight from memory where it is contiguous and through a small buffer where it is repeated.
template <class T>
class BroadcastReader {
 public:
  using Stride = std::size_t BroadcastPlan::Axis::*;

  BroadcastReader(const BroadcastPlan& plan, Stride stride, const T* x)
      : plan_(plan), stride_(stride), x_(x) {
    const auto& axes = plan.axes;
    if (x == nullptr || axes.size() > 1) return;
    contiguous_ = axes[0].*stride == 1;
    constant_ = !contiguous_;
    if (constant_) std::fill_n(buffer_, std::min(plan.size, block_size), *x);
  }

  /// The elements [begin, end) of the stretched operand, at most block_size; valid until the next call. Null
  /// for a null operand.
  const T* block(std::size_t begin, std::size_t end) {
    if (x_ == nullptr) return nullptr;
    if (contiguous_) return x_ + begin;
    if (!constant_) copy(begin, end, buffer_);
    return buffer_;
  }

  /// Writes the elements [begin, end) of the stretched operand to `to`.
  void copy(std::size_t begin, std::size_t end, T* to) const {
    const BroadcastPlan::Axis& inner = plan_.inner();
    std::size_t row = begin / inner.extent, column = begin % inner.extent;
    for (T* const last = to + (end - begin); to < last; ++row, column = 0) {
      const std::size_t length = std::min<std::size_t>(inner.extent - column, last - to);
      const T* from = x_ + offset(row);
      if (inner.*stride_ == 0)
        std::fill_n(to, length, *from);
      else
        std::copy_n(from + column, length, to);
      to += length;
    }
  }

 private:
  /// Where run `row` along the innermost axis starts.
  std::size_t offset(std::size_t row) const {
    if (plan_.axes.size() == 1) return 0;
    std::size_t result = 0;
    for (std::size_t axis = plan_.axes.size() - 2; axis > 0; --axis) {
      result += row % plan_.axes[axis].extent * (plan_.axes[axis].*stride_);
      row /= plan_.axes[axis].extent;
    }
    return result + row * (plan_.axes[0].*stride_);
  }

  const BroadcastPlan& plan_;
  Stride stride_;
  const T* x_;
  bool contiguous_ = false, constant_ = false;
  alignas(64) T buffer_[block_size];
};

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH
