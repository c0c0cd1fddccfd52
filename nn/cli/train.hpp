#pragma once

#include <string>

#include <gradus/nn/cli/settings.hpp>

namespace gradus::cli {

/// Trains a model as the settings say, and leaves it, a checkpoint, the history and a report in the folder of
/// the settings. `settings_json` are the flags, to be kept with the model.
void train(const TrainSettings& settings, const std::string& settings_json);

}  // namespace gradus::cli
