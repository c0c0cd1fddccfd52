#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace gradus::nn::detail {

/// Takes text of comma-separated values apart, cell after cell (RFC 4180).
class CsvCells {
 public:
  /// Both texts must outlive it; messages begin with `where`: "[read_csv] file".
  CsvCells(std::string_view where, std::string_view text, char delimiter);

  /// Whether no record is left.
  bool at_end() const { return starts_record_ && at_ == text_.size(); }
  /// Whether the next cell is the first of a record.
  bool starts_record() const { return starts_record_; }
  /// The line, from 1, on which the latest cell began.
  std::size_t line() const { return line_; }
  /// Passes over the next line when there is nothing on it.
  bool skip_blank_line();

  /// The next cell, without its quotes and the blanks around it; valid until the next call. DataError for
  /// quotes that do not end, begin or end within a cell.
  std::string_view next();

  /// DataError for the latest cell, or, from 1, that in the given column.
  [[noreturn]] void fail(const std::string& found, const std::string& expected, std::size_t column = 0) const;

 private:
  bool is_blank(char c) const { return (c == ' ' || c == '\t') && c != delimiter_; }
  bool is_stop(char c) const { return stops_[static_cast<unsigned char>(c)]; }
  void skip_blanks();
  std::string_view plain();
  std::string_view quoted();
  void end_cell();
  bool end_line();

  std::string_view where_;
  std::string_view text_;
  char delimiter_;
  std::array<bool, 256> stops_{};  // characters that end a plain cell, and quotes, which it must not have
  std::size_t at_ = 0;
  std::size_t line_ = 1;       // of the latest cell
  std::size_t next_line_ = 1;  // at at_
  std::size_t column_ = 0;     // of the latest cell, from 1
  bool starts_record_ = true;
  std::string unquoted_;
};

}  // namespace gradus::nn::detail
