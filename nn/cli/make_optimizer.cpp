#include <cmath>

#include <gradus/core/error.hpp>
#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/make_parts.hpp>
#include <gradus/nn/optimizers.hpp>

namespace gradus::cli {
namespace {

using Made = std::unique_ptr<nn::Optimizer<float>>;
using Parameters = std::vector<Tensor<float>>;

struct OptimizerRow {
  std::string name;
  std::function<Made(const Parameters&, const OptimizerSettings&)> make;
};

/// Sets an option where the command line says it. UsageError where it does and the optimizer has no such
/// option.
template <class Options>
Options options_of(const OptimizerSettings& settings) {
  Options options;
  const auto refuse = [&](const char* flag) {
    throw UsageError("--optimizer " + settings.name + " has no use for " + flag);
  };
  if (settings.lr) options.lr = *settings.lr;
  if (settings.weight_decay) {
    if constexpr (requires { options.weight_decay; })
      options.weight_decay = *settings.weight_decay;
    else
      refuse("--weight-decay");
  }
  if (settings.momentum) {
    if constexpr (requires { options.momentum; })
      options.momentum = *settings.momentum;
    else
      refuse("--momentum");
  }
  if (settings.nesterov) {
    if constexpr (requires { options.nesterov; })
      options.nesterov = true;
    else
      refuse("--nesterov");
  }
  return options;
}

template <class Optimizer, class Options>
OptimizerRow row(const char* name) {
  return {name, [](const Parameters& parameters, const OptimizerSettings& settings) -> Made {
            return std::make_unique<Optimizer>(parameters, options_of<Options>(settings));
          }};
}

const std::vector<OptimizerRow>& optimizers() {
  static const std::vector<OptimizerRow> rows{row<nn::SGD<float>, nn::SGDOptions>("sgd"),
                                              row<nn::Adam<float>, nn::AdamOptions>("adam"),
                                              row<nn::AdamW<float>, nn::AdamWOptions>("adamw"),
                                              row<nn::NAdam<float>, nn::NAdamOptions>("nadam"),
                                              row<nn::RMSProp<float>, nn::RMSPropOptions>("rmsprop"),
                                              row<nn::AdaGrad<float>, nn::AdaGradOptions>("adagrad"),
                                              row<nn::Adadelta<float>, nn::AdadeltaOptions>("adadelta"),
                                              row<nn::Lion<float>, nn::LionOptions>("lion"),
                                              row<nn::LBFGS<float>, nn::LBFGSOptions>("lbfgs")};
  return rows;
}

/// What a schedule is made of.
struct Plan {
  double lr;
  std::size_t per_epoch, steps;  // without those of the warm-up
  const ScheduleSettings& settings;
};

struct ScheduleRow {
  std::string name;
  std::function<nn::Schedule(const Plan&)> make;
};

const std::vector<ScheduleRow>& schedules() {
  namespace make = nn::schedule;
  static const std::vector<ScheduleRow> rows{
      {"constant", [](const Plan& plan) { return make::constant(plan.lr); }},
      {"step",
       [](const Plan& plan) {
         return make::step_decay(plan.lr, plan.settings.factor, plan.settings.every * plan.per_epoch);
       }},
      {"exponential",
       [](const Plan& plan) {
         const double steps = static_cast<double>(plan.settings.every * plan.per_epoch);
         return make::exponential(plan.lr, std::pow(plan.settings.factor, 1 / steps));
       }},
      {"inverse_time",
       [](const Plan& plan) {
         const double steps = static_cast<double>(plan.settings.every * plan.per_epoch);
         return make::inverse_time(plan.lr, (1 / plan.settings.factor - 1) / steps);
       }},
      {"cosine", [](const Plan& plan) { return make::cosine(plan.lr, plan.steps); }},
      {"one_cycle", [](const Plan& plan) { return make::one_cycle(plan.lr, plan.steps); }}};
  return rows;
}

}  // namespace

Made make_optimizer(const OptimizerSettings& settings, const Parameters& parameters) {
  return row_named("--optimizer", optimizers(), settings.name).make(parameters, settings);
}

nn::Schedule make_schedule(const ScheduleSettings& settings, double lr, std::size_t steps_per_epoch,
                           std::size_t epochs) {
  if (settings.plateau > 0) {
    if (settings.name != "constant" || settings.warm_up > 0)
      throw UsageError("--plateau sets the learning rate by itself: expected no --schedule and no --warm-up");
    return {};
  }
  const auto warm =
      static_cast<std::size_t>(std::lround(settings.warm_up * static_cast<double>(steps_per_epoch)));
  const std::size_t all = epochs * steps_per_epoch;
  if (warm >= all)
    throw UsageError("--warm-up: expected fewer epochs than the " + std::to_string(epochs) + " of --epochs");
  if (settings.name == "constant" && warm == 0) return {};
  const Plan plan{lr, steps_per_epoch, all - warm, settings};
  const nn::Schedule schedule = row_named("--schedule", schedules(), settings.name).make(plan);
  return warm ? nn::schedule::warm_up(warm, schedule, 0) : schedule;
}

std::vector<std::string> optimizer_names() { return names_of(optimizers()); }
std::vector<std::string> schedule_names() { return names_of(schedules()); }

}  // namespace gradus::cli
