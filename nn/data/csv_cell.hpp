#pragma once

#include <string>

namespace gradus::nn::detail {

/// A text as a cell of a CSV file: in quotes where it needs them.
std::string csv_cell(const std::string& text, char delimiter);

}  // namespace gradus::nn::detail
