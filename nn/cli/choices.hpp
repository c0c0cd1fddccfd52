#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>

namespace gradus::cli {

/// What a flag can be set to by name: tables of rows that have a `name`.
template <class Row>
std::vector<std::string> names_of(const std::vector<Row>& table) {
  std::vector<std::string> names;
  for (const Row& row : table) names.push_back(row.name);
  return names;
}

/// What commas divide: {"a,b", "c"} becomes {"a", "b", "c"}, without blanks around them.
inline std::vector<std::string> parts_of(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) {
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
      end = text.find(',', begin);
      const std::string part = text.substr(begin, end == std::string::npos ? end : end - begin);
      const std::size_t first = part.find_first_not_of(' '), last = part.find_last_not_of(' ');
      parts.push_back(first == std::string::npos ? "" : part.substr(first, last - first + 1));
    }
  }
  return parts;
}

/// The row of that name. ValueError, listing those there are, for another.
template <class Row>
const Row& row_named(const char* what, const std::vector<Row>& table, const std::string& name) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.name == name; });
  if (found == table.end())
    throw ValueError(std::string("unknown ") + what + " '" + name +
                     "': " + detail::expected_one_of(names_of(table)));
  return *found;
}

}  // namespace gradus::cli
