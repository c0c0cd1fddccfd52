#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gradus/nn/data/table.hpp>

namespace gradus::nn {

enum class ColumnType { numeric, text };

struct CsvOptions {
  char delimiter = ',';
  bool header = true;  ///< whether the first record holds the names; without, columns are named "0", "1", ...
  std::vector<std::string> missing = {};  ///< what stands for a missing value, beside an empty cell
  /// Of columns whose type the data shall not decide.
  std::vector<std::pair<std::string, ColumnType>> types = {};
};

/// Reads comma-separated values, plain or compressed with gzip (the content decides), as UTF-8 with or
/// without its mark. Cells may stand in quotes, which are doubled within, and hold delimiters and line ends
/// then; blanks around a cell or its quotes do not count; lines end with \n, \r\n or \r; empty lines are
/// passed over, except where there is only one column. A column in which every cell is a number or missing is
/// numeric, any other text. DataError, with file, line and column (from 1), for records of another length
/// than the first, quotes that do not match, a name given twice, a cell that is no number in a column said to
/// be numeric, texts that are not UTF-8, and files that are absent, damaged, empty, or UTF-16. ValueError for
/// a delimiter that cannot be one. Source: Y. Shafranovich, RFC 4180 (2005).
Table read_csv(const std::filesystem::path& file, const CsvOptions& options = {});

struct CsvFormat {
  char delimiter = ',';
  bool header = true;
};

/// A table as text, in the form that write_csv() writes.
std::string csv_text(const Table& table, const CsvFormat& format = {});

/// Writes a table so that read_csv() gives it back: numbers with as many digits as they need, missing values
/// as empty cells, quotes where a text needs them. DataError when the file cannot be written, which then is
/// as it was. A column of texts that all look like numbers is read back as numeric unless CsvOptions::types
/// says so.
void write_csv(const std::filesystem::path& file, const Table& table, const CsvFormat& format = {});

}  // namespace gradus::nn
