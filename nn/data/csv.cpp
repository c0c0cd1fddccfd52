#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/data/csv.hpp>
#include <gradus/nn/data/csv_cell.hpp>
#include <gradus/nn/data/csv_cells.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/nn/files/utf8.hpp>
#include <gradus/nn/files/write_file.hpp>

namespace gradus::nn {
namespace {

using detail::CsvCells;

constexpr double missing_value = std::numeric_limits<double>::quiet_NaN();

// Most cells are short whole numbers, which need no more than this.
bool parse_digits(std::string_view text, double& value) {
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 15) return false;
  std::int64_t whole = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    whole = 10 * whole + (c - '0');
  }
  value = negative ? -static_cast<double>(whole) : static_cast<double>(whole);
  return true;
}

bool parse_number(std::string_view text, double& value) {
  if (parse_digits(text, value)) return true;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end) return false;
  if (error == std::errc()) return true;
  value = text.front() == '-' ? -0.0 : 0.0;  // too small for a double, unless it is too large
  return error == std::errc::result_out_of_range && text.find_first_of("eE") != text.npos &&
         text[text.find_first_of("eE") + 1] == '-';
}

// For records of one cell.
std::string hint(const std::string& cell, char delimiter, std::size_t cells) {
  const char other = detail::likely_delimiter(cell, delimiter);
  if (cells > 1 || other == '\0') return "";
  return std::string(", where cells seem to end with ") +
         (other == '\t' ? "a tab" : std::string("'") + other + "'");
}

std::string hexadecimal(char byte) {
  constexpr const char* digits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  return {'0', 'x', digits[value / 16], digits[value % 16]};
}

// How a column grows: its numbers, until a cell is none.
struct Growing {
  std::string name;
  bool is_decided = false;  // its type, by the options
  bool is_numeric = true;
  Column::Numbers numbers = {};
  Column::Texts texts = {};
};

class CsvReader {
 public:
  CsvReader(std::string where, std::string_view text, const CsvOptions& options)
      : where_(std::move(where)), text_(text), options_(options) {}

  Table read() {
    CsvCells cells(where_, text_, options_.delimiter);
    read_names(cells);
    const CsvCells first_record = cells;
    read_records(cells, [&](Growing& column, std::string_view cell) { add_number(cells, column, cell); });
    bool all_numeric = true;
    for (const Growing& column : columns_) all_numeric &= column.is_numeric;
    if (!all_numeric) {  // which columns hold texts is known at the end only
      CsvCells again = first_record;
      read_records(again, [&](Growing& column, std::string_view cell) {
        if (column.is_numeric) return;
        check_utf8(again, cell);
        column.texts.emplace_back(is_missing(cell) ? std::string_view() : cell);
      });
    }
    Table table;
    for (Growing& column : columns_) {
      if (column.is_numeric) {
        table.add({std::move(column.name), std::move(column.numbers)});
      } else {
        table.add({std::move(column.name), std::move(column.texts)});
      }
    }
    return table;
  }

 private:
  static void check_utf8(const CsvCells& cells, std::string_view cell) {
    if (const auto wrong = detail::first_not_utf8(cell); wrong != cell.size())
      cells.fail("the byte " + hexadecimal(cell[wrong]) + " that is no UTF-8 there",
                 "a file in UTF-8 (another program may have written Latin-1 or the like)");
  }

  void read_names(CsvCells& cells) {
    CsvCells ahead = cells;
    while (ahead.skip_blank_line()) continue;
    if (ahead.at_end())
      throw DataError(where_ + ": found no record, expected " +
                      (options_.header ? "a header" : "at least one"));
    std::set<std::string, std::less<>> taken;
    do {
      const std::string_view cell = ahead.next();
      if (options_.header) check_utf8(ahead, cell);
      const std::string name = options_.header ? std::string(cell) : std::to_string(columns_.size());
      if (!taken.insert(name).second) ahead.fail("the name \"" + name + "\" again", "another");
      if (columns_.empty()) first_cell_ = cell;
      columns_.push_back({.name = name});
    } while (!ahead.starts_record());
    first_line_ = ahead.line();
    if (options_.header) cells = ahead;
    for (const auto& [name, type] : options_.types) decide(name, type);
  }

  void decide(const std::string& name, ColumnType type) {
    for (Growing& column : columns_) {
      if (column.name != name) continue;
      column.is_decided = true;
      column.is_numeric = type == ColumnType::numeric;
      return;
    }
    throw DataError(where_ + ", line " + std::to_string(first_line_) + ": found no column \"" + name +
                    "\", expected that of which the type is given");
  }

  template <class Add>
  void read_records(CsvCells& cells, const Add& add) {
    while (!cells.at_end()) {
      if (columns_.size() > 1 && cells.skip_blank_line()) continue;
      std::size_t count = 0;
      do {
        const std::string_view cell = cells.next();
        if (count < columns_.size()) add(columns_[count], cell);
        ++count;
      } while (!cells.starts_record());
      if (count == columns_.size()) continue;
      cells.fail("the end of a record of " + std::to_string(count) + " cells",
                 std::to_string(columns_.size()) + " cells, as in line " + std::to_string(first_line_) +
                     hint(first_cell_, options_.delimiter, columns_.size()));
    }
  }

  void add_number(const CsvCells& cells, Growing& column, std::string_view cell) const {
    if (!column.is_numeric) return;
    double value = missing_value;
    if (is_missing(cell) || parse_number(cell, value)) {
      column.numbers.push_back(value);
    } else if (column.is_decided) {
      cells.fail("\"" + std::string(cell.substr(0, 40)) + "\"", "a number");
    } else {
      column.is_numeric = false;
      Column::Numbers().swap(column.numbers);
    }
  }

  bool is_missing(std::string_view cell) const {
    if (cell.empty()) return true;
    for (const std::string& word : options_.missing) {
      if (cell == word) return true;
    }
    return false;
  }

  const std::string where_;
  std::string_view text_;
  const CsvOptions& options_;
  std::size_t first_line_ = 1;  // of the first record
  std::string first_cell_;      // likewise
  std::vector<Growing> columns_;
};

void check_delimiter(const std::string& op, char delimiter) {
  if (std::string_view("\"\r\n").find(delimiter) == std::string_view::npos && delimiter != '\0') return;
  throw ValueError("[" + op + "] a quote, line end or nothing as delimiter: expected another character");
}

std::string cell_text(const Column& column, std::size_t row, char delimiter) {
  if (column.is_missing(row)) return {};
  if (column.is_numeric()) return gradus::detail::number_text(column.numbers()[row]);
  return detail::csv_cell(column.texts()[row], delimiter);
}

}  // namespace

char detail::likely_delimiter(std::string_view record, char delimiter) {
  for (char other : {';', '\t', ',', '|'})
    if (other != delimiter && record.find(other) != record.npos) return other;
  return '\0';
}

std::string detail::csv_cell(const std::string& text, char delimiter) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool needed =
      !text.empty() && (text.find_first_of("\"\r\n") != text.npos || text.find(delimiter) != text.npos ||
                        is_blank(text.front()) || is_blank(text.back()));
  if (!needed) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

Table read_csv(const std::filesystem::path& file, const CsvOptions& options) {
  check_delimiter("read_csv", options.delimiter);
  const std::vector<std::uint8_t> bytes = detail::read_bytes("read_csv", file);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string where = "[read_csv] " + file.string();
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    throw DataError(where + ", byte 0: found UTF-16, expected UTF-8");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return CsvReader(where, text, options).read();
}

std::string csv_text(const Table& table, const CsvFormat& format) {
  check_delimiter("csv_text", format.delimiter);
  std::string text;
  const auto add_record = [&](const auto& cell_of) {
    std::string record;
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
      if (i > 0) record += format.delimiter;
      record += cell_of(table.columns()[i]);
    }
    text += record + '\n';
  };
  if (format.header)
    add_record([&](const Column& column) { return detail::csv_cell(column.name, format.delimiter); });
  for (std::size_t row = 0; row < table.rows(); ++row)
    add_record([&](const Column& column) { return cell_text(column, row, format.delimiter); });
  return text;
}

void write_csv(const std::filesystem::path& file, const Table& table, const CsvFormat& format) {
  check_delimiter("write_csv", format.delimiter);
  detail::write_file("write_csv", file, csv_text(table, format));
}

}  // namespace gradus::nn
