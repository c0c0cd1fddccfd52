#include <cmath>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/nn/training/best_so_far.hpp>

namespace gradus::nn {

BestSoFar::BestSoFar(Monitor monitor)
    : monitor_(std::move(monitor)),
      improvement_{monitor_.larger_is_better.value_or(false), monitor_.min_delta},
      best_(improvement_.worst()) {
  gradus::detail::check_not_negative("BestSoFar", "min_delta", monitor_.min_delta);
}

void BestSoFar::begin(const char* caller, const FitPlan& plan) {
  const Quantity& quantity = plan.quantity(caller, monitor_.name);
  improvement_.larger_is_better = monitor_.larger_is_better.value_or(quantity.larger_is_better);
  if (plan.first_epoch == 1) epoch_ = 0;
  if (epoch_ == 0) best_ = improvement_.worst();
}

bool BestSoFar::improves(const EpochRecord& record) {
  const double value = record.value(monitor_.name);
  if (!improvement_.is_better(value, best_)) return false;
  best_ = value;
  epoch_ = record.epoch;
  return true;
}

std::string BestSoFar::owner(const char* callback) const { return callback + ("(" + monitor_.name) + ")"; }

void BestSoFar::save(State& state) const {
  state.numbers["best"] = best_;
  state.numbers["best_epoch"] = static_cast<double>(epoch_);
}

void BestSoFar::load(const State& state) {
  best_ = state.number("best");
  epoch_ = static_cast<std::size_t>(state.number("best_epoch"));
}

std::vector<std::string> BestSoFar::mismatches(const State& state) {
  std::vector<std::string> lines = no_counts(state, {"best_epoch"});
  if (const auto best = state.numbers.find("best"); best != state.numbers.end() && std::isnan(best->second))
    lines.emplace_back("best is no number");
  return lines;
}

}  // namespace gradus::nn
