#pragma once

#include <memory>

#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

/// In training each element of x is 0 with probability p, and x / (1 - p) otherwise, so that its mean is x;
/// in evaluation y = x. A module over float and double alike.
/// Source: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014);
/// the division in training, "inverted dropout", stands in its section 10.
///
/// It draws from a generator of its own, in its state, that begins with a number from `rng`: the same seed
/// gives the same masks with any number of threads, and a saved state goes on where it was. Copies share it.
class Dropout {
 public:
  /// ValueError unless 0 <= p <= 1.
  Dropout(double p, Rng& rng);

  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const;

  double p() const { return p_; }
  template <class T>
  ModuleParts<T> parts() const {
    return {.type = "Dropout", .attributes = {{"p", p_}}, .state = state_};
  }

  NamedStates named_states() const { return {{"state", state_}}; }
  void train(bool on = true) const { state_->training = on; }
  void eval() const { train(false); }

 private:
  double p_;
  std::shared_ptr<ModuleState> state_;
};

extern template Tensor<float> Dropout::operator()(const Tensor<float>&) const;
extern template Tensor<double> Dropout::operator()(const Tensor<double>&) const;

}  // namespace gradus::nn
