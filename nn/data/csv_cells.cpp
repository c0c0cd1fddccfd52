#include <gradus/core/error.hpp>
#include <gradus/nn/data/csv_cells.hpp>

namespace gradus::nn::detail {

CsvCells::CsvCells(std::string_view where, std::string_view text, char delimiter)
    : where_(where), text_(text), delimiter_(delimiter) {
  for (char stop : {delimiter, '"', '\r', '\n'}) stops_[static_cast<unsigned char>(stop)] = true;
}

bool CsvCells::skip_blank_line() { return starts_record_ && end_line(); }

std::string_view CsvCells::next() {
  column_ = starts_record_ ? 1 : column_ + 1;
  line_ = next_line_;
  starts_record_ = false;
  skip_blanks();
  const bool has_quotes = at_ < text_.size() && text_[at_] == '"';
  const std::string_view cell = has_quotes ? quoted() : plain();
  end_cell();
  return cell;
}

void CsvCells::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

std::string_view CsvCells::plain() {
  const std::size_t first = at_;
  while (at_ < text_.size() && !is_stop(text_[at_])) ++at_;
  if (at_ < text_.size() && text_[at_] == '"')
    fail("a quote within a cell", "the whole cell in quotes, and quotes within it doubled");
  std::size_t end = at_;
  while (end > first && is_blank(text_[end - 1])) --end;
  return text_.substr(first, end - first);
}

std::string_view CsvCells::quoted() {
  unquoted_.clear();
  for (++at_;;) {
    const std::size_t quote = text_.find('"', at_);
    if (quote == std::string_view::npos) fail("a quote without its end", "a second quote");
    const std::string_view part = text_.substr(at_, quote - at_);
    for (std::size_t i = 0; i < part.size(); ++i)
      next_line_ += part[i] == '\n' || (part[i] == '\r' && text_[at_ + i + 1] != '\n');
    unquoted_ += part;
    at_ = quote + 1;
    if (at_ == text_.size() || text_[at_] != '"') break;
    unquoted_ += '"';
    ++at_;
  }
  skip_blanks();
  if (at_ < text_.size() && (!is_stop(text_[at_]) || text_[at_] == '"'))
    fail("text after the closing quote", "the end of the cell");
  return unquoted_;
}

void CsvCells::end_cell() {
  if (at_ < text_.size() && text_[at_] == delimiter_) {
    ++at_;
  } else {
    end_line();
    starts_record_ = true;
  }
}

// Passes over an end of line if there is one here.
bool CsvCells::end_line() {
  const std::size_t before = at_;
  if (at_ < text_.size() && text_[at_] == '\r') ++at_;
  if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  next_line_ += at_ > before;
  return at_ > before;
}

void CsvCells::fail(const std::string& found, const std::string& expected, std::size_t column) const {
  throw DataError(std::string(where_) + ", line " + std::to_string(line_) + ", column " +
                  std::to_string(column ? column : column_) + ": found " + found + ", expected " + expected);
}

}  // namespace gradus::nn::detail
