#pragma once

#include <cstddef>
#include <cstdint>

#include <gradus/ops/kernels/reduce.hpp>

/// Softmax and its relatives along the middle axis of contiguous (outer, n, inner) arrays, for float and
/// double. The largest element is subtracted first, so finite input gives finite output. A slice holding NaN
/// or +inf, or nothing but -inf, has no softmax: it becomes NaN.
namespace gradus::kernels {

/// y_i = e^(x_i) / sum_j e^(x_j). y may be x.
template <class T>
void softmax(const T* x, T* y, ReduceShape shape) {
  dispatch<softmax<T>>(x, y, shape);
}

/// gx (+)= y (g - sum_j g_j y_j). Factors that are exactly 0 absorb. gx may be g.
template <class T>
void softmax_backward(const T* g, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  dispatch<softmax_backward<T>>(g, y, gx, shape, accumulate);
}

/// y_i = x_i - ln sum_j e^(x_j). y may be x.
template <class T>
void log_softmax(const T* x, T* y, ReduceShape shape) {
  dispatch<log_softmax<T>>(x, y, shape);
}

/// gx (+)= g - e^y sum_j g_j. Where that sum is exactly 0 it absorbs. gx may be g.
template <class T>
void log_softmax_backward(const T* g, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  dispatch<log_softmax_backward<T>>(g, y, gx, shape, accumulate);
}

/// Cross-entropy of softmax on rows of logits z (rows, classes) against class indices in [0, classes):
///   loss_r = ln sum_j e^(z_rj) - z_r,label(r)
/// `scales` (2, rows) keeps what the gradient needs of each row: top = max_j z_rj, and sum_j e^(z_rj - top).
/// To read z and raise e to it again is faster than to write the softmax and to read that.
template <class T>
void cross_entropy(const T* z, const std::int64_t* labels, T* loss, T* scales, std::size_t rows,
                   std::size_t classes) {
  dispatch<cross_entropy<T>>(z, labels, loss, scales, rows, classes);
}

/// gz (+)= factor g_r (softmax - onehot(label)); g holds one number per row, or is null for 1. factor * g_r =
/// 0 absorbs. gz may be z.
template <class T>
void cross_entropy_backward(const T* g, T factor, const T* z, const T* scales, const std::int64_t* labels,
                            T* gz, std::size_t rows, std::size_t classes, bool accumulate) {
  dispatch<cross_entropy_backward<T>>(g, factor, z, scales, labels, gz, rows, classes, accumulate);
}

/// The same against rows of probabilities t (rows, classes):
///   loss_r = sum_j t_rj (ln sum_k e^(z_rk) - z_rj), where t = 0 absorbs
template <class T>
void cross_entropy_rows(const T* z, const T* t, T* loss, T* scales, std::size_t rows, std::size_t classes) {
  dispatch<cross_entropy_rows<T>>(z, t, loss, scales, rows, classes);
}

/// gz (+)= factor g_r (softmax sum_j t_rj - t). gz may be z.
template <class T>
void cross_entropy_rows_backward(const T* g, T factor, const T* z, const T* scales, const T* t, T* gz,
                                 std::size_t rows, std::size_t classes, bool accumulate) {
  dispatch<cross_entropy_rows_backward<T>>(g, factor, z, scales, t, gz, rows, classes, accumulate);
}

/// gt (+)= factor g_r (ln sum_k e^(z_rk) - z): the gradient of the probabilities.
template <class T>
void cross_entropy_rows_backward_target(const T* g, T factor, const T* z, const T* scales, T* gt,
                                        std::size_t rows, std::size_t classes, bool accumulate) {
  dispatch<cross_entropy_rows_backward_target<T>>(g, factor, z, scales, gt, rows, classes, accumulate);
}

}  // namespace gradus::kernels
