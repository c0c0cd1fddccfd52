#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace gradus::nn {

/// Points to be joined by a line; where x or y is not finite (or beyond 1e100) the line has a gap.
struct Curve {
  std::string name = {};
  std::vector<double> x = {};
  std::vector<double> y = {};
  bool joined = true;  ///< by a line; otherwise the points are drawn alone
};

/// Curves on common axes. Few points say their values when the pointer rests on them.
struct Panel {
  std::string title = {};
  std::string x_label = {};
  std::vector<Curve> curves = {};
  bool percent = false;  ///< y is a fraction, shown in percent
  bool log = false;  ///< equal distances along y are equal factors; lines have gaps where y is not positive
  std::string y_label = {};
  bool from_zero = true;  ///< axes begin at 0 unless a value is negative; that of a percentage never does
};

/// Writes the panels side by side as an SVG picture that needs nothing else: axes with ticks, a legend in
/// each. ValueError when a curve has not as many x as y.
void write_svg(std::ostream& out, const std::vector<Panel>& panels);

/// The same into a file. DataError when it cannot be written, which then is as it was.
void write_svg(const std::filesystem::path& file, const std::vector<Panel>& panels);

}  // namespace gradus::nn
