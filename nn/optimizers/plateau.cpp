#include <algorithm>
#include <cmath>
#include <limits>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/plateau.hpp>

namespace gradus::nn {
namespace {

void check(bool is_right, const std::string& name, double value, const char* expected) {
  if (!is_right)
    throw ValueError("[ReduceOnPlateau] " + name + " " + detail::number_text(value) + ": expected " +
                     expected);
}

bool is_positive(double value) { return value > 0 && std::isfinite(value); }

bool is_count(double value) { return value >= 0 && value <= 0x1p53 && value == std::floor(value); }

}  // namespace

ReduceOnPlateau::ReduceOnPlateau(double lr, const ReduceOnPlateauOptions& options)
    : options_(options),
      lr_(lr),
      best_(options.maximize ? -std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::infinity()) {
  const auto [factor, maximize, patience, threshold, absolute, cooldown, min_lr, epsilon] = options;
  check(is_positive(lr), "lr", lr, "a positive, finite number");
  check(factor > 0 && factor < 1, "factor", factor, "0 < factor < 1");
  check(threshold >= 0 && (absolute ? std::isfinite(threshold) : threshold < 1), "threshold", threshold,
        absolute ? "a finite number, not negative" : "0 <= threshold < 1");
  check(min_lr >= 0 && std::isfinite(min_lr), "min_lr", min_lr, "a finite number, not negative");
  check(epsilon >= 0 && std::isfinite(epsilon), "epsilon", epsilon, "a finite number, not negative");
}

bool ReduceOnPlateau::improves(double metric) const {
  const double margin = options_.threshold * (options_.maximize ? 1 : -1);
  const double bound = options_.absolute ? best_ + margin : best_ * (1 + margin);
  return options_.maximize ? metric > bound : metric < bound;
}

double ReduceOnPlateau::observe(double metric) {
  if (improves(metric)) {
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

std::map<std::string, double> ReduceOnPlateau::state() const {
  return {{"lr", lr_},
          {"best", best_},
          {"bad", static_cast<double>(bad_)},
          {"cooldown", static_cast<double>(cooldown_)}};
}

void ReduceOnPlateau::load_state(const std::map<std::string, double>& state) {
  const auto current = this->state();
  for (const auto& [name, value] : current)
    if (!state.contains(name)) throw ValueError("[ReduceOnPlateau] load_state(): " + name + " is missing");
  for (const auto& [name, value] : state)
    if (!current.contains(name))
      throw ValueError("[ReduceOnPlateau] load_state(): " + name + " is unexpected");
  check(is_positive(state.at("lr")), "load_state(): lr", state.at("lr"), "a positive, finite number");
  check(!std::isnan(state.at("best")), "load_state(): best", state.at("best"), "a number");
  for (const char* name : {"bad", "cooldown"})
    check(is_count(state.at(name)), std::string("load_state(): ") + name, state.at(name), "a count");
  lr_ = state.at("lr");
  best_ = state.at("best");
  bad_ = static_cast<std::size_t>(state.at("bad"));
  cooldown_ = static_cast<std::size_t>(state.at("cooldown"));
}

}  // namespace gradus::nn
