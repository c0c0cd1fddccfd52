#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <gradus/nn/cli/load_data.hpp>
#include <gradus/nn/data/table.hpp>

/// What may not be meant as it is said: each is a line of warning, not an error.
namespace gradus::cli {

using Doubts = std::vector<std::string>;

/// Columns that are texts because of a few cells, and those with a category for nearly every row.
Doubts doubts_of_columns(const nn::Table& table, const nn::Encoder& encoder);

/// Classes that are too many, too few, or without examples.
Doubts doubts_of_classes(const AnyDataset& examples, const Preprocessing& preprocessing);

/// The columns of a table, and what the model is given of each.
void print_columns(std::ostream& out, const Preprocessing& preprocessing);

}  // namespace gradus::cli
