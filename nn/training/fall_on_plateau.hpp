#pragma once

#include <string>
#include <vector>

#include <gradus/nn/optimizers/optimizer.hpp>
#include <gradus/nn/optimizers/plateau.hpp>
#include <gradus/nn/training/callback.hpp>

namespace gradus::nn {

/// Lets the learning rate fall when a quantity of the history (EpochRecord::value) has stopped improving
/// (ReduceOnPlateau); in place of any schedule.
template <class T>
class FallOnPlateau final : public Callback {
 public:
  /// Begins with the optimizer's learning rate; the optimizer must outlive it. Whether the quantity is to
  /// rise is said by `maximize`. ValueError as of ReduceOnPlateau.
  explicit FallOnPlateau(Optimizer<T>& optimizer, std::string quantity = "validation_loss",
                         const ReduceOnPlateauOptions& options = {});
  using Callback::begin;
  /// ValueError when the epochs to come will not have the quantity.
  void begin(const FitPlan& plan) override;
  void after_epoch(const EpochRecord& record, TrainingControl&) override;
  const ReduceOnPlateau& plateau() const { return plateau_; }

  std::string owner() const override;
  State state() const override;
  std::vector<std::string> mismatches(const State& state) const override;

 private:
  void put_state(const State& state) override;
  State of_plateau(State state) const;

  Optimizer<T>* optimizer_;
  std::string quantity_;
  ReduceOnPlateau plateau_;
};

extern template class FallOnPlateau<float>;
extern template class FallOnPlateau<double>;

}  // namespace gradus::nn
