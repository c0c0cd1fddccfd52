#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gradus::nn::detail {

struct AxisOptions {
  bool from_zero = true;  ///< begins at 0 unless a value is negative; not for logarithms
  bool percent = false;   ///< values are fractions, shown in percent
  bool log = false;       ///< equal distances are equal factors
  bool whole = false;     ///< values are counts: nothing between whole numbers is written beside it
};

/// Where values lie between the ends of an axis, and round numbers to write beside it.
class Axis {
 public:
  Axis() = default;
  /// Reaches over all drawable values; with round ends, if asked.
  Axis(const std::vector<double>& values, const AxisOptions& options, bool round_ends);

  /// Whether a value has a place: not NaN, infinite or beyond 1e100, and positive for logarithms.
  static bool drawable(double value, bool log);

  /// 0 at the lower end, 1 at the upper.
  double part(double value) const;
  std::vector<double> ticks() const;
  /// With a power of ten, "1.5e6", where a tick of the axis is long otherwise.
  std::string text(double tick) const;
  /// The most letters that the text of a tick has.
  std::size_t text_width() const;

 private:
  double scaled(double value) const;  // by its logarithm to base 10, if the axis is
  void set_linear_ends(bool round_ends);
  void set_log_ends(bool round_ends);
  std::string plain_text(double tick) const;
  std::string power_text(double tick) const;
  std::size_t widest(std::string (Axis::*written)(double) const) const;
  bool needs_powers() const;

  AxisOptions options_;
  double lo_ = 0, hi_ = 1;  // scaled
  double step_ = 1;         // between ticks, scaled
  bool with_powers_ = false;
};

}  // namespace gradus::nn::detail
