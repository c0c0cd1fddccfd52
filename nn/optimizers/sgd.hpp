#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/nn/optimizers/grouped.hpp>

namespace gradus::nn {

struct SGDOptions {
  double lr = 0.01;
  double momentum = 0;    ///< 0 <= momentum < 1
  double dampening = 0;   ///< 0 <= dampening < 1: how much of a gradient the velocity leaves out
  bool nesterov = false;  ///< needs momentum, and no dampening
  double weight_decay = 0;
  bool maximize = false;  ///< goes up the gradient
};

/// Stochastic gradient descent with momentum, for each parameter p with gradient g (-g when maximizing):
///   g = g + weight_decay p,  v = momentum v + (1 - dampening) g,  p = p - lr v
/// where v is g at the first update; with nesterov p = p - lr (g + momentum v).
/// Sources: B. T. Polyak, "Some methods of speeding up the convergence of iteration methods" (1964);
/// I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum in deep
/// learning" (2013) for Nesterov's; both with the learning rate outside of v, as in PyTorch.
template <class T>
class SGD final : public GroupedOptimizer<T, SGDOptions> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, or when an option is
  /// not what its comment says; lr must be positive and finite, weight_decay finite and not negative.
  explicit SGD(std::vector<Tensor<T>> parameters, const SGDOptions& options = {});

  double momentum() const { return this->options().momentum; }

 private:
  using Base = GroupedOptimizer<T, SGDOptions>;

  void check(const SGDOptions& options) const override;
  typename Base::Layout layout(const SGDOptions& options) const override;
  void update(const SGDOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
              typename Base::Memory& memory) const override;
};

template <class T>
SGD(std::initializer_list<Tensor<T>>, const SGDOptions& = {}) -> SGD<T>;

extern template class SGD<float>;
extern template class SGD<double>;

}  // namespace gradus::nn
