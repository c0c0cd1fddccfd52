#pragma once

#include <CLI/CLI.hpp>

namespace gradus::cli {

/// Checks for flags: each says in its message what would have been right; NaN is never.
CLI::Validator whole();  ///< from 0
CLI::Validator whole_from_one();
CLI::Validator positive();
CLI::Validator not_negative();
CLI::Validator fraction();        ///< 0 to 1
CLI::Validator fraction_below();  ///< 0 to below 1

/// Takes "tab" and "\t" as the character.
CLI::Validator delimiter();

}  // namespace gradus::cli
