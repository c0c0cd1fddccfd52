#pragma once

#include <cstddef>
#include <initializer_list>
#include <vector>

#include <gradus/nn/optimizers/optimizer.hpp>

namespace gradus::nn {

struct AdamOptions {
  double lr = 1e-3;
  double beta1 = 0.9;     ///< how much of the mean of gradients a step keeps, 0 <= beta1 < 1
  double beta2 = 0.999;   ///< how much of the mean of their squares a step keeps, 0 <= beta2 < 1
  double epsilon = 1e-8;  ///< keeps the divisor above 0
};

/// Adam: gradient descent whose rate adapts to every element. For each parameter p with gradient g, at the
/// t-th update of that parameter, where m and v begin at 0:
///   m = beta1 m + (1 - beta1) g,    v = beta2 v + (1 - beta2) g^2
///   p = p - lr m' / (sqrt(v') + epsilon),  with m' = m / (1 - beta1^t),  v' = v / (1 - beta2^t)
/// so that the bias of m and v towards their beginning is corrected.
/// Source: D. P. Kingma, J. L. Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.
template <class T>
class Adam final : public Optimizer<T> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, unless lr and epsilon
  /// are positive and finite (epsilon as a number of type T), or unless 0 <= beta1, beta2 < 1.
  explicit Adam(std::vector<Tensor<T>> parameters, const AdamOptions& options = {});

  double beta1() const { return options_.beta1; }
  double beta2() const { return options_.beta2; }
  double epsilon() const { return options_.epsilon; }

 private:
  struct Moments {
    Array<T> first, second;
    std::size_t updates = 0;
  };

  void check_beta(const char* option, double beta) const;
  void update(std::size_t index, Array<T>& value, const Array<T>& gradient, double lr) override;

  AdamOptions options_;
  std::vector<Moments> moments_;  // of each parameter
};

template <class T>
Adam(std::initializer_list<Tensor<T>>, const AdamOptions& = {}) -> Adam<T>;

extern template class Adam<float>;
extern template class Adam<double>;

}  // namespace gradus::nn
