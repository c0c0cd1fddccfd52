#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <gradus/nn/optimizers/improvement.hpp>
#include <gradus/nn/optimizers/state.hpp>

namespace gradus::nn {

struct ReduceOnPlateauOptions {
  double factor = 0.1;        ///< what the rate is multiplied by, 0 < factor < 1
  bool maximize = false;      ///< the metric is to rise (an accuracy) and not to fall (a loss)
  std::size_t patience = 10;  ///< how many looks without improvement are let pass
  double threshold = 1e-4;    ///< a smaller improvement is none; 0 <= threshold < 1 unless `absolute`
  bool absolute = false;      ///< best - threshold is an improvement; otherwise best (1 - threshold)
  std::size_t cooldown = 0;   ///< how many looks to ignore after a reduction
  double min_lr = 0;          ///< the rate does not fall below
  double epsilon = 1e-8;      ///< a reduction by no more than this is left out
};

/// A learning rate that falls when a metric has stopped improving:
///
///     nn::ReduceOnPlateau plateau{opt.lr(), {.patience = 3}};
///     opt.set_lr(plateau.observe(validation_loss));  // after every epoch
///
/// As PyTorch's ReduceLROnPlateau. A metric that is NaN is no improvement.
class ReduceOnPlateau : public Stateful {
 public:
  /// Begins with the rate lr. ValueError unless lr is positive and finite, min_lr finite and not negative,
  /// and the other options are what their comments say.
  explicit ReduceOnPlateau(double lr, const ReduceOnPlateauOptions& options = {});

  /// Takes in the metric of another epoch; returns the rate from now on.
  double observe(double metric);

  double lr() const { return lr_; }
  /// The best metric so far; an infinity when there is none.
  double best() const { return best_; }
  const ReduceOnPlateauOptions& options() const { return options_; }

  std::string owner() const override { return "ReduceOnPlateau"; }
  State state() const override;
  std::vector<std::string> mismatches(const State& state) const override;

 private:
  void put_state(const State& state) override;

  ReduceOnPlateauOptions options_;
  Improvement improvement_;
  double lr_, best_;
  std::size_t bad_ = 0;       // looks without improvement since the last or since a reduction
  std::size_t cooldown_ = 0;  // looks still to be ignored
};

}  // namespace gradus::nn
