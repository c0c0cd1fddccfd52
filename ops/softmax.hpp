#pragma once

#include <gradus/ops/operands.hpp>

/// Softmax and the losses made of it. Each call is one step. The largest element is taken out before any
/// exponential, so that finite logits give finite results. The axis is an int, negative ones counting from
/// the end; ShapeError when it is out of range.
/// Source: I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning" (2016), 4.1 and 6.2.2.3.
namespace gradus {

/// y_i = e^(x_i) / sum_j e^(x_j) along an axis, dx = y (g - sum_j g_j y_j)
template <class T>
Tensor<T> softmax(const Tensor<T>& x, std::ptrdiff_t axis = -1);

/// y_i = x_i - ln sum_j e^(x_j) along an axis, dx = g - e^y sum_j g_j
template <class T>
Tensor<T> log_softmax(const Tensor<T>& x, std::ptrdiff_t axis = -1);

/// What a loss makes of its terms: their mean, their sum, or an array of them all.
enum class Reduction { mean, sum, none };

/// What every loss can be told: cross_entropy(z, labels, {.reduction = Reduction::sum}).
struct LossOptions {
  Reduction reduction = Reduction::mean;
};

namespace detail {

template <class T>
Tensor<T> cross_entropy_of_labels(const Tensor<T>& logits, Integers labels, Reduction reduction);
template <class T>
Tensor<T> cross_entropy_of_rows(const Tensor<T>& logits, const Tensor<T>& rows, Reduction reduction);

}  // namespace detail

/// Cross-entropy of softmax(z) for logits z (batch, classes), from z itself, against class indices (batch),
/// an array of any integral type, or rows of probabilities (batch, classes), an array or a tensor:
///   loss_r = ln sum_j e^(z_rj) - z_r,label(r)   or   sum_j t_rj (ln sum_k e^(z_rk) - z_rj)
/// The result is the mean over the batch, of shape (), unless told otherwise; dz = g (softmax(z) - t) /
/// batch, t being 1 at the label and 0 elsewhere. Rows of probabilities receive a gradient too. ShapeError
/// when shapes do not fit, ValueError for a label that is none of the classes.
template <class Logits, class Targets>
requires TensorOperands<Logits, Targets>
auto cross_entropy(const Logits& logits, const Targets& targets, LossOptions options = {}) {
  using T = element_type_of<Logits, Targets>;
  constexpr detail::OpName op = detail::OpName::cross_entropy;
  detail::check_threads(op.text(), logits, targets);
  const Tensor<T> z = as_tensor<T>(logits);
  if constexpr (IntegralArray<Targets>) {
    if (targets.dimension() != 2)
      return detail::cross_entropy_of_labels(z, detail::as_integers(op.text(), targets), options.reduction);
  }
  return detail::cross_entropy_of_rows(z, as_tensor<T>(targets), options.reduction);
}

}  // namespace gradus
