#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/nn/optimizers/schedule.hpp>

namespace gradus::nn::schedule {
namespace {

using gradus::detail::check_at_least_one;
using gradus::detail::check_option;
using gradus::detail::check_positive;

void check_min_lr(const char* op, double min_lr, double lr) {
  check_option(min_lr >= 0 && min_lr <= lr, op, "min_lr", min_lr, "0 <= min_lr <= lr");
}

double to_double(std::size_t n) { return static_cast<double>(n); }

/// From `first` to `last`, half a wave of the cosine, at `part` of the way.
double half_wave(double first, double last, double part) {
  return last + (first - last) / 2 * (1 + std::cos(std::numbers::pi * part));
}

}  // namespace

Schedule constant(double lr) {
  check_positive("constant", "lr", lr);
  return [lr](std::size_t) { return lr; };
}

Schedule step_decay(double lr, double factor, std::size_t every) {
  check_positive("step_decay", "lr", lr);
  check_positive("step_decay", "factor", factor);
  check_at_least_one("step_decay", "every", every);
  return [=](std::size_t step) { return lr * std::pow(factor, to_double(step / every)); };
}

Schedule multi_step(double lr, double factor, std::vector<std::size_t> milestones) {
  check_positive("multi_step", "lr", lr);
  check_positive("multi_step", "factor", factor);
  for (std::size_t i = 1; i < milestones.size(); ++i)
    check_option(milestones[i - 1] < milestones[i], "multi_step", "milestone", to_double(milestones[i]),
                 "each to be larger than the one before it");
  return [=, milestones = std::move(milestones)](std::size_t step) {
    const auto passed = std::upper_bound(milestones.begin(), milestones.end(), step) - milestones.begin();
    return lr * std::pow(factor, static_cast<double>(passed));
  };
}

Schedule exponential(double lr, double factor) {
  check_positive("exponential", "lr", lr);
  check_positive("exponential", "factor", factor);
  return [=](std::size_t step) { return lr * std::pow(factor, to_double(step)); };
}

Schedule inverse_time(double lr, double k) {
  check_positive("inverse_time", "lr", lr);
  gradus::detail::check_not_negative("inverse_time", "k", k);
  return [=](std::size_t step) { return lr / (1 + k * to_double(step)); };
}

Schedule cosine(double lr, std::size_t steps, double min_lr) {
  check_positive("cosine", "lr", lr);
  check_at_least_one("cosine", "steps", steps);
  check_min_lr("cosine", min_lr, lr);
  return [=](std::size_t step) { return half_wave(lr, min_lr, to_double(step) / to_double(steps)); };
}

Schedule cosine_restarts(double lr, std::size_t steps, std::size_t factor, double min_lr) {
  check_positive("cosine_restarts", "lr", lr);
  check_at_least_one("cosine_restarts", "steps", steps);
  check_at_least_one("cosine_restarts", "factor", factor);
  check_min_lr("cosine_restarts", min_lr, lr);
  return [=](std::size_t step) {
    std::size_t period = steps;
    if (factor == 1) step %= period;
    for (; step >= period; period *= factor) step -= period;
    return half_wave(lr, min_lr, to_double(step) / to_double(period));
  };
}

Schedule one_cycle(double max_lr, std::size_t steps, const OneCycleOptions& options) {
  check_positive("one_cycle", "max_lr", max_lr);
  check_positive("one_cycle", "initial_divisor", options.initial_divisor);
  check_positive("one_cycle", "final_divisor", options.final_divisor);
  const double last = to_double(steps) - 1, top = options.rise * to_double(steps) - 1;
  check_option(last >= 1, "one_cycle", "steps", to_double(steps), "at least 2");
  check_option(top > 0 && top < last, "one_cycle", "rise", options.rise,
               "the rise to end between the first and the last step");
  const double first_lr = max_lr / options.initial_divisor, last_lr = first_lr / options.final_divisor;
  const auto between = [linear = options.linear](double a, double b, double part) {
    return linear ? a + (b - a) * part : half_wave(a, b, part);
  };
  return [=](std::size_t step) {
    const double at = std::min(to_double(step), last);
    return at <= top ? between(first_lr, max_lr, at / top)
                     : between(max_lr, last_lr, (at - top) / (last - top));
  };
}

Schedule warm_up(std::size_t steps, Schedule after, double start_factor) {
  check_at_least_one("warm_up", "steps", steps);
  gradus::detail::check_fraction("warm_up", "start_factor", start_factor);
  if (!after) throw ValueError("[warm_up] an empty function: expected a schedule such as constant(0.1)");
  return [=, after = std::move(after)](std::size_t step) {
    if (step >= steps) return after(step - steps);
    return after(0) * (start_factor + (1 - start_factor) * to_double(step) / to_double(steps));
  };
}

}  // namespace gradus::nn::schedule
