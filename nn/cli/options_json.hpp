#pragma once

#include <string>

#include <CLI/CLI.hpp>

/// The flags of a command as a JSON object: {"epochs": 5, "hidden": [512, 512], "nesterov": true}.
namespace gradus::cli {

/// The flags that were set, on the command line or by set_options(), but for those named.
std::string options_json(const CLI::App& app, const std::vector<std::string>& but_for);

/// Sets those flags that were not set before; `where` is what messages begin with. Flags that
/// exclude one that was set before are passed over. DataError for a text of another form; UsageError for a
/// name that is no flag and for two that exclude each other; CLI::ParseError for a value that a flag does not
/// take.
void set_options(CLI::App& app, const std::string& json, const std::string& where);

}  // namespace gradus::cli
