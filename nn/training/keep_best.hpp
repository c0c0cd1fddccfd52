#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gradus/nn/modules/module.hpp>
#include <gradus/nn/training/best_so_far.hpp>
#include <gradus/nn/training/callback.hpp>

namespace gradus::nn {

struct Safetensors;

namespace detail {

/// Monitor{}. Made out of sight of GCC 12, which otherwise warns, wrongly, that it may be uninitialised in
/// programs that give a file alone.
Monitor usual_monitor();

}  // namespace detail

struct KeepBestOptions {
  Monitor monitor = detail::usual_monitor();
  /// Each new best model is saved there, as save_model() does; empty: it is kept in memory alone.
  std::filesystem::path file = {};
  std::map<std::string, std::string> metadata = {};  ///< of that file
  bool restore = true;                               ///< put it back when training has ended
};

/// Keeps the model of the best epoch, and puts it back when training has ended. Where training is resumed,
/// the best of the epochs before still counts: the Trainer's checkpoint has its model. The model that was put
/// back does not belong to the optimizer's state: a checkpoint of the run is saved after an epoch, by a
/// callback, or with `restore` off.
template <class T>
class KeepBest final : public Callback {
 public:
  /// ValueError unless min_delta is finite and not negative.
  explicit KeepBest(Module<T> model, KeepBestOptions options = {});
  using Callback::begin;
  /// ValueError when the epochs to come will not have the monitored quantity.
  void begin(const FitPlan& plan) override;
  void after_epoch(const EpochRecord& record, TrainingControl&) override;
  void end(const History&) override;
  const BestSoFar& best() const { return best_; }
  /// Puts the best model back, all of it or nothing; false when there is none yet. For after an error too,
  /// which training does not end with.
  bool restore() const;

  std::string owner() const override;
  State state() const override;
  std::vector<std::string> mismatches(const State& state) const override;

 private:
  using Model = std::shared_ptr<const Safetensors>;

  void put_state(const State& state) override;
  Model model_now() const;

  Module<T> model_;
  KeepBestOptions options_;
  BestSoFar best_;
  Model kept_;  // of the best epoch, as it lies in files
};

template <class M>
requires requires { typename M::value_type; }
KeepBest(M, KeepBestOptions = {})->KeepBest<typename M::value_type>;

extern template class KeepBest<float>;
extern template class KeepBest<double>;

}  // namespace gradus::nn
