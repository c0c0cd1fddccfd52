#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/cli/settings.hpp>
#include <gradus/nn/modules/module.hpp>
#include <gradus/nn/optimizers/optimizer.hpp>

/// Models, optimizers, schedules and losses by what the command line says of them: each kind is a table.
namespace gradus::cli {

/// A flag that does not go with the others; the program is told how it is called.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// The model of a file, or a multilayer perceptron by the flags.
nn::Module<float> make_model(const ModelSettings& settings, std::size_t features, std::size_t outputs,
                             Rng& rng);

/// UsageError for a flag that the optimizer has no use for.
std::unique_ptr<nn::Optimizer<float>> make_optimizer(const OptimizerSettings& settings,
                                                     const std::vector<Tensor<float>>& parameters);

/// The learning rate over the steps of a whole run; empty: it stays what it is.
nn::Schedule make_schedule(const ScheduleSettings& settings, double lr, std::size_t steps_per_epoch,
                           std::size_t epochs);

template <class Target>
using Loss =
    std::function<Tensor<float>(const Tensor<float>& predictions, const xt::xarray<Target>& targets)>;

/// The loss of that name, or the usual one where it is empty. UsageError for one of the other kind of
/// targets.
template <class Target>
Loss<Target> make_loss(const std::string& name, double label_smoothing);

// The names that flags can be set to.
std::vector<std::string> activation_names();
std::vector<std::string> init_names();
std::vector<std::string> optimizer_names();
std::vector<std::string> schedule_names();
std::vector<std::string> loss_names();

}  // namespace gradus::cli
