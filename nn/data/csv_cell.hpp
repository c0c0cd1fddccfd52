#pragma once

#include <string>
#include <string_view>

namespace gradus::nn::detail {

/// A text as a cell of a CSV file: in quotes where it needs them.
std::string csv_cell(const std::string& text, char delimiter);

/// What seems to end the cells of a record that was read as one cell; 0: nothing does.
char likely_delimiter(std::string_view record, char delimiter);

}  // namespace gradus::nn::detail
