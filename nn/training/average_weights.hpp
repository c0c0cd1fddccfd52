#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gradus/core/tensor.hpp>
#include <gradus/nn/optimizers/ema.hpp>
#include <gradus/nn/training/callback.hpp>

namespace gradus::nn {

/// Averages the weights over the steps of a Trainer (EMA). They are put into the model by whoever asks:
///
///     const auto average = trainer.add(nn::AverageWeights{model.parameters(), {.decay = 0.99}});
///     trainer.fit(batches);
///     average->ema().apply();
template <class T>
class AverageWeights final : public Callback {
 public:
  /// ValueError as of EMA.
  explicit AverageWeights(std::vector<Tensor<T>> parameters, const EMAOptions& options = {});
  using Callback::begin;
  /// ValueError while the averages are applied.
  void begin(const FitPlan& plan) override;
  using Callback::after_step;
  void after_step(const StepRecord&) override { ema_.update(); }

  EMA<T>& ema() { return ema_; }

  std::string owner() const override { return ema_.owner(); }
  State state() const override { return ema_.state(); }
  std::vector<std::string> mismatches(const State& state) const override { return ema_.mismatches(state); }

 private:
  void put_state(const State& state) override { ema_.load_state(state); }

  std::vector<Tensor<T>> parameters_;
  EMAOptions options_;
  EMA<T> ema_;
};

extern template class AverageWeights<float>;
extern template class AverageWeights<double>;

}  // namespace gradus::nn
