#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

#include <gradus/core/tensor.hpp>
#include <gradus/nn/optimizers/state.hpp>

namespace gradus::nn {

struct EMAOptions {
  double decay = 0.999;  ///< how much of the average an update keeps, 0 <= decay < 1
  bool warm_up = false;  ///< keeps less at first: min(decay, (1 + t) / (10 + t)) after t updates
};

/// The exponential moving average of weights, which often does better than the weights themselves: begins
/// with the parameters' values, and after each step of the optimizer a = decay a + (1 - decay) p.
///
///     nn::EMA ema{model.parameters(), {.decay = 0.99}};
///     opt.step();  ema.update();       // at every step
///     ema.apply();  ...  ema.restore();  // the model with the averages, and as it was
///
/// Source: B. T. Polyak, A. B. Juditsky, "Acceleration of stochastic approximation by averaging" (1992); the
/// exponential form and its warm-up are TensorFlow's.
template <class T>
class EMA : public Stateful {
 public:
  /// ValueError unless 0 <= decay < 1, when there is no parameter, or for one that is no variable.
  explicit EMA(std::vector<Tensor<T>> parameters, const EMAOptions& options = {});

  /// Takes in the values that the parameters have now. ValueError while the averages are applied.
  void update();
  /// Puts the averages into the parameters; restore() puts back what was there. ValueError when they are in,
  /// or are not.
  void apply();
  void restore();
  bool is_applied() const { return is_applied_; }

  /// The averages, in the order of the parameters. While they are applied, what the parameters had before.
  const std::vector<Array<T>>& values() const { return averages_; }
  std::size_t updates() const { return updates_; }

  std::string owner() const override { return "EMA"; }
  /// ValueError while the averages are applied, from load_state() too.
  State state() const override;
  std::vector<std::string> mismatches(const State& state) const override;

 private:
  void put_state(const State& state) override;
  void check_applied(const char* caller, bool expected) const;
  void swap_values();

  std::vector<Tensor<T>> parameters_;
  EMAOptions options_;
  std::vector<Array<T>> averages_;
  std::size_t updates_ = 0;
  bool is_applied_ = false;
};

template <class T>
EMA(std::initializer_list<Tensor<T>>, const EMAOptions& = {}) -> EMA<T>;

extern template class EMA<float>;
extern template class EMA<double>;

}  // namespace gradus::nn
