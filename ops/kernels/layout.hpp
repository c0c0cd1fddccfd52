#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gradus/core/dispatch.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/ops/kernels/reduce.hpp>

/// Copies that rearrange contiguous row-major arrays, for float and double. `accumulate` adds to the result
/// instead of overwriting it. Results do not overlap operands.
namespace gradus::kernels {

/// out[i_axes[0], i_axes[1], ...] (+)= x[i_0, i_1, ...]: axis d of `out` is axis axes[d] of `x`.
template <class T>
void permute(const T* x, const Shape& shape, const std::vector<std::size_t>& axes, T* out, bool accumulate) {
  dispatch<permute<T>>(x, shape, axes, out, accumulate);
}

/// out = x stretched from shape `from` to shape `to`; for bool too.
template <class T>
void broadcast_copy(const T* x, const Shape& from, T* out, const Shape& to) {
  dispatch<broadcast_copy<T>>(x, from, out, to);
}

/// `rows` runs of `length` elements, the starts of which lie from_stride and to_stride elements apart:
/// concatenation, slicing and their gradients.
template <class T>
void copy_blocks(const T* from, std::size_t from_stride, T* to, std::size_t to_stride, std::size_t rows,
                 std::size_t length, bool accumulate) {
  dispatch<copy_blocks<T>>(from, from_stride, to, to_stride, rows, length, accumulate);
}

/// y[o, k, i] = x[o, indices[k], i]: y is (outer, count, inner). Every index lies in [0, n).
template <class T>
void take(const T* x, ReduceShape shape, const std::int64_t* indices, std::size_t count, T* y) {
  dispatch<take<T>>(x, shape, indices, count, y);
}

/// gx[o, indices[k], i] += g[o, k, i], one after another, so that an index given twice counts twice.
template <class T>
void take_backward(const T* g, ReduceShape shape, const std::int64_t* indices, std::size_t count, T* gx) {
  dispatch<take_backward<T>>(g, shape, indices, count, gx);
}

/// y = mask ? a : b
template <class T>
void where(const bool* mask, const T* a, const T* b, T* y, std::size_t n) {
  dispatch<where<T>>(mask, a, b, y, n);
}

/// out (+)= g where mask == side, 0 elsewhere.
template <class T>
void where_backward(const bool* mask, bool side, const T* g, T* out, std::size_t n, bool accumulate) {
  dispatch<where_backward<T>>(mask, side, g, out, n, accumulate);
}

}  // namespace gradus::kernels
