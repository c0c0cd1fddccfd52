#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gradus/nn/optimizers/state.hpp>
#include <gradus/nn/training/history.hpp>

namespace gradus::nn {

/// A quantity that the record of each epoch has (EpochRecord::value).
struct Quantity {
  std::string name;
  bool larger_is_better = false;
};

/// What a Trainer is about to do.
struct FitPlan {
  std::size_t first_epoch = 1;            ///< above 1 where training is resumed
  std::size_t epochs = 0;                 ///< the last
  std::size_t rows = 0;                   ///< of the training data
  std::string metric = {};                ///< the name of the first metric; empty: there is none
  std::vector<Quantity> quantities = {};  ///< those of the epochs to come

  /// A quantity by its name. ValueError, begun with [caller] and listing those that there will be, for
  /// another.
  const Quantity& quantity(const char* caller, const std::string& name) const;
};

/// A step that a Trainer has taken.
struct StepRecord {
  std::size_t epoch = 0;  ///< from 1 on
  std::size_t step = 0;   ///< of the optimizer since training began, from 1 on
  std::size_t rows = 0;   ///< learnt from
  double loss = 0;        ///< their mean loss, before the step
  double lr = 0;
  double gradient_norm = 0;           ///< before any clipping
  std::optional<double> metric = {};  ///< the first metric on these rows
};

/// What callbacks can ask of the Trainer.
class TrainingControl {
 public:
  /// Training ends after this epoch, or, asked in begin(), before the first. The first reason that is given
  /// stands.
  void stop(std::string reason) {
    if (!reason_) reason_ = std::move(reason);
  }
  const std::optional<std::string>& stop_reason() const { return reason_; }

 private:
  std::optional<std::string> reason_;
};

/// What watches a training run: override what you want to see. What a callback throws ends the run.
///
/// One that must go on where it was when training is resumed has a state: owner(), state() and put_state()
/// are overridden then, and Trainer::save() and load() do the rest.
class Callback : public Stateful {
 public:
  std::string owner() const override { return {}; }
  State state() const override { return {}; }

  /// Override either of the two. The first epoch of a plan is 1 where training begins anew: so does the
  /// callback. Training that is stopped here ends before the epoch.
  virtual void begin(const FitPlan& plan, TrainingControl&) { begin(plan); }
  virtual void begin(const FitPlan&) {}
  /// Override either of the two.
  virtual void after_step(const StepRecord& record, TrainingControl&) { after_step(record); }
  virtual void after_step(const StepRecord&) {}
  virtual void after_epoch(const EpochRecord&, TrainingControl&) {}
  /// Training has ended as planned or was stopped; not called when something was thrown.
  virtual void end(const History&) {}
  /// Something was thrown, and will be thrown on: for clean-up. What it throws itself is lost.
  virtual void failed() {}

 private:
  void put_state(const State&) override {}
};

}  // namespace gradus::nn
