#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gradus/nn/optimizers/improvement.hpp>
#include <gradus/nn/training/callback.hpp>

namespace gradus::nn {

/// A quantity of the history (EpochRecord::value) and which way it is better.
struct Monitor {
  std::string name = "validation_loss";
  std::optional<bool> larger_is_better = {};  ///< empty: as the metric of that name says; losses, smaller
  double min_delta = 0;                       ///< an improvement that is not larger is none
};

/// Keeps the best value of a monitored quantity, of those epochs that it sees.
class BestSoFar {
 public:
  /// ValueError unless min_delta is finite and not negative.
  explicit BestSoFar(Monitor monitor);

  /// Begins anew with the first epoch of a run; goes on with a later one. ValueError, begun with [caller],
  /// when the epochs to come will not have the quantity.
  void begin(const char* caller, const FitPlan& plan);
  /// Whether the epoch is better than all before it, by min_delta; NaN never is. ValueError when it has no
  /// such quantity.
  bool improves(const EpochRecord& record);
  /// Empty until an epoch is better than nothing, which NaN is not, nor an infinity of the worse kind.
  std::optional<double> best() const { return epoch_ == 0 ? std::nullopt : std::optional(best_); }
  std::size_t best_epoch() const { return epoch_; }
  const Monitor& monitor() const { return monitor_; }

  /// "EarlyStopping(validation_loss)": whose state it is a part of.
  std::string owner(const char* callback) const;
  void save(State& state) const;                                   ///< adds "best" and "best_epoch"
  void load(const State& state);                                   ///< takes them over
  static std::vector<std::string> mismatches(const State& state);  ///< lines about those that cannot be

 private:
  Monitor monitor_;
  Improvement improvement_;
  double best_;
  std::size_t epoch_ = 0;  // of the best; 0: there is none
};

}  // namespace gradus::nn
