#pragma once

#include <cstddef>
#include <functional>

#include <gradus/core/array.hpp>

namespace gradus::nn::detail {

/// A point on the line x + step d.
template <class T>
struct LinePoint {
  double step, loss;
  Array<T> gradient;
  double slope;  ///< of the loss along the line: gradient . d
};

struct WolfeOptions {
  double decrease = 1e-4;    ///< c1: the loss falls by at least this part of what the slope at 0 promises
  double curvature = 0.9;    ///< c2: the slope is at most this part of what it was at 0
  double smallest_move;      ///< a bracket in which no element of x moves by more than this is good enough
  double largest_direction;  ///< the largest |element| of d
  std::size_t max_trials = 25;
};

template <class T>
struct LineResult {
  LinePoint<T> point;
  std::size_t evaluations;
};

/// A step that fulfils the strong Wolfe conditions, loss <= loss_0 + c1 step slope_0 and
/// |slope| <= c2 |slope_0|, or the best one found when trials run out: first longer and longer steps, from
/// `first_step` on, until there is a bracket, then shorter and shorter brackets; new steps by cubic
/// interpolation, kept away from the ends of the bracket. A loss that is not finite counts as too large.
/// Source: J. Nocedal, S. J. Wright, "Numerical optimization" (2006), algorithms 3.5 and 3.6, with the
/// safeguards of M. Schmidt's minFunc, in the order in which PyTorch has them.
template <class T>
LineResult<T> strong_wolfe(const std::function<LinePoint<T>(double step)>& evaluate,
                           const LinePoint<T>& start, double first_step, const WolfeOptions& options);

/// The minimum, within [lowest, highest], of the cubic that has these values f and slopes g at two places;
/// the middle of that interval where the cubic has none.
double cubic_minimum(double x1, double f1, double g1, double x2, double f2, double g2, double lowest,
                     double highest);

}  // namespace gradus::nn::detail
