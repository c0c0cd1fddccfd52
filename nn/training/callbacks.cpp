#include <algorithm>
#include <charconv>
#include <cmath>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/checkpoint/stored_model.hpp>
#include <gradus/nn/training/callbacks.hpp>

namespace gradus::nn {
namespace {

/// The metadata's key for the epoch of a model that was the best.
constexpr const char* epoch_key = "epoch";

/// 0 when it is not known.
std::size_t epoch_of(const Safetensors& contents) {
  std::size_t epoch = 0;
  if (const auto entry = contents.metadata.find(epoch_key); entry != contents.metadata.end())
    std::from_chars(entry->second.data(), entry->second.data() + entry->second.size(), epoch);
  return epoch;
}

template <class T>
std::shared_ptr<const detail::LoadedModel<T>> loaded_model(const Safetensors& contents,
                                                           const Module<T>& model, const std::string& where) {
  std::vector<std::string> mismatches;
  auto loaded =
      std::make_shared<const detail::LoadedModel<T>>(contents, model, ModelFileOptions{}, mismatches);
  detail::check_mismatches("[KeepBest] " + where, mismatches);
  return loaded;
}

}  // namespace

BestSoFar::BestSoFar(Monitor monitor)
    : monitor_(std::move(monitor)), larger_is_better_(monitor_.larger_is_better.value_or(false)) {
  if (!(monitor_.min_delta >= 0))
    throw ValueError("[BestSoFar] min_delta " + gradus::detail::number_text(monitor_.min_delta) +
                     ": expected 0 or more");
}

void BestSoFar::begin(const char* caller, const FitPlan& plan) {
  const auto is_ours = [&](const auto& named) { return named.name == monitor_.name; };
  const auto quantity = std::find_if(plan.quantities.begin(), plan.quantities.end(), is_ours);
  if (quantity == plan.quantities.end()) {
    std::string known;
    for (const Quantity& each : plan.quantities) known += (known.empty() ? "" : ", ") + each.name;
    throw ValueError("[" + std::string(caller) + "] no quantity '" + monitor_.name +
                     "' to monitor: expected one of " + (known.empty() ? "none" : known));
  }
  larger_is_better_ = monitor_.larger_is_better.value_or(quantity->larger_is_better);
  best_.reset();
  epoch_ = 0;
  for (const EpochRecord& record : plan.history.epochs) {
    const auto values = record.values();
    if (std::any_of(values.begin(), values.end(),
                    [&](const auto& each) { return each.first == monitor_.name; }))
      improves(record);
  }
}

bool BestSoFar::improves(const EpochRecord& record) {
  const double value = record.value(monitor_.name);
  const double sign = larger_is_better_ ? 1 : -1;
  if (std::isnan(value) || (best_ && !(sign * value > sign * *best_ + monitor_.min_delta))) return false;
  best_ = value;
  epoch_ = record.epoch;
  return true;
}

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : options_(std::move(options)), best_(options_.monitor) {
  if (options_.patience == 0) throw ValueError("[EarlyStopping] patience 0: expected at least 1 epoch");
}

void EarlyStopping::begin(const FitPlan& plan) { best_.begin("EarlyStopping", plan); }

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
  BestSoFar best = best_;
  best.begin("KeepBest", plan);
  kept_ = best.best() ? kept_before(best, plan) : nullptr;
  best_ = std::move(best);
}

/// The model of the best epoch before: as it is kept already, as it still is, or as it lies in the file. Null
/// when the file belongs to an epoch that will come again: training died between two saves.
template <class T>
typename KeepBest<T>::Kept KeepBest<T>::kept_before(const BestSoFar& best, const FitPlan& plan) const {
  if (kept_ && best.best() == best_.best() && best.best_epoch() == best_.best_epoch()) return kept_;
  if (best.best_epoch() + 1 == plan.first_epoch) return model_now();
  if (!options_.file.empty() && std::filesystem::exists(options_.file)) {
    const Safetensors contents = read_safetensors(options_.file);
    const std::size_t epoch = epoch_of(contents);
    if (epoch >= plan.first_epoch) return nullptr;
    if (epoch == best.best_epoch())
      return loaded_model(contents, model_, "'" + options_.file.string() + "' ");
  }
  throw ValueError("[KeepBest] the best " + options_.monitor.name + " so far is that of epoch " +
                   std::to_string(best.best_epoch()) +
                   ", whose model is not at hand: expected it in the file '" + options_.file.string() + "'");
}

template <class T>
typename KeepBest<T>::Kept KeepBest<T>::model_now() const {
  Safetensors contents;
  detail::store_model("[KeepBest] ", model_, {}, contents);
  return loaded_model(contents, model_, "");
}

template <class T>
void KeepBest<T>::after_epoch(const EpochRecord& record, TrainingControl&) {
  BestSoFar best = best_;
  if (!best.improves(record)) return;
  Kept kept = model_now();
  if (!options_.file.empty())
    save_model(options_.file, model_, {}, {{epoch_key, std::to_string(record.epoch)}});
  kept_ = std::move(kept);
  best_ = std::move(best);
}

template <class T>
bool KeepBest<T>::restore() const {
  if (kept_) kept_->put();
  return kept_ != nullptr;
}

template <class T>
void KeepBest<T>::end(const History&) {
  if (options_.restore) restore();
}

ShowProgress::ShowProgress(std::ostream& out, bool terminal, std::string unit)
    : out_(out), terminal_(terminal), unit_(std::move(unit)) {}

void ShowProgress::begin(const FitPlan& plan) {
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
void ShowProgress::failed() { bar_.reset(); }  // ends its open line

template class KeepBest<float>;
template class KeepBest<double>;

}  // namespace gradus::nn
