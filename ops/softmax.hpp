#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

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

  /// As the options of a loss that can be told more.
  template <class Options>
  requires requires(Options options) { options.reduction = Reduction::mean; }
  operator Options() const {
    Options options;
    options.reduction = reduction;
    return options;
  }
};

/// What losses of classes can be told. Of what weights and ignored rows the mean is, stands with the loss.
struct ClassLossOptions {
  Reduction reduction = Reduction::mean;
  std::vector<double> class_weights = {};         ///< one for each class, 0 or above; empty: all are 1
  std::optional<std::int64_t> ignore_index = {};  ///< the label of rows that do not count
};

struct CrossEntropyOptions {
  Reduction reduction = Reduction::mean;
  double label_smoothing = 0;                     ///< s, from 0 to 1: targets become (1 - s) t + s / classes
  std::vector<double> class_weights = {};         ///< one for each class, 0 or above; empty: all are 1
  std::optional<std::int64_t> ignore_index = {};  ///< the label of rows that do not count

  bool is_plain() const { return label_smoothing == 0 && class_weights.empty() && !ignore_index; }
};

namespace detail {

template <class T>
Tensor<T> cross_entropy_of_labels(const Tensor<T>& logits, Integers labels, Reduction reduction);
template <class T>
Tensor<T> cross_entropy_of_rows(const Tensor<T>& logits, const Tensor<T>& rows, Reduction reduction);
template <class T>
Tensor<T> cross_entropy_of_labels(const Tensor<T>& logits, const Integers& labels,
                                  const CrossEntropyOptions& options);
template <class T>
Tensor<T> cross_entropy_of_rows(const Tensor<T>& logits, const Tensor<T>& rows,
                                const CrossEntropyOptions& options);

}  // namespace detail

/// Cross-entropy of softmax(z) for logits z (batch, classes), from z itself, against class indices (batch),
/// an array of any integral type, or rows of probabilities (batch, classes), an array or a tensor:
///   loss_r = ln sum_j e^(z_rj) - z_r,label(r)   or   sum_j t_rj (ln sum_k e^(z_rk) - z_rj)
/// The result is the mean over the batch, of shape (), unless told otherwise; dz = g (softmax(z) - t) /
/// batch, t being 1 at the label and 0 elsewhere. Rows of probabilities receive a gradient too. ShapeError
/// when shapes do not fit, ValueError for a label that is none of the classes.
///
/// With options, as PyTorch has them: each term of the sum over classes is multiplied by the weight of its
/// class,
///   loss_r = sum_j w_j t'_rj (ln sum_k e^(z_rk) - z_rj),   t' = (1 - s) t + s / classes
/// and is 0 for rows with the label that is ignored. The mean is that of the rows, sum_r loss_r / batch; but
/// for labels it is sum_r loss_r / sum_r w_label(r), over the rows that count: where these weigh nothing in
/// all, the mean is NaN and the gradient 0. ValueError for weights that are not as many as classes, or not
/// finite and 0 or above, for a smoothing outside [0, 1], and for rows of probabilities with an ignored
/// label.
template <class Logits, class Targets>
requires TensorOperands<Logits, Targets>
auto cross_entropy(const Logits& logits, const Targets& targets, const CrossEntropyOptions& options = {}) {
  using T = element_type_of<Logits, Targets>;
  constexpr detail::OpName op = detail::OpName::cross_entropy;
  detail::check_threads(op.text(), logits, targets);
  const Tensor<T> z = as_tensor<T>(logits);
  if constexpr (IntegralArray<Targets>) {
    if (targets.dimension() != 2) {
      detail::Integers labels = detail::as_integers(op.text(), targets);
      return options.is_plain() ? detail::cross_entropy_of_labels(z, std::move(labels), options.reduction)
                                : detail::cross_entropy_of_labels(z, labels, options);
    }
  }
  return options.is_plain() ? detail::cross_entropy_of_rows(z, as_tensor<T>(targets), options.reduction)
                            : detail::cross_entropy_of_rows(z, as_tensor<T>(targets), options);
}

}  // namespace gradus
