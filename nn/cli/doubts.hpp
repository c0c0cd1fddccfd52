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

/// DataError for a cell that is no number where most of its column are, in columns that `encoder` knows to be
/// numbers: it says how such a cell is read as a missing one. What else is wrong the encoder says.
void check_numbers(const nn::Table& table, const nn::Encoder& encoder);
/// The same of one column, if the table has it.
void check_numbers(const nn::Table& table, const std::string& name);

/// Classes that are too many, too few, or without examples.
Doubts doubts_of_classes(const AnyDataset& examples, const Preprocessing& preprocessing);

/// The columns of a table, and what the model is given of each.
void print_columns(std::ostream& out, const Preprocessing& preprocessing);

}  // namespace gradus::cli
