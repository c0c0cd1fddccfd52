#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/nn/optimizers/grouped.hpp>

namespace gradus::nn {

struct RMSPropOptions {
  double lr = 0.01;
  double alpha = 0.99;      ///< how much of the mean of squares a step keeps, 0 <= alpha < 1
  double epsilon = 1e-8;    ///< keeps the divisor above 0
  double momentum = 0;      ///< 0 <= momentum < 1
  bool centered = false;    ///< divides by the deviation of the gradients instead of their size
  double weight_decay = 0;  ///< a penalty of weight_decay |p|^2 / 2 in the loss
};

/// RMSProp: each element's gradient is divided by how large it has been lately. For each parameter p with
/// gradient g, where s, a and v begin at 0:
///   g = g + weight_decay p
///   s = alpha s + (1 - alpha) g^2,  a = alpha a + (1 - alpha) g
///   v = momentum v + g / (sqrt(s) + epsilon), with s - a^2 in place of s if centered
///   p = p - lr v
/// Sources: T. Tieleman, G. Hinton, "Lecture 6.5: RMSProp" (2012); centered: A. Graves, "Generating sequences
/// with recurrent neural networks" (2013), equations 38 to 45; the form is PyTorch's.
template <class T>
class RMSProp final : public GroupedOptimizer<T, RMSPropOptions> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, unless lr and epsilon
  /// are positive and finite, unless 0 <= alpha, momentum < 1, or unless weight_decay is finite and not
  /// negative.
  explicit RMSProp(std::vector<Tensor<T>> parameters, const RMSPropOptions& options = {});

 private:
  using Base = GroupedOptimizer<T, RMSPropOptions>;

  void check(const RMSPropOptions& options) const override;
  typename Base::Layout layout(const RMSPropOptions& options) const override;
  void update(const RMSPropOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
              typename Base::Memory& memory) const override;
};

template <class T>
RMSProp(std::initializer_list<Tensor<T>>, const RMSPropOptions& = {}) -> RMSProp<T>;

extern template class RMSProp<float>;
extern template class RMSProp<double>;

}  // namespace gradus::nn
