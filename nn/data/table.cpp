#include <cmath>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/data/table.hpp>

namespace gradus::nn {
namespace {

template <class Values>
const Values& values_of(const Column& column, const char* found, const char* expected) {
  if (const Values* values = std::get_if<Values>(&column.values)) return *values;
  throw ValueError("[Column] \"" + column.name + "\" holds " + found + ": expected " + expected);
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 12;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) text += (i ? ", \"" : "\"") + names[i] + "\"";
  return names.empty() ? "no column" : text + (names.size() > most ? ", ..." : "");
}

}  // namespace

std::size_t Column::size() const {
  return std::visit([](const auto& all) { return all.size(); }, values);
}

bool Column::is_missing(std::size_t row) const {
  return is_numeric() ? std::isnan(numbers()[row]) : texts()[row].empty();
}

const Column::Numbers& Column::numbers() const { return values_of<Numbers>(*this, "texts", "numbers"); }
const Column::Texts& Column::texts() const { return values_of<Texts>(*this, "numbers", "texts"); }

Table::Table(std::vector<Column> columns) {
  columns_.reserve(columns.size());
  for (Column& column : columns) add(std::move(column));
}

void Table::add(Column column) {
  if (has(column.name))
    throw ValueError("[Table] two columns \"" + column.name + "\": expected different names");
  if (!columns_.empty() && column.size() != rows()) {
    throw ValueError("[Table] column \"" + column.name + "\" with " + std::to_string(column.size()) +
                     " rows: expected " + std::to_string(rows()) + " as in \"" + columns_.front().name +
                     "\"");
  }
  const auto place = places_.emplace(column.name, columns_.size()).first;
  try {
    columns_.push_back(std::move(column));
  } catch (...) {
    places_.erase(place);
    throw;
  }
}

std::vector<std::string> Table::names() const {
  std::vector<std::string> all;
  for (const Column& column : columns_) all.push_back(column.name);
  return all;
}

const Column& Table::column(const std::string& name) const {
  if (const auto found = places_.find(name); found != places_.end()) return columns_[found->second];
  throw ValueError("[Table] no column \"" + name + "\": expected one of " + listed(names()));
}

Table make_table(const xt::xarray<double>& array, const std::vector<std::string>& names) {
  if (array.dimension() != 2 || array.shape(1) != names.size()) {
    throw ShapeError("[make_table] array " + to_string(Shape(array.shape())) + ", " +
                     std::to_string(names.size()) + " names: expected (n," + std::to_string(names.size()) +
                     ")");
  }
  Table table;
  for (std::size_t column = 0; column < names.size(); ++column) {
    Column::Numbers numbers(array.shape(0));
    for (std::size_t row = 0; row < numbers.size(); ++row) numbers[row] = array(row, column);
    table.add({names[column], std::move(numbers)});
  }
  return table;
}

}  // namespace gradus::nn
