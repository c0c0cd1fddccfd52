#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <gradus/nn/optimizers/line_search.hpp>

namespace gradus::nn::detail {

double cubic_minimum(double x1, double f1, double g1, double x2, double f2, double g2, double lowest,
                     double highest) {
  if (x1 > x2) {
    std::swap(x1, x2);
    std::swap(f1, f2);
    std::swap(g1, g2);
  }
  const double d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2), square = d1 * d1 - g1 * g2;
  if (square >= 0) {
    const double d2 = std::sqrt(square);
    const double x = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2));
    if (std::isfinite(x)) return std::min(std::max(x, lowest), highest);
  }
  return (lowest + highest) / 2;
}

namespace {

/// One search along a line.
template <class T>
class WolfeSearch {
 public:
  using Point = LinePoint<T>;

  WolfeSearch(const std::function<Point(double)>& evaluate, const Point& start, const WolfeOptions& options)
      : evaluate_(evaluate), start_(start), options_(options) {}

  LineResult<T> run(double first_step) {
    find_bracket(first_step);
    while (!is_done_ && trials_ < options_.max_trials &&
           width() * options_.largest_direction >= options_.smallest_move)
      shrink_bracket();
    return {std::move(low()), evaluations_};
  }

 private:
  Point& low() { return ends_[low_]; }
  Point& high() { return ends_[1 - low_]; }
  double width() const { return std::abs(ends_[1].step - ends_[0].step); }

  Point try_step(double step) {
    ++evaluations_;
    return evaluate_(step);
  }
  bool decreases_too_little(const Point& point) const {  // a NaN does
    return !(point.loss <= start_.loss + options_.decrease * point.step * start_.slope);
  }
  bool is_flat(const Point& point) const {
    return std::abs(point.slope) <= -options_.curvature * start_.slope;
  }
  static double interpolate(const Point& a, const Point& b, double lowest, double highest) {
    return cubic_minimum(a.step, a.loss, a.slope, b.step, b.loss, b.slope, lowest, highest);
  }

  void set_bracket(Point a, Point b) {
    ends_ = {std::move(a), std::move(b)};
    low_ = ends_[0].loss > ends_[1].loss ? 1 : 0;
  }

  /// Ends with a bracket that has a minimum in it, or with a point that fulfils the conditions.
  void find_bracket(double first_step) {
    Point previous = start_, point = try_step(first_step);
    for (; trials_ < options_.max_trials; ++trials_) {
      if (decreases_too_little(point) || (trials_ > 1 && point.loss >= previous.loss) ||
          (!is_flat(point) && point.slope >= 0))
        return set_bracket(std::move(previous), std::move(point));
      if (is_flat(point)) {
        is_done_ = true;
        ends_[low_] = std::move(point);
        return;
      }
      const double next =
          interpolate(previous, point, point.step + 0.01 * (point.step - previous.step), 10 * point.step);
      previous = std::exchange(point, try_step(next));
    }
    set_bracket(start_, std::move(point));
  }

  /// A step inside the bracket; at its ends, or near them twice in a row, a tenth of its width away.
  double next_step() {
    const auto [first, last] = std::minmax(ends_[0].step, ends_[1].step);
    const double step = interpolate(ends_[0], ends_[1], first, last), margin = 0.1 * (last - first);
    const bool is_near = std::min(last - step, step - first) < margin;
    const bool must_move = is_near && (was_near_ || step >= last || step <= first);
    was_near_ = is_near && !must_move;
    if (!must_move) return step;
    return std::abs(step - last) < std::abs(step - first) ? last - margin : first + margin;
  }

  void shrink_bracket() {
    Point point = try_step(next_step());
    ++trials_;
    if (decreases_too_little(point) || point.loss >= low().loss) {
      high() = std::move(point);
      low_ = ends_[0].loss > ends_[1].loss ? 1 : 0;
      return;
    }
    if (is_flat(point))
      is_done_ = true;
    else if (point.slope * (high().step - low().step) >= 0)
      high() = std::move(low());
    low() = std::move(point);
  }

  const std::function<Point(double)>& evaluate_;
  const Point& start_;
  const WolfeOptions& options_;
  std::array<Point, 2> ends_;
  std::size_t low_ = 0;  // the end with the lower loss
  std::size_t trials_ = 0, evaluations_ = 0;
  bool is_done_ = false;   // low() fulfils the conditions
  bool was_near_ = false;  // the last step was near an end of the bracket
};

}  // namespace

template <class T>
LineResult<T> strong_wolfe(const std::function<LinePoint<T>(double)>& evaluate, const LinePoint<T>& start,
                           double first_step, const WolfeOptions& options) {
  return WolfeSearch<T>(evaluate, start, options).run(first_step);
}

template LineResult<float> strong_wolfe(const std::function<LinePoint<float>(double)>&,
                                        const LinePoint<float>&, double, const WolfeOptions&);
template LineResult<double> strong_wolfe(const std::function<LinePoint<double>(double)>&,
                                         const LinePoint<double>&, double, const WolfeOptions&);

}  // namespace gradus::nn::detail
