#pragma once

#include <optional>

#include <gradus/nn/losses/reduction.hpp>

/// Losses of two classes. ShapeError unless predictions and targets have the same shape.
namespace gradus::nn {

template <class T>
struct BinaryCrossEntropyOptions {
  Reduction reduction = Reduction::mean;
  std::optional<Tensor<T>> weight = {};  ///< of each term; broadcast to the shape of the predictions
};

/// -(1/n) sum (t ln p + (1 - t) ln(1 - p)) over all n elements, with probabilities p in [0, 1]. With weights
/// the terms are multiplied by them, and n stays what it is.
///
/// The logarithm is taken of p + tiny, tiny being the smallest normal number of T: that changes nothing but
/// what is below about 1e-30 (float), and keeps loss and gradient finite at p = 0 and 1, where a wrong
/// certainty costs 87 (float) or 708 (double); PyTorch stops at 100. A p outside of [0, 1] gives NaN. Where p
/// is a sigmoid, give its argument to binary_cross_entropy_with_logits() instead, which loses nothing.
/// ShapeError for weights that do not broadcast to the shape of p.
template <class T>
Tensor<T> binary_cross_entropy(const Tensor<T>& p, const Target<T>& t,
                               const std::type_identity_t<BinaryCrossEntropyOptions<T>>& options = {});

template <class T>
struct LogitsOptions {
  Reduction reduction = Reduction::mean;
  std::optional<Tensor<T>> weight = {};  ///< of each term; broadcast to the shape of the logits
  std::optional<Tensor<T>> pos_weight =
      {};  ///< of t = 1 against t = 0; broadcast likewise, so (classes) will do
};

/// The same with p = sigmoid(z), from z itself: (1/n) sum (w t softplus(-z) + (1 - t) softplus(z)), accurate
/// for every finite z; w is the pos_weight, 1 without.
template <class T>
Tensor<T> binary_cross_entropy_with_logits(const Tensor<T>& z, const Target<T>& t,
                                           const std::type_identity_t<LogitsOptions<T>>& options = {});

struct HingeOptions {
  Reduction reduction = Reduction::mean;
  double margin = 1;
};

/// (1/n) sum max(0, margin - t y), with targets t of -1 and 1: 0 where y is on the right side by the margin.
/// The derivative is 0 at the kink. ValueError for other targets, and a margin that is not finite and above
/// 0. Source: C. Cortes, V. Vapnik, "Support-vector networks" (1995).
template <class T>
Tensor<T> hinge_loss(const Tensor<T>& y, const Target<T>& t, HingeOptions options = {});

}  // namespace gradus::nn
