#pragma once

#include <type_traits>

#include <gradus/core/tensor.hpp>
#include <gradus/ops/softmax.hpp>

/// What losses have in common. Predictions and targets may both lead to variables; targets may be arrays. The
/// result is the mean of the terms, of shape (), or what the options ask for. Shapes must be the same:
/// nothing is broadcast, so that (n, 1) against (n) is a ShapeError and no (n, n) in disguise. The mean of no
/// terms is NaN.
namespace gradus::nn {

using gradus::ClassLossOptions;
using gradus::LossOptions;
using gradus::Reduction;

/// A target as a tensor of the prediction's element type; arrays convert.
template <class T>
using Target = std::type_identity_t<Tensor<T>>;

namespace detail {

/// ShapeError, naming the loss, unless both shapes are the same.
void check_same_shape(const char* loss, const Shape& prediction, const Shape& target);

/// ValueError, naming the loss, unless every target is -1 or 1.
template <class T>
void check_signs(const char* loss, const Tensor<T>& targets);

template <class T>
Tensor<T> reduce(const Tensor<T>& terms, Reduction reduction);

}  // namespace detail
}  // namespace gradus::nn
