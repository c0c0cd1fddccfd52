#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include <gradus/nn/training/best_so_far.hpp>
#include <gradus/nn/training/callback.hpp>
#include <gradus/nn/training/progress.hpp>

namespace gradus::nn {

struct EarlyStoppingOptions {
  Monitor monitor = {};
  std::size_t patience = 5;  ///< how many epochs without improvement are let pass
};

/// Stops training when a quantity, the validation loss if nothing else is said, has stopped improving; once
/// it has, fit() trains no further epoch.
/// Source: L. Prechelt, "Early stopping - but when?" (1998).
class EarlyStopping final : public Callback {
 public:
  /// ValueError when patience is 0, and unless min_delta is finite and not negative.
  explicit EarlyStopping(EarlyStoppingOptions options = {});
  using Callback::begin;
  /// ValueError when the epochs to come will not have the monitored quantity.
  void begin(const FitPlan& plan, TrainingControl& control) override;
  void after_epoch(const EpochRecord& record, TrainingControl& control) override;
  const BestSoFar& best() const { return best_; }

  std::string owner() const override;
  State state() const override;
  std::vector<std::string> mismatches(const State& state) const override;

 private:
  void put_state(const State& state) override;
  void stop_if_waited(TrainingControl& control) const;

  EarlyStoppingOptions options_;
  BestSoFar best_;
  std::size_t waited_ = 0;  // epochs since the best
};

/// A progress bar for a Trainer: epoch, step, loss, the first metric, rows a second, the time left.
class ShowProgress final : public Callback {
 public:
  /// `out` must outlive it; `terminal`: see ProgressOptions.
  explicit ShowProgress(std::ostream& out, bool terminal = false, std::string unit = "rows");
  using Callback::begin;
  void begin(const FitPlan& plan) override;
  using Callback::after_step;
  void after_step(const StepRecord& record) override;
  void after_epoch(const EpochRecord& record, TrainingControl&) override;
  void end(const History&) override;
  void failed() override;

 private:
  std::ostream& out_;
  bool terminal_;
  std::string unit_;
  std::unique_ptr<ProgressBar> bar_;
};

}  // namespace gradus::nn
