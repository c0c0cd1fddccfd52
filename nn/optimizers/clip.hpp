#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/core/tensor.hpp>

namespace gradus::nn {

struct ClipNormOptions {
  bool error_if_nonfinite = false;  ///< a norm that is infinite or NaN is a ValueError
};

/// Scales the gradients of all parameters together so that their norm, the root of the sum of all squares, is
/// at most max_norm; returns what it was. It does not overflow before the norm itself does. Where it is
/// infinite or NaN the gradients stay as they are. Parameters without a gradient count as 0. ValueError,
/// before anything is changed, unless max_norm is positive (infinity only measures), for what is no variable,
/// and as the option says.
///
///     loss.backward();
///     const double norm = nn::clip_grad_norm(opt.parameters(), 1.0);
///     opt.step();
///
/// Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks"
/// (2013), algorithm 1.
template <class T>
double clip_grad_norm(const std::vector<Tensor<T>>& parameters, double max_norm,
                      const ClipNormOptions& options = {});

/// Brings every element of every gradient into [-limit, limit]; NaN stays. ValueError, before anything is
/// changed, unless limit is positive, and for what is no variable.
template <class T>
void clip_grad_value(const std::vector<Tensor<T>>& parameters, double limit);

template <class T>
double clip_grad_norm(std::initializer_list<Tensor<T>> parameters, double max_norm,
                      const ClipNormOptions& options = {}) {
  return clip_grad_norm(std::vector<Tensor<T>>(parameters), max_norm, options);
}
template <class T>
void clip_grad_value(std::initializer_list<Tensor<T>> parameters, double limit) {
  clip_grad_value(std::vector<Tensor<T>>(parameters), limit);
}

extern template double clip_grad_norm(const std::vector<Tensor<float>>&, double, const ClipNormOptions&);
extern template double clip_grad_norm(const std::vector<Tensor<double>>&, double, const ClipNormOptions&);
extern template void clip_grad_value(const std::vector<Tensor<float>>&, double);
extern template void clip_grad_value(const std::vector<Tensor<double>>&, double);

}  // namespace gradus::nn
