#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/nn/optimizers/optimizer.hpp>

namespace gradus::nn {

struct SGDOptions {
  double lr = 0.01;
  double momentum = 0;  ///< 0 <= momentum < 1
};

/// Stochastic gradient descent with momentum, for each parameter p with gradient g:
///   v = momentum v + g,  p = p - lr v,  where v begins at 0
/// Source: B. T. Polyak, "Some methods of speeding up the convergence of iteration methods" (1964), with the
/// learning rate outside of v as in PyTorch.
template <class T>
class SGD final : public Optimizer<T> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, unless lr is positive
  /// and finite, or unless 0 <= momentum < 1.
  explicit SGD(std::vector<Tensor<T>> parameters, const SGDOptions& options = {});

  double momentum() const { return momentum_; }

 private:
  void update(std::size_t index, Array<T>& value, const Array<T>& gradient, double lr) override;

  double momentum_;
  std::vector<Array<T>> velocity_;  // of each parameter; none without momentum
};

template <class T>
SGD(std::initializer_list<Tensor<T>>, const SGDOptions& = {}) -> SGD<T>;

extern template class SGD<float>;
extern template class SGD<double>;

}  // namespace gradus::nn
