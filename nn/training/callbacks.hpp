#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gradus/nn/modules/module.hpp>
#include <gradus/nn/training/callback.hpp>
#include <gradus/nn/training/progress.hpp>

namespace gradus::nn {

/// A quantity of the history (EpochRecord::value) and which way it is better.
struct Monitor {
  std::string name = "validation_loss";
  bool larger_is_better = false;
  double min_delta = 0;  ///< a smaller improvement is none
};

/// Keeps the best value of a monitored quantity.
class BestSoFar {
 public:
  explicit BestSoFar(Monitor monitor) : monitor_(std::move(monitor)) {}

  /// Whether the epoch is better than all before it, by min_delta; NaN never is. ValueError when it has no
  /// such quantity.
  bool improves(const EpochRecord& record);
  const std::optional<double>& best() const { return best_; }
  std::size_t best_epoch() const { return epoch_; }
  const Monitor& monitor() const { return monitor_; }

 private:
  Monitor monitor_;
  std::optional<double> best_;
  std::size_t epoch_ = 0;
};

struct EarlyStoppingOptions {
  Monitor monitor = {};
  std::size_t patience = 5;  ///< how many epochs without improvement are let pass
};

/// Stops training when a quantity, the validation loss if nothing else is said, has stopped improving.
/// Source: L. Prechelt, "Early stopping - but when?" (1998).
class EarlyStopping final : public Callback {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options = {});
  void begin(const FitPlan& plan) override;
  void after_epoch(const EpochRecord& record, TrainingControl& control) override;
  const BestSoFar& best() const { return best_; }

 private:
  EarlyStoppingOptions options_;
  BestSoFar best_;
};

struct KeepBestOptions {
  Monitor monitor = {};
  std::filesystem::path file =
      {};  ///< each new best model is saved there (save_model); empty: in memory alone
};

/// Keeps the model of the best epoch, and puts it back when training has ended.
template <class T>
class KeepBest final : public Callback {
 public:
  explicit KeepBest(Module<T> model, KeepBestOptions options = {});
  void begin(const FitPlan& plan) override;
  void after_epoch(const EpochRecord& record, TrainingControl&) override;
  void end(const History&) override;
  const BestSoFar& best() const { return best_; }

 private:
  Module<T> model_;
  KeepBestOptions options_;
  BestSoFar best_;
  std::vector<Array<T>> parameters_, buffers_;  // of the best epoch
};

/// A progress bar for a Trainer: epoch, step, loss, the first metric, rows a second, the time left.
class ShowProgress final : public Callback {
 public:
  /// `out` must outlive it; `terminal`: see ProgressOptions.
  explicit ShowProgress(std::ostream& out, bool terminal = false, std::string unit = "rows");
  void begin(const FitPlan& plan) override;
  void after_step(const StepRecord& record) override;
  void after_epoch(const EpochRecord& record, TrainingControl&) override;
  void end(const History&) override;

 private:
  std::ostream& out_;
  bool terminal_;
  std::string unit_;
  std::unique_ptr<ProgressBar> bar_;
};

extern template class KeepBest<float>;
extern template class KeepBest<double>;

}  // namespace gradus::nn
