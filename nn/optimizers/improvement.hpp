#pragma once

#include <limits>

namespace gradus::nn {

/// What is better than before: of a quantity that is to fall, or to rise, by more than a threshold.
struct Improvement {
  bool larger_is_better = false;
  double threshold = 0;   ///< not negative
  bool relative = false;  ///< the threshold is a part of the best, and below 1

  /// What to begin with: an infinity, that any finite value is better than.
  double worst() const { return (larger_is_better ? -1 : 1) * std::numeric_limits<double>::infinity(); }
  /// Whether value < best - threshold, or value < best (1 - threshold) where it is relative; larger values:
  /// with > and +. NaN never is.
  bool is_better(double value, double best) const {
    const double margin = larger_is_better ? threshold : -threshold;
    const double bound = relative ? best * (1 + margin) : best + margin;
    return larger_is_better ? value > bound : value < bound;
  }
};

}  // namespace gradus::nn
