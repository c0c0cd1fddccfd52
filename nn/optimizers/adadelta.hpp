#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/nn/optimizers/grouped.hpp>

namespace gradus::nn {

struct AdadeltaOptions {
  double lr = 1;
  double rho = 0.9;         ///< how much of the means of squares a step keeps, 0 <= rho < 1
  double epsilon = 1e-6;    ///< lets it begin, and keeps the divisor above 0
  double weight_decay = 0;  ///< a penalty of weight_decay |p|^2 / 2 in the loss
};

/// Adadelta: the rate of every element is how far it has moved lately over how large its gradient has been.
/// For each parameter p with gradient g, where s and u begin at 0:
///   g = g + weight_decay p
///   s = rho s + (1 - rho) g^2,  d = sqrt(u + epsilon) / sqrt(s + epsilon) g,  u = rho u + (1 - rho) d^2
///   p = p - lr d
/// Source: M. D. Zeiler, "ADADELTA: an adaptive learning rate method" (2012), algorithm 1, where lr is 1.
template <class T>
class Adadelta final : public GroupedOptimizer<T, AdadeltaOptions> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, unless lr and epsilon
  /// are positive and finite, unless 0 <= rho < 1, or unless weight_decay is finite and not negative.
  explicit Adadelta(std::vector<Tensor<T>> parameters, const AdadeltaOptions& options = {});

 private:
  using Base = GroupedOptimizer<T, AdadeltaOptions>;

  void check(const AdadeltaOptions& options) const override;
  typename Base::Layout layout(const AdadeltaOptions& options) const override;
  void update(const AdadeltaOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
              typename Base::Memory& memory) const override;
};

template <class T>
Adadelta(std::initializer_list<Tensor<T>>, const AdadeltaOptions& = {}) -> Adadelta<T>;

extern template class Adadelta<float>;
extern template class Adadelta<double>;

}  // namespace gradus::nn
