#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include <gradus/nn/optimizers/optimizer.hpp>
#include <gradus/nn/optimizers/plateau.hpp>
#include <gradus/nn/training/callbacks.hpp>

namespace gradus::cli {

/// A learning rate that falls when the monitored quantity has stopped improving.
class FallOnPlateau final : public nn::Callback {
 public:
  FallOnPlateau(nn::Optimizer<float>& optimizer, std::string quantity,
                const nn::ReduceOnPlateauOptions& options)
      : optimizer_(optimizer), quantity_(std::move(quantity)), plateau_(optimizer.lr(), options) {}

  void after_epoch(const nn::EpochRecord& record, nn::TrainingControl&) override {
    optimizer_.set_lr(plateau_.observe(record.value(quantity_)));
  }

 private:
  nn::Optimizer<float>& optimizer_;
  std::string quantity_;
  nn::ReduceOnPlateau plateau_;
};

/// Does something when an epoch has ended.
class AfterEpoch final : public nn::Callback {
 public:
  explicit AfterEpoch(std::function<void(const nn::EpochRecord&)> act) : act_(std::move(act)) {}
  void after_epoch(const nn::EpochRecord& record, nn::TrainingControl&) override { act_(record); }

 private:
  std::function<void(const nn::EpochRecord&)> act_;
};

}  // namespace gradus::cli
