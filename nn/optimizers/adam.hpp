#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

#include <gradus/nn/optimizers/grouped.hpp>

namespace gradus::nn {

struct AdamOptions {
  static constexpr const char* optimizer = "Adam";
  static constexpr bool decoupled = false;

  double lr = 1e-3;
  double beta1 = 0.9;       ///< how much of the mean of gradients a step keeps, 0 <= beta1 < 1
  double beta2 = 0.999;     ///< how much of the mean of their squares a step keeps, 0 <= beta2 < 1
  double epsilon = 1e-8;    ///< keeps the divisor above 0
  double weight_decay = 0;  ///< a penalty of weight_decay |p|^2 / 2 in the loss
  bool amsgrad = false;     ///< AMSGrad: divides by the largest mean of squares so far
};

struct AdamWOptions {
  static constexpr const char* optimizer = "AdamW";
  static constexpr bool decoupled = true;

  double lr = 1e-3;
  double beta1 = 0.9;          ///< as in Adam
  double beta2 = 0.999;        ///< as in Adam
  double epsilon = 1e-8;       ///< as in Adam
  double weight_decay = 0.01;  ///< lr weight_decay is the part of a parameter that decays at a step
  bool amsgrad = false;        ///< as in Adam
};

namespace detail {

/// Adam and AdamW.
template <class T, class Options>
class AdamFamily : public GroupedOptimizer<T, Options> {
 public:
  double beta1() const { return this->options().beta1; }
  double beta2() const { return this->options().beta2; }
  double epsilon() const { return this->options().epsilon; }

 protected:
  AdamFamily(std::vector<Tensor<T>> parameters, const Options& options);

 private:
  using Base = GroupedOptimizer<T, Options>;

  void check(const Options& options) const override;
  typename Base::Layout layout(const Options& options) const override;
  void update(const Options& options, double lr, Array<T>& value, const Array<T>& gradient,
              typename Base::Memory& memory) const override;
};

extern template class AdamFamily<float, AdamOptions>;
extern template class AdamFamily<double, AdamOptions>;
extern template class AdamFamily<float, AdamWOptions>;
extern template class AdamFamily<double, AdamWOptions>;

}  // namespace detail

/// Adam: gradient descent whose rate adapts to every element. For each parameter p with gradient g, at the
/// t-th update of that parameter, where m and v begin at 0:
///   g = g + weight_decay p
///   m = beta1 m + (1 - beta1) g,    v = beta2 v + (1 - beta2) g^2
///   p = p - lr m' / (sqrt(v') + epsilon),  with m' = m / (1 - beta1^t),  v' = v / (1 - beta2^t)
/// so that the bias of m and v towards their beginning is corrected. With amsgrad, w / (1 - beta2^t) takes
/// the place of v', where w = max(w, v) begins at 0.
/// Sources: D. P. Kingma, J. L. Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1;
/// S. J. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond" (2018), algorithm 2 (AMSGrad),
/// with the bias corrected as in PyTorch.
template <class T>
class Adam final : public detail::AdamFamily<T, AdamOptions> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, unless lr and epsilon
  /// are positive and finite (epsilon as a number of type T), unless 0 <= beta1, beta2 < 1, or unless
  /// weight_decay is finite and not negative.
  explicit Adam(std::vector<Tensor<T>> parameters, const AdamOptions& options = {})
      : detail::AdamFamily<T, AdamOptions>(std::move(parameters), options) {}
};

template <class T>
Adam(std::initializer_list<Tensor<T>>, const AdamOptions& = {}) -> Adam<T>;

/// AdamW: Adam with decoupled weight decay, p = p - lr weight_decay p at every update instead of a penalty in
/// the gradient, where the adaptive rate would undo it.
/// Source: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization" (2019), algorithm 2, with the
/// decay multiplied by lr as in PyTorch.
template <class T>
class AdamW final : public detail::AdamFamily<T, AdamWOptions> {
 public:
  /// Errors as of Adam.
  explicit AdamW(std::vector<Tensor<T>> parameters, const AdamWOptions& options = {})
      : detail::AdamFamily<T, AdamWOptions>(std::move(parameters), options) {}
};

template <class T>
AdamW(std::initializer_list<Tensor<T>>, const AdamWOptions& = {}) -> AdamW<T>;

extern template class Adam<float>;
extern template class Adam<double>;
extern template class AdamW<float>;
extern template class AdamW<double>;

}  // namespace gradus::nn
