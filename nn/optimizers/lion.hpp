#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/nn/optimizers/grouped.hpp>

namespace gradus::nn {

struct LionOptions {
  double lr = 1e-4;
  double beta1 = 0.9;       ///< the part of the momentum in the direction, 0 <= beta1 < 1
  double beta2 = 0.99;      ///< how much of the momentum a step keeps, 0 <= beta2 < 1
  double weight_decay = 0;  ///< lr weight_decay is the part of a parameter that decays at a step
};

/// Lion: every element moves by lr, in the direction of its momentum. For each parameter p with gradient g,
/// where m begins at 0:
///   c = beta1 m + (1 - beta1) g,  p = p - lr (sign(c) + weight_decay p),  m = beta2 m + (1 - beta2) g
/// Source: X. Chen et al., "Symbolic discovery of optimization algorithms" (2023), algorithm 2.
template <class T>
class Lion final : public GroupedOptimizer<T, LionOptions> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, unless lr is
  /// positive and finite, unless 0 <= beta1, beta2 < 1, or unless weight_decay is finite and not negative.
  explicit Lion(std::vector<Tensor<T>> parameters, const LionOptions& options = {});

 private:
  using Base = GroupedOptimizer<T, LionOptions>;

  void check(const LionOptions& options) const override;
  typename Base::Layout layout(const LionOptions& options) const override;
  void update(const LionOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
              typename Base::Memory& memory) const override;
};

template <class T>
Lion(std::initializer_list<Tensor<T>>, const LionOptions& = {}) -> Lion<T>;

extern template class Lion<float>;
extern template class Lion<double>;

}  // namespace gradus::nn
