#include <algorithm>
#include <charconv>
#include <iomanip>
#include <map>
#include <optional>
#include <ostream>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/doubts.hpp>
#include <gradus/nn/cli/shell_word.hpp>

namespace gradus::cli {
namespace {

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

bool is_number(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  return std::from_chars(text.data() + text.starts_with("+"), end, value).ptr == end && !text.empty();
}

/// The first cell that is no number in a column of texts most of which are numbers.
std::optional<std::size_t> first_gap(const nn::Column& column) {
  std::size_t numbers = 0, others = 0, first = 0;
  for (std::size_t row = column.size(); row-- > 0;) {
    if (column.is_missing(row)) continue;
    const bool number = is_number(column.texts()[row]);
    ++(number ? numbers : others);
    if (!number) first = row;
  }
  if (others == 0 || numbers <= others) return {};
  return first;
}

/// How the word of a cell is read as a gap.
std::string remedy(const std::string& word) {
  return "with --na " + shell_word(word) + " it is a missing number";
}

Doubts doubts_of_gaps(const nn::Column& column, std::size_t categories) {
  const auto row = first_gap(column);
  if (!row) return {};
  const std::string& word = column.texts()[*row];
  return {"column " + quoted(column.name) + " is taken as texts, of which there are " +
          std::to_string(categories) + ", because of " + quoted(word) + " in row " +
          std::to_string(*row + 1) + ": " + remedy(word)};
}

std::map<std::int64_t, std::size_t> counts_of(const nn::Dataset<>& set) {
  std::map<std::int64_t, std::size_t> counts;
  for (const std::int64_t label : set.targets) ++counts[label];
  return counts;
}

void print_label(std::ostream& out, const Preprocessing& preprocessing, std::size_t width) {
  constexpr std::size_t most = 12;
  const auto& names = preprocessing.class_names;
  out << "  " << std::left << std::setw(static_cast<int>(width)) << preprocessing.encoder->options().label;
  if (preprocessing.regression) {
    out << "  values to predict\n";
    return;
  }
  out << "  to predict, " << names.size() << (names.size() == 1 ? " class: " : " classes: ")
      << detail::listed(
             {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(most, names.size()))})
      << (names.size() > most ? ", ..." : "") << '\n';
}

}  // namespace

Doubts doubts_of_columns(const nn::Table& table, const nn::Encoder& encoder) {
  Doubts doubts;
  for (const nn::EncodedColumn& each : encoder.columns()) {
    if (each.is_numeric) continue;
    const nn::Column& column = table.column(each.name);
    const Doubts of_gaps = doubts_of_gaps(column, each.categories.size());
    doubts.insert(doubts.end(), of_gaps.begin(), of_gaps.end());
    if (of_gaps.empty() && each.categories.size() > 20 && 2 * each.categories.size() > column.size())
      doubts.push_back("column " + quoted(each.name) + " has " + std::to_string(each.categories.size()) +
                       " different texts in " + std::to_string(column.size()) +
                       " rows, and each becomes a column of the inputs: --ignore leaves it out");
  }
  return doubts;
}

void check_numbers(const nn::Table& table, const std::string& name) {
  if (!table.has(name) || table.column(name).is_numeric()) return;
  const nn::Column& column = table.column(name);
  const auto row = first_gap(column);
  if (!row) return;
  const std::string& word = column.texts()[*row];
  throw DataError("column " + quoted(name) + ", row " + std::to_string(*row + 1) + ": found " + quoted(word) +
                  ", expected a number as in other rows: " + remedy(word));
}

void check_numbers(const nn::Table& table, const nn::Encoder& encoder) {
  for (const nn::EncodedColumn& each : encoder.columns())
    if (each.is_numeric) check_numbers(table, each.name);
}

Doubts doubts_of_classes(const AnyDataset& examples, const Preprocessing& preprocessing) {
  const auto* const set = std::get_if<nn::Dataset<>>(&examples);
  if (!set) return {};
  const auto counts = counts_of(*set);
  const std::size_t classes = preprocessing.class_names.size();
  if (counts.size() == 1)
    return {"all rows are of the one class " +
            quoted(preprocessing.class_names.at(static_cast<std::size_t>(counts.begin()->first))) +
            ": there is nothing to learn"};
  Doubts doubts;
  if (2 * counts.size() < classes)
    doubts.push_back("of the classes 0 to " + std::to_string(classes - 1) + " only " +
                     std::to_string(counts.size()) + " have examples");
  if (counts.size() > 20 && set->size() < 10 * counts.size()) {
    const bool are_numbers =
        std::all_of(preprocessing.class_names.begin(), preprocessing.class_names.end(), is_number);
    doubts.push_back(std::to_string(counts.size()) + " classes in " + std::to_string(set->size()) + " rows" +
                     (are_numbers ? ": --regression takes them as values" : ": few examples of each"));
  }
  return doubts;
}

void print_columns(std::ostream& out, const Preprocessing& preprocessing) {
  if (!preprocessing.encoder) return;
  constexpr std::size_t most = 6;
  const auto columns = preprocessing.encoder->columns();
  std::size_t width = preprocessing.encoder->options().label.size(), inputs = 0;
  for (const auto& each : columns) width = std::max(width, each.name.size()), inputs += each.width;
  out << "columns of the table, and how many inputs each becomes, " << inputs << " in all\n";
  for (const auto& each : columns) {
    out << "  " << std::left << std::setw(static_cast<int>(width)) << each.name << "  "
        << (each.is_numeric ? "number" : "texts ") << "  " << std::right << std::setw(4) << each.width;
    std::vector<std::string> shown = each.categories;
    shown.resize(std::min(most, shown.size()));
    out << (shown.empty() ? "" : "  " + detail::listed(shown))
        << (each.categories.size() > most ? ", ..." : "") << '\n';
  }
  print_label(out, preprocessing, width);
  out << '\n';
}

}  // namespace gradus::cli
