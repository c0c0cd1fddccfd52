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

namespace detail {
template <class T>
class LoadedModel;
}

/// A quantity of the history (EpochRecord::value) and which way it is better.
struct Monitor {
  std::string name = "validation_loss";
  std::optional<bool> larger_is_better = {};  ///< empty: as the metric of that name says; losses, smaller
  double min_delta = 0;                       ///< an improvement that is not larger is none
};

/// Keeps the best value of a monitored quantity.
class BestSoFar {
 public:
  /// ValueError when min_delta is negative or NaN.
  explicit BestSoFar(Monitor monitor);

  /// Begins anew, as if it had seen the epochs of the plan's history (those that have the quantity).
  /// ValueError, begun with [caller], when the epochs to come will not have it.
  void begin(const char* caller, const FitPlan& plan);
  /// Whether the epoch is better than all before it, by min_delta; NaN never is. ValueError when it has no
  /// such quantity.
  bool improves(const EpochRecord& record);
  const std::optional<double>& best() const { return best_; }
  std::size_t best_epoch() const { return epoch_; }
  const Monitor& monitor() const { return monitor_; }

 private:
  Monitor monitor_;
  bool larger_is_better_;
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
  /// Each new best model is saved there (save_model); empty: it is kept in memory alone.
  std::filesystem::path file = {};
  bool restore = true;  ///< put it back when training has ended
};

/// Keeps the model of the best epoch, and puts it back when training has ended. Where training is resumed,
/// the best of the epochs before still counts, and its model is taken from the file. The model that was put
/// back does not belong to the optimizer's state: a checkpoint of the run is saved after an epoch, by a
/// callback, or with `restore` off.
template <class T>
class KeepBest final : public Callback {
 public:
  /// ValueError when min_delta is negative or NaN.
  explicit KeepBest(Module<T> model, KeepBestOptions options = {});
  /// ValueError when the epochs to come will not have the monitored quantity, and when the model of the best
  /// epoch before is nowhere to be found; DataError when the file is damaged.
  void begin(const FitPlan& plan) override;
  void after_epoch(const EpochRecord& record, TrainingControl&) override;
  void end(const History&) override;
  const BestSoFar& best() const { return best_; }
  /// Puts the best model back, all of it or nothing; false when there is none yet. For after an error too,
  /// which training does not end with.
  bool restore() const;

 private:
  using Kept = std::shared_ptr<const detail::LoadedModel<T>>;

  Kept kept_before(const BestSoFar& best, const FitPlan& plan) const;
  Kept model_now() const;

  Module<T> model_;
  KeepBestOptions options_;
  BestSoFar best_;
  Kept kept_;  // of the best epoch
};

template <class M>
requires requires { typename M::value_type; }
KeepBest(M, KeepBestOptions = {})->KeepBest<typename M::value_type>;

/// A progress bar for a Trainer: epoch, step, loss, the first metric, rows a second, the time left.
class ShowProgress final : public Callback {
 public:
  /// `out` must outlive it; `terminal`: see ProgressOptions.
  explicit ShowProgress(std::ostream& out, bool terminal = false, std::string unit = "rows");
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

extern template class KeepBest<float>;
extern template class KeepBest<double>;

}  // namespace gradus::nn
