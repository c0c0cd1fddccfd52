#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/nn/optimizers/grouped.hpp>

namespace gradus::nn {

struct AdaGradOptions {
  double lr = 0.01;
  double lr_decay = 0;             ///< finite, not negative
  double initial_accumulator = 0;  ///< where the sums of squares begin: finite, not negative
  double epsilon = 1e-10;          ///< keeps the divisor above 0
  double weight_decay = 0;         ///< a penalty of weight_decay |p|^2 / 2 in the loss
};

/// AdaGrad: a rate for every element that falls with the gradients it has seen. For each parameter p with
/// gradient g, at the t-th update of that parameter, where s begins at initial_accumulator:
///   g = g + weight_decay p,  s = s + g^2
///   p = p - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + epsilon)
/// Source: J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization" (2011), with the diagonal of the matrix alone; lr_decay is PyTorch's.
template <class T>
class AdaGrad final : public GroupedOptimizer<T, AdaGradOptions> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, unless lr and epsilon
  /// are positive and finite, or unless the other options are what their comments say.
  explicit AdaGrad(std::vector<Tensor<T>> parameters, const AdaGradOptions& options = {});

 private:
  using Base = GroupedOptimizer<T, AdaGradOptions>;

  void check(const AdaGradOptions& options) const override;
  typename Base::Layout layout(const AdaGradOptions& options) const override;
  void update(const AdaGradOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
              typename Base::Memory& memory) const override;
};

template <class T>
AdaGrad(std::initializer_list<Tensor<T>>, const AdaGradOptions& = {}) -> AdaGrad<T>;

extern template class AdaGrad<float>;
extern template class AdaGrad<double>;

}  // namespace gradus::nn
