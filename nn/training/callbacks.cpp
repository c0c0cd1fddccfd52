#include <cmath>
#include <optional>
#include <utility>

#include <gradus/core/expected.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/training/callbacks.hpp>

namespace gradus::nn {

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : options_(std::move(options)), best_(options_.monitor) {
  gradus::detail::check_at_least_one("EarlyStopping", "patience", options_.patience);
}

void EarlyStopping::begin(const FitPlan& plan, TrainingControl& control) {
  best_.begin("EarlyStopping", plan);
  if (plan.first_epoch == 1) waited_ = 0;
  stop_if_waited(control);
}

void EarlyStopping::after_epoch(const EpochRecord& record, TrainingControl& control) {
  waited_ = best_.improves(record) ? 0 : waited_ + 1;
  stop_if_waited(control);
}

void EarlyStopping::stop_if_waited(TrainingControl& control) const {
  if (waited_ < options_.patience) return;
  const std::optional<double> best = best_.best();
  control.stop(options_.monitor.name + " has not improved for " + std::to_string(waited_) + " epochs: " +
               (best ? "it was " + gradus::detail::number_text(*best) + " in epoch " +
                           std::to_string(best_.best_epoch())
                     : "it was no number that counts"));
}

std::string EarlyStopping::owner() const { return best_.owner("EarlyStopping"); }

State EarlyStopping::state() const {
  State state{.owner = owner(), .numbers = {{"waited", static_cast<double>(waited_)}}};
  best_.save(state);
  return state;
}

std::vector<std::string> EarlyStopping::mismatches(const State& given) const {
  std::vector<std::string> lines = Stateful::mismatches(given);
  for (std::string& line : no_counts(given, {"waited"})) lines.push_back(std::move(line));
  for (std::string& line : BestSoFar::mismatches(given)) lines.push_back(std::move(line));
  return lines;
}

void EarlyStopping::put_state(const State& state) {
  best_.load(state);
  waited_ = static_cast<std::size_t>(state.number("waited"));
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

}  // namespace gradus::nn
