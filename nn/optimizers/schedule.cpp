#include <cmath>
#include <string>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/schedule.hpp>

namespace gradus::nn::schedule {
namespace {

void check_positive(const char* op, const char* name, double value) {
  if (!(value > 0) || !std::isfinite(value))
    throw ValueError(std::string("[") + op + "] " + name + " " + detail::number_text(value) +
                     ": expected a positive, finite number");
}

}  // namespace

Schedule constant(double lr) {
  check_positive("constant", "lr", lr);
  return [lr](std::size_t) { return lr; };
}

Schedule step_decay(double lr, double factor, std::size_t every) {
  check_positive("step_decay", "lr", lr);
  check_positive("step_decay", "factor", factor);
  if (every == 0) throw ValueError("[step_decay] every 0 steps: expected at least 1");
  return [=](std::size_t step) { return lr * std::pow(factor, static_cast<double>(step / every)); };
}

Schedule exponential(double lr, double factor) {
  check_positive("exponential", "lr", lr);
  check_positive("exponential", "factor", factor);
  return [=](std::size_t step) { return lr * std::pow(factor, static_cast<double>(step)); };
}

}  // namespace gradus::nn::schedule
