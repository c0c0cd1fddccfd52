#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/nn/optimizers/grouped.hpp>

namespace gradus::nn {

struct NAdamOptions {
  double lr = 2e-3;
  double beta1 = 0.9;     ///< as in Adam
  double beta2 = 0.999;   ///< as in Adam
  double epsilon = 1e-8;  ///< as in Adam
  double momentum_decay =
      4e-3;                 ///< how fast the momentum rises from beta1 / 2 to beta1; finite, not negative
  double weight_decay = 0;  ///< a penalty of weight_decay |p|^2 / 2 in the loss
};

/// NAdam: Adam with Nesterov's momentum. For each parameter p with gradient g, at the t-th update of that
/// parameter, where m and v begin at 0:
///   g = g + weight_decay p,  mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2)
///   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
///   m' = mu_(t+1) m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) g / (1 - mu_1 ... mu_t)
///   p = p - lr m' / (sqrt(v / (1 - beta2^t)) + epsilon)
/// Source: T. Dozat, "Incorporating Nesterov momentum into Adam" (2016), in the form of PyTorch. (PyTorch
/// 1.13 has mu_t twice in the first product unless `foreach` is set; later versions are as written here.)
template <class T>
class NAdam final : public GroupedOptimizer<T, NAdamOptions> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, unless lr and epsilon
  /// are positive and finite, unless 0 <= beta1, beta2 < 1, or unless the other options are finite and not
  /// negative.
  explicit NAdam(std::vector<Tensor<T>> parameters, const NAdamOptions& options = {});

 private:
  using Base = GroupedOptimizer<T, NAdamOptions>;

  void check(const NAdamOptions& options) const override;
  typename Base::Layout layout(const NAdamOptions& options) const override;
  void update(const NAdamOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
              typename Base::Memory& memory) const override;
};

template <class T>
NAdam(std::initializer_list<Tensor<T>>, const NAdamOptions& = {}) -> NAdam<T>;

extern template class NAdam<float>;
extern template class NAdam<double>;

}  // namespace gradus::nn
