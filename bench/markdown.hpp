#pragma once

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "measure.hpp"
#include "workloads.hpp"

/// Tables of Markdown that can be read as they are.
namespace workloads {

inline std::string text(const char* format, double first, double second = 0) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, first, second);
  return buffer;
}

inline void print_cell(const std::string& cell, int width) { std::printf(" %-*s |", width, cell.c_str()); }

struct Column {
  std::string title;
  int width;
  bool is_number = false;  // stands on the right
};

inline void print_head(const std::vector<Column>& columns) {
  std::printf("|");
  for (const Column& column : columns) print_cell(column.title, column.width);
  std::printf("\n|");
  for (const Column& column : columns)
    std::printf("%s%s|", std::string(column.width + (column.is_number ? 1 : 2), '-').c_str(),
                column.is_number ? ":" : "");
  std::printf("\n");
}

inline std::string title_cell(const Row& row) { return row.title + (row.steps > 0 ? ", ns" : ", us"); }

/// "median (min)" of microseconds, or of nanoseconds a step.
inline std::string time_cell(const Row& row, const Summary& s) {
  if (s.median == 0) return "";
  const double unit = row.steps > 0 ? row.steps : 1e3;
  const double median = s.median / unit, min = s.min / unit;
  return text(median < 100 ? "%.2f (%.2f)" : "%.0f (%.0f)", median, min);
}

}  // namespace workloads
