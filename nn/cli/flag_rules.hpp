#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <gradus/nn/cli/settings.hpp>

/// Flags that mean nothing where other things are as they are: what is said in vain is refused.
namespace gradus::cli {

/// The flags that were set: "--epochs", "--hidden".
std::vector<std::string> flags_given(const CLI::App& app);

/// UsageError for a flag among those given that does not go with the kind of data.
void check_data_flags(const std::vector<std::string>& given, const DataSettings& data);

/// The same for all of `gradus train`.
void check_train_flags(const std::vector<std::string>& given, const TrainSettings& settings);

}  // namespace gradus::cli
