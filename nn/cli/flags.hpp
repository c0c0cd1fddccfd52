#pragma once

#include <CLI/CLI.hpp>

#include <gradus/nn/cli/settings.hpp>

namespace gradus::cli {

/// What says how the data are read; `data` itself is declared by the command.
void declare_data_flags(CLI::App& app, DataSettings& settings, bool learns);
void declare_train_flags(CLI::App& app, TrainSettings& settings);

CLI::Option* declare_threads(CLI::App& app, int& threads);

}  // namespace gradus::cli
