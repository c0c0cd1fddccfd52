#pragma once

#include <gradus/nn/losses/reduction.hpp>
#include <gradus/ops/operands.hpp>

/// Losses of several classes against class indices, arrays of any integral type.
namespace gradus::nn {

using gradus::cross_entropy;
using gradus::CrossEntropyOptions;

struct MultiMarginOptions {
  Reduction reduction = Reduction::mean;
  double margin = 1;
  bool squared = false;           ///< each max(0, ..) is squared, as in L2-SVMs
  bool averages_classes = false;  ///< divides by the number of classes, as PyTorch does
};

namespace detail {

template <class T>
Tensor<T> nll_of_labels(const Tensor<T>& log_probabilities, const gradus::detail::Integers& labels,
                        const ClassLossOptions& options);
template <class T>
Tensor<T> multi_margin_of_labels(const Tensor<T>& scores, const gradus::detail::Integers& labels,
                                 const MultiMarginOptions& options);

}  // namespace detail

/// The negative log-likelihood, from logarithms of probabilities y (batch, classes), such as log_softmax
/// gives:
///   loss_r = -w_label(r) y_r,label(r)
/// 0 for rows with the label that is ignored. Their mean is sum_r loss_r / sum_r w_label(r) over the rows
/// that count; where these weigh nothing in all, it is NaN and the gradient 0. Together with log_softmax it
/// is cross_entropy, which is the faster one. ShapeError when shapes do not fit, ValueError for a label that
/// is none of the classes, and for weights that are not as many as classes, or not finite and 0 or above.
template <class T, IndexArray Labels>
Tensor<T> nll_loss(const Tensor<T>& y, const Labels& labels, const ClassLossOptions& options = {}) {
  return detail::nll_of_labels(y, gradus::detail::as_integers("nll_loss", labels), options);
}

/// The multiclass support vector machine, from scores s (batch, classes):
///   loss_r = sum_(j != label) max(0, s_rj - s_r,label + margin)
/// summed over the classes, as CS231n has it ("Linear classification: SVM"), where PyTorch divides by their
/// number; their mean is that of the rows. The derivative is 0 at the kinks. ShapeError when shapes do not
/// fit, ValueError for a label that is none of the classes, and a margin that is not finite and above 0.
/// Source: J. Weston, C. Watkins, "Multi-class support vector machines" (1998).
template <class T, IndexArray Labels>
Tensor<T> multi_margin_loss(const Tensor<T>& scores, const Labels& labels, MultiMarginOptions options = {}) {
  return detail::multi_margin_of_labels(scores, gradus::detail::as_integers("multi_margin_loss", labels),
                                        options);
}

}  // namespace gradus::nn
