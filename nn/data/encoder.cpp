#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/data/encoder.hpp>

namespace gradus::nn {
namespace {

using Rows = std::vector<std::size_t>;

[[noreturn]] void fail(const std::string& column, const std::string& found, const std::string& expected) {
  throw DataError("[Encoder] column \"" + column + "\": found " + found + ", expected " + expected);
}

[[noreturn]] void fail(const Column& column, std::size_t row, const std::string& found,
                       const std::string& expected) {
  throw DataError("[Encoder] column \"" + column.name + "\", row " + std::to_string(row + 1) + ": found " +
                  found + ", expected " + expected);
}

[[noreturn]] void fail_missing(const Column& column, std::size_t row) {
  fail(column, row, "a missing value", "a value (the option 'missing' says what becomes of gaps in inputs)");
}

std::string quoted(const std::string& text) { return std::string("\"").append(text).append("\""); }

// -0 is 0.
std::string text_at(const Column& column, std::size_t row) {
  return column.is_numeric() ? gradus::detail::number_text(column.numbers()[row] + 0.0) : column.texts()[row];
}

Rows every_row(const Table& table) {
  Rows rows(table.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

// Those of `kept` that are in `rows` too.
Rows among(Rows kept, std::span<const std::size_t> rows, std::size_t count) {
  std::vector<bool> is_chosen(count, false);
  for (std::size_t row : rows) {
    if (row >= count)
      throw ValueError("[Encoder] row " + std::to_string(row) + ": expected fewer than " +
                       std::to_string(count));
    is_chosen[row] = true;
  }
  std::erase_if(kept, [&](std::size_t row) { return !is_chosen[row]; });
  return kept;
}

const Column::Numbers& numbers_of(const Column& column) {
  if (!column.is_numeric()) {
    std::size_t row = 0;
    while (row + 1 < column.size() && column.is_missing(row)) ++row;
    fail(column, row, "the text \"" + column.texts()[row] + "\"", "a column of numbers");
  }
  return column.numbers();
}

// The values that are there, all finite.
Column::Numbers present(const Column& column, const Rows& rows) {
  const Column::Numbers& numbers = numbers_of(column);
  Column::Numbers found;
  for (std::size_t row : rows) {
    if (std::isinf(numbers[row])) fail(column, row, "an infinite number", "a finite one");
    if (!std::isnan(numbers[row])) found.push_back(numbers[row]);
  }
  return found;
}

// Inputs and targets are floats.
float as_float(const Column& column, std::size_t row, double value) {
  const auto result = static_cast<float>(value);
  if (!std::isfinite(result))
    fail(column, row, gradus::detail::number_text(value), "a number that is finite as a float");
  return result;
}

double mean(const Column::Numbers& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(Column::Numbers values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return std::midpoint(*std::max_element(values.begin(), middle), *middle);
}

std::size_t place_of(const std::vector<std::string>& sorted, const std::string& text) {
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), text);
  return found != sorted.end() && *found == text ? static_cast<std::size_t>(found - sorted.begin())
                                                 : sorted.size();
}

std::string listed(const std::vector<std::string>& texts) {
  constexpr std::size_t most = 12;
  std::string list = "one of ";
  for (std::size_t i = 0; i < std::min(texts.size(), most); ++i) list += (i ? ", " : "") + quoted(texts[i]);
  return list + (texts.size() > most ? ", ..." : "");
}

}  // namespace

Encoder::Encoder(const Table& table, const EncoderOptions& options)
    : Encoder(table, options, every_row(table)) {}

Encoder::Encoder(const Table& table, const EncoderOptions& options, std::span<const std::size_t> rows)
    : options_(options) {
  choose_columns(table);
  const Rows kept = kept_rows(table), learnt_from = among(kept, rows, table.rows());
  if (learnt_from.empty()) throw DataError("[Encoder] no row to learn from: expected at least one");
  for (Feature& feature : features_) {
    const Column& column = table.column(feature.name);
    feature.is_numeric ? learn_numbers(feature, column, learnt_from)
                       : learn_categories(feature, column, learnt_from);
  }
  if (options_.regression) {
    present(table.column(options_.label), kept);
  } else {
    learn_classes(table.column(options_.label), kept);
  }
}

void Encoder::choose_columns(const Table& table) {
  if (table.columns().empty()) throw ValueError("[Encoder] a table without columns: expected at least two");
  if (options_.label.empty()) options_.label = table.columns().back().name;
  table.column(options_.label);
  for (const std::string& name : options_.ignore) {
    table.column(name);
    if (name == options_.label)
      throw ValueError("[Encoder] the label \"" + name + "\" is ignored: expected another");
  }
  for (const Column& column : table.columns()) {
    const auto& ignored = options_.ignore;
    if (column.name == options_.label ||
        std::find(ignored.begin(), ignored.end(), column.name) != ignored.end())
      continue;
    features_.push_back({.name = column.name, .is_numeric = column.is_numeric()});
  }
  if (features_.empty())
    throw ValueError("[Encoder] no column but the label: expected at least one to learn from");
}

void Encoder::learn_numbers(Feature& feature, const Column& column, const Rows& rows) const {
  const Column::Numbers values = present(column, rows);
  if (values.empty()) fail(column.name, "missing values only", "at least one number");
  if (fills()) feature.number = options_.missing == Missing::mean ? mean(values) : median(values);
}

void Encoder::learn_categories(Feature& feature, const Column& column, const Rows& rows) const {
  std::map<std::string, std::size_t> counts;
  for (std::size_t row : rows) {
    if (!column.is_missing(row)) ++counts[column.texts()[row]];
  }
  if (counts.empty()) fail(column.name, "missing values only", "at least one text");
  std::size_t most = 0;
  for (const auto& [text, count] : counts) {
    if (count > most) feature.category = feature.categories.size();  // the first of equals
    most = std::max(most, count);
    feature.categories.push_back(text);
  }
}

void Encoder::learn_classes(const Column& column, const Rows& rows) {
  std::map<double, std::string> by_value;
  std::vector<std::string> texts;
  for (std::size_t row : rows) {
    if (column.is_missing(row)) fail_missing(column, row);
    if (!column.is_numeric()) {
      texts.push_back(column.texts()[row]);
      continue;
    }
    const double value = column.numbers()[row];
    if (!(std::abs(value) <= 1e15) || value != std::floor(value))
      fail(column, row, text_at(column, row),
           "whole numbers or texts for classes (the option 'regression' takes numbers as values)");
    by_value.emplace(value, text_at(column, row));
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  class_names_ = std::move(texts);
  for (const auto& [value, text] : by_value) class_names_.push_back(text);
}

std::size_t Encoder::width(const Feature& feature) const {
  const bool one = feature.is_numeric || options_.categories == Categories::index;
  return one ? 1 : feature.categories.size();
}

// Those that are not dropped.
Rows Encoder::kept_rows(const Table& table) const {
  Rows rows = every_row(table);
  if (options_.missing != Missing::drop) return rows;
  std::vector<const Column*> used{&table.column(options_.label)};
  for (const Feature& feature : features_) used.push_back(&table.column(feature.name));
  std::erase_if(rows, [&](std::size_t row) {
    return std::any_of(used.begin(), used.end(),
                       [&](const Column* column) { return column->is_missing(row); });
  });
  return rows;
}

xt::xarray<float> Encoder::inputs(const Table& table, const Rows& rows) const {
  std::size_t columns = 0;
  for (const Feature& feature : features_) columns += width(feature);
  xt::xarray<float> out = xt::xarray<float>::from_shape({rows.size(), columns});
  out.fill(0);
  float* place = out.data();
  for (const Feature& feature : features_) {
    const Column& column = table.column(feature.name);
    if (feature.is_numeric) {
      encode_numbers(feature, column, rows, place, columns);
    } else {
      encode_texts(feature, column, rows, place, columns);
    }
    place += width(feature);
  }
  return out;
}

void Encoder::encode_numbers(const Feature& feature, const Column& column, const Rows& rows, float* out,
                             std::size_t stride) const {
  const Column::Numbers& numbers = numbers_of(column);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool missing = std::isnan(numbers[rows[i]]);
    if (missing && !fills()) fail_missing(column, rows[i]);
    out[i * stride] = as_float(column, rows[i], missing ? feature.number : numbers[rows[i]]);
  }
}

void Encoder::encode_texts(const Feature& feature, const Column& column, const Rows& rows, float* out,
                           std::size_t stride) const {
  const bool one_hot = options_.categories == Categories::one_hot;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool missing = column.is_missing(rows[i]);
    if (missing && !fills()) fail_missing(column, rows[i]);
    const std::size_t place =
        missing ? feature.category : place_of(feature.categories, text_at(column, rows[i]));
    const bool known = place < feature.categories.size();
    if (!known && !(one_hot && options_.allow_unknown))
      fail(
          column, rows[i], quoted(text_at(column, rows[i])),
          listed(feature.categories) +
              ", which the rows that were learnt from have (EncoderOptions::allow_unknown lets others be all "
              "zeros)");
    if (!one_hot) out[i * stride] = static_cast<float>(place);
    if (one_hot && known) out[i * stride + place] = 1;
  }
}

Dataset<> Encoder::classes(const Table& table) const {
  if (options_.regression) throw ValueError("[Encoder] classes() after regression: expected values()");
  return {inputs(table, kept_rows(table)), labels(table)};
}

xt::xarray<std::int64_t> Encoder::labels(const Table& table) const {
  if (options_.regression) throw ValueError("[Encoder] labels() after regression: expected values()");
  const Column& label = table.column(options_.label);
  const Rows rows = kept_rows(table);
  std::map<std::string, std::size_t> places;
  for (const std::string& name : class_names_) places.emplace(name, places.size());
  xt::xarray<std::int64_t> labels = xt::xarray<std::int64_t>::from_shape({rows.size()});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (label.is_missing(rows[i])) fail_missing(label, rows[i]);
    const auto found = places.find(text_at(label, rows[i]));
    if (found == places.end()) fail(label, rows[i], quoted(text_at(label, rows[i])), listed(class_names_));
    labels.data()[i] = static_cast<std::int64_t>(found->second);
  }
  return labels;
}

Dataset<float> Encoder::values(const Table& table) const {
  if (!options_.regression)
    throw ValueError("[Encoder] values() without EncoderOptions::regression: expected classes()");
  const Column& label = table.column(options_.label);
  const Column::Numbers& numbers = numbers_of(label);
  const Rows rows = kept_rows(table);
  Dataset<float> set{inputs(table, rows), xt::xarray<float>::from_shape({rows.size(), std::size_t{1}})};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (std::isnan(numbers[rows[i]])) fail_missing(label, rows[i]);
    set.targets.data()[i] = as_float(label, rows[i], numbers[rows[i]]);
  }
  return set;
}

xt::xarray<float> Encoder::inputs(const Table& table) const { return inputs(table, every_row(table)); }

std::vector<EncodedColumn> Encoder::columns() const {
  std::vector<EncodedColumn> columns;
  for (const Feature& feature : features_)
    columns.push_back({.name = feature.name,
                       .is_numeric = feature.is_numeric,
                       .categories = feature.categories,
                       .width = width(feature)});
  return columns;
}

std::vector<std::string> Encoder::feature_names() const {
  std::vector<std::string> names;
  for (const Feature& feature : features_) {
    if (width(feature) == 1 && (feature.is_numeric || options_.categories == Categories::index)) {
      names.push_back(feature.name);
    } else {
      for (const std::string& category : feature.categories) names.push_back(feature.name + "=" + category);
    }
  }
  return names;
}

}  // namespace gradus::nn
