#include <cmath>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/training/callbacks.hpp>

namespace gradus::nn {

bool BestSoFar::improves(const EpochRecord& record) {
  const double value = record.value(monitor_.name);
  const double sign = monitor_.larger_is_better ? 1 : -1;
  if (std::isnan(value) || (best_ && !(sign * value > sign * *best_ + monitor_.min_delta))) return false;
  best_ = value;
  epoch_ = record.epoch;
  return true;
}

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : options_(std::move(options)), best_(options_.monitor) {
  if (options_.patience == 0) throw ValueError("[EarlyStopping] patience 0: expected at least 1 epoch");
}

void EarlyStopping::begin(const FitPlan& plan) {
  if (plan.first_epoch == 1) best_ = BestSoFar(options_.monitor);
}

void EarlyStopping::after_epoch(const EpochRecord& record, TrainingControl& control) {
  if (best_.improves(record) || record.epoch < best_.best_epoch() + options_.patience) return;
  const std::string best = best_.best() ? gradus::detail::number_text(*best_.best()) : "no number";
  control.stop(options_.monitor.name + " has not improved for " + std::to_string(options_.patience) +
               " epochs: it was " + best + " in epoch " + std::to_string(best_.best_epoch()));
}

template <class T>
KeepBest<T>::KeepBest(Module<T> model, KeepBestOptions options)
    : model_(std::move(model)), options_(std::move(options)), best_(options_.monitor) {}

template <class T>
void KeepBest<T>::begin(const FitPlan& plan) {
  if (plan.first_epoch == 1) best_ = BestSoFar(options_.monitor);
}

template <class T>
void KeepBest<T>::after_epoch(const EpochRecord& record, TrainingControl&) {
  if (!best_.improves(record)) return;
  parameters_.clear();
  buffers_.clear();
  for (const auto& each : model_.named_parameters()) parameters_.emplace_back(each.tensor.value());
  for (const auto& each : model_.named_buffers()) buffers_.emplace_back(each.buffer.value());
  if (!options_.file.empty()) save_model(options_.file, model_);
}

template <class T>
void KeepBest<T>::end(const History&) {
  if (parameters_.empty() && buffers_.empty()) return;
  std::size_t i = 0;
  for (const auto& each : model_.named_parameters()) each.tensor.set_value(parameters_[i++]);
  i = 0;
  for (const auto& each : model_.named_buffers()) each.buffer.set_value(buffers_[i++]);
}

ShowProgress::ShowProgress(std::ostream& out, bool terminal, std::string unit)
    : out_(out), terminal_(terminal), unit_(std::move(unit)) {}

void ShowProgress::begin(const FitPlan& plan) {
  if (plan.first_epoch > plan.epochs) return;
  bar_ = std::make_unique<ProgressBar>(out_, ProgressOptions{.epochs = plan.epochs,
                                                             .rows = plan.rows,
                                                             .first_epoch = plan.first_epoch,
                                                             .unit = unit_,
                                                             .metric = plan.metric,
                                                             .terminal = terminal_});
}

void ShowProgress::after_step(const StepRecord& record) {
  bar_->update(record.rows, record.loss, record.metric.value_or(std::nan("")));
}

void ShowProgress::after_epoch(const EpochRecord& record, TrainingControl&) {
  std::optional<double> validation;
  if (!record.validation_metrics.empty()) validation = record.validation_metrics.front().second;
  bar_->end_epoch(validation);
}

void ShowProgress::end(const History&) { bar_.reset(); }

template class KeepBest<float>;
template class KeepBest<double>;

}  // namespace gradus::nn
