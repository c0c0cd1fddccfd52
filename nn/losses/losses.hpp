#pragma once

#include <type_traits>

#include <gradus/core/tensor.hpp>
#include <gradus/ops/softmax.hpp>

/// Losses of predictions against targets. Both may lead to variables; targets may be arrays. The result is
/// the mean of the terms, of shape (), or what LossOptions ask for. Shapes must be the same: nothing is
/// broadcast, so that (n, 1) against (n) is a ShapeError and no (n, n) in disguise.
namespace gradus::nn {

using gradus::cross_entropy;
using gradus::LossOptions;
using gradus::Reduction;

/// A target as a tensor of the prediction's element type; arrays convert.
template <class T>
using Target = std::type_identity_t<Tensor<T>>;

/// (1/n) sum (y - t)^2 over all n elements.
template <class T>
Tensor<T> mse_loss(const Tensor<T>& y, const Target<T>& t, LossOptions options = {});

/// 1/2 sum (y - t)^2 over all elements, so that the gradient is y - t.
/// Source: C. Bishop, "Pattern Recognition and Machine Learning" (2006), formula 5.11.
template <class T>
Tensor<T> sum_squared_error(const Tensor<T>& y, const Target<T>& t);

/// -(1/n) sum (t ln p + (1 - t) ln(1 - p)) over all n elements, with probabilities p in [0, 1].
///
/// The logarithm is taken of p + tiny, tiny being the smallest normal number of T: that changes nothing but
/// what is below about 1e-30 (float), and keeps loss and gradient finite at p = 0 and 1, where a wrong
/// certainty costs 87 (float) or 708 (double). A p outside of [0, 1] gives NaN. Where p is a sigmoid, give
/// its argument to binary_cross_entropy_with_logits() instead, which loses nothing.
template <class T>
Tensor<T> binary_cross_entropy(const Tensor<T>& p, const Target<T>& t, LossOptions options = {});

/// The same with p = sigmoid(z), from z itself: (1/n) sum (t softplus(-z) + (1 - t) softplus(z)), accurate
/// for every finite z.
template <class T>
Tensor<T> binary_cross_entropy_with_logits(const Tensor<T>& z, const Target<T>& t, LossOptions options = {});

}  // namespace gradus::nn
