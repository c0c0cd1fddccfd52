#include <algorithm>
#include <cmath>

#include <gradus/core/expected.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/plateau.hpp>

namespace gradus::nn {

ReduceOnPlateau::ReduceOnPlateau(double lr, const ReduceOnPlateauOptions& options)
    : options_(options),
      improvement_{options.maximize, options.threshold, !options.absolute},
      lr_(lr),
      best_(improvement_.worst()) {
  const char* op = "ReduceOnPlateau";
  gradus::detail::check_positive(op, "lr", lr);
  gradus::detail::check_option(options.factor > 0 && options.factor < 1, op, "factor", options.factor,
                               "0 < factor < 1");
  if (options.absolute)
    gradus::detail::check_not_negative(op, "threshold", options.threshold);
  else
    gradus::detail::check_below_one(op, "threshold", options.threshold);
  gradus::detail::check_not_negative(op, "min_lr", options.min_lr);
  gradus::detail::check_not_negative(op, "epsilon", options.epsilon);
}

double ReduceOnPlateau::observe(double metric) {
  if (improvement_.is_better(metric, best_)) {
    best_ = metric;
    bad_ = 0;
  } else {
    ++bad_;
  }
  if (cooldown_ > 0) {
    --cooldown_;
    bad_ = 0;
  }
  if (bad_ > options_.patience) {
    bad_ = 0;
    cooldown_ = options_.cooldown;
    const double reduced = std::max(lr_ * options_.factor, options_.min_lr);
    if (lr_ - reduced > options_.epsilon) lr_ = reduced;
  }
  return lr_;
}

State ReduceOnPlateau::state() const {
  return {.owner = owner(),
          .numbers = {{"lr", lr_},
                      {"best", best_},
                      {"bad", static_cast<double>(bad_)},
                      {"cooldown", static_cast<double>(cooldown_)}}};
}

std::vector<std::string> ReduceOnPlateau::mismatches(const State& given) const {
  std::vector<std::string> lines = Stateful::mismatches(given);
  for (std::string& line : no_counts(given, {"bad", "cooldown"})) lines.push_back(std::move(line));
  if (!lines.empty()) return lines;
  if (const double lr = given.number("lr"); !(lr > 0 && std::isfinite(lr)))
    lines.push_back("lr is " + gradus::detail::number_text(lr) + ": expected a positive, finite number");
  if (std::isnan(given.number("best"))) lines.emplace_back("best is no number");
  return lines;
}

void ReduceOnPlateau::put_state(const State& state) {
  lr_ = state.number("lr");
  best_ = state.number("best");
  bad_ = static_cast<std::size_t>(state.number("bad"));
  cooldown_ = static_cast<std::size_t>(state.number("cooldown"));
}

}  // namespace gradus::nn
