#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <gradus/core/xtensor.hpp>

namespace gradus::nn {

/// A named column of a table: numbers, in which NaN is a missing value, or texts, in which an empty one is.
struct Column {
  using Numbers = std::vector<double>;
  using Texts = std::vector<std::string>;

  std::string name;
  std::variant<Numbers, Texts> values;

  bool is_numeric() const { return std::holds_alternative<Numbers>(values); }
  std::size_t size() const;
  bool is_missing(std::size_t row) const;
  /// ValueError, naming the column, when it is of the other kind.
  const Numbers& numbers() const;
  const Texts& texts() const;
};

/// Columns of equally many rows, each under a name of its own: what read_csv() gives.
class Table {
 public:
  Table() = default;
  /// ValueError when two columns have the same name or not equally many rows.
  explicit Table(std::vector<Column> columns);

  /// One more column on the right. ValueError as above; the table stays as it was.
  void add(Column column);

  std::size_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
  const std::vector<Column>& columns() const { return columns_; }
  std::vector<std::string> names() const;
  bool has(const std::string& name) const { return places_.contains(name); }
  /// ValueError, listing those there are, when there is none of that name.
  const Column& column(const std::string& name) const;

 private:
  std::vector<Column> columns_;
  std::map<std::string, std::size_t> places_;  // of the columns, by their names
};

/// An array (n, k) as a table of k numeric columns with those names; ShapeError unless it is one.
Table make_table(const xt::xarray<double>& array, const std::vector<std::string>& names);

}  // namespace gradus::nn
