#include <algorithm>
#include <cmath>
#include <utility>

#include <gradus/core/verdict.hpp>

namespace gradus::detail {

std::vector<double> Line::values(double t) {
  if (t == 0) return base_;
  std::vector<double> y = at(t);
  double magnitude = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    if (y[i] != base_[i]) magnitude += std::abs(weights_[i]) * std::max(std::abs(y[i]), std::abs(base_[i]));
  if (magnitude > magnitude_) magnitude_ = magnitude;
  return y;
}

double Line::base_magnitude() const {
  double sum = 0;
  for (std::size_t i = 0; i < base_.size(); ++i) sum += std::abs(weights_[i] * base_[i]);
  return sum;
}

double Line::slope(double from, double to) {
  const std::vector<double> a = values(from), b = values(to);
  double rise = 0;
  for (std::size_t i = 0; i < a.size(); ++i) rise += weights_[i] * (b[i] - a[i]);
  return rise / (to - from);
}

Estimate Line::extrapolated(double widest) {
  return ridders([this](double step) { return slope(-exact(step), exact(step)); }, widest);
}

double Line::derivative(Stencil stencil, double step) {
  if (stencil == Stencil::ridders) return extrapolated(step).value;
  const StencilFormula& formula = formula_of(stencil);
  std::vector<double> sums(base_.size());
  for (const auto& [offset, weight] : formula.points) {
    const std::vector<double> y = values(offset * step);
    for (std::size_t i = 0; i < y.size(); ++i) sums[i] += weight * y[i];
  }
  double sum = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) sum += weights_[i] * sums[i];
  return sum / (formula.divisor * step);
}

namespace {

using Element = GradientCheck::Element;

double size_of(double analytic, double numerical) {
  return std::max({std::abs(analytic), std::abs(numerical), 1e-8});
}

/// The slope on one side of a point, by a step and by an eighth of it.
struct Side {
  double far, near;

  /// For the step 0, without the error that is proportional to the step.
  double at_once() const { return (8 * near - far) / 7; }
  bool is_finite() const { return std::isfinite(far) && std::isfinite(near); }
  double change() const { return std::abs(far - near); }
};

/// What two steps on both sides tell of a point.
struct Surroundings {
  double step;
  Side left, right;

  Surroundings(Line& line, double h) : step(h), left(side(line, -h)), right(side(line, h)) {}

  bool is_finite() const { return left.is_finite() && right.is_finite(); }
  /// With the error that rounding of all elements would make, whether they have changed or not.
  Estimate derivative(double rounding) const {
    const double far = (left.far + right.far) / 2, near = (left.near + right.near) / 2;
    return {(left.at_once() + right.at_once()) / 2, std::abs(far - near) + rounding / (step / 8)};
  }

 private:
  static Side side(Line& line, double h) {
    return {line.slope(0, h), line.slope(0, std::copysign(line.exact(std::abs(h) / 8), h))};
  }
};

class Judge {
 public:
  Judge(Element& element, Line& line, double tolerance)
      : element_(element), line_(line), tolerance_(tolerance) {}

  void decide() {
    if (element_.relative_error <= tolerance_) return;
    element_.verdict = Verdict::undefined;
    if (std::isnan(element_.relative_error)) return;
    const Surroundings near = surroundings();
    if (near.is_finite() && (is_kink(near) || is_one_sided(near))) return;
    const Estimate best = best_estimate(near);
    if (!is_close(best) && near.is_finite() && is_jump(near)) return;
    if (std::isnan(best.value)) return;  // f is not defined around here
    if (is_certainly_wrong(best))
      element_.verdict = Verdict::wrong;
    else
      explain(best, near.step);
  }

 private:
  Surroundings surroundings() {
    double step = line_.exact(std::cbrt(line_.epsilon()) * line_.scale());
    for (int tries = 0; tries < 3; ++tries, step = line_.exact(step / 8))
      if (const Surroundings s(line_, step); s.is_finite()) return s;  // else a domain ends nearby
    return Surroundings(line_, step);
  }

  /// Near by, nearer, or from afar: the first that settles the question.
  Estimate best_estimate(const Surroundings& near) {
    const double rounding = line_.epsilon() * line_.base_magnitude(), wide = line_.exact(line_.scale() / 8);
    Estimate best = near.derivative(rounding);
    if (is_settled(best)) return best;
    best = Surroundings(line_, line_.exact(near.step / 64)).derivative(rounding);
    if (is_settled(best)) return best;
    best = line_.extrapolated(wide);
    best.error += rounding / wide;
    return best;
  }
  bool is_settled(const Estimate& e) const { return is_close(e) || is_certainly_wrong(e); }

  double slack(double value) const { return tolerance_ * size_of(element_.analytic, value); }
  bool is_close(const Estimate& e) const { return std::abs(e.value - element_.analytic) <= slack(e.value); }
  bool is_certainly_wrong(const Estimate& e) const {
    return std::abs(e.value - element_.analytic) > slack(e.value) + 4 * e.error;
  }
  bool is_between(double a, double b) const {
    const double x = element_.analytic, margin = tolerance_ * std::max(size_of(x, a), size_of(x, b));
    return std::min(a, b) - margin <= x && x <= std::max(a, b) + margin;
  }
  /// What a difference of slopes must exceed to be more than rounding.
  double noise(const Surroundings& s) const {
    return 16 * line_.epsilon() * line_.magnitude() / (s.step / 8);
  }

  void set_kink(double left, double right, bool is_jump) {
    element_.verdict = is_between(left, right) ? Verdict::kink : Verdict::wrong;
    element_.left_slope = left;
    element_.right_slope = right;
    element_.is_jump = is_jump;
  }

  /// Two slopes that do not come nearer as the step shrinks, while each side has settled.
  bool is_kink(const Surroundings& s) {
    const double left = s.left.at_once(), right = s.right.at_once(), apart = std::abs(left - right);
    if (!(apart > tolerance_ * size_of(left, right) && apart > noise(s))) return false;
    if (s.left.change() > apart / 4 || s.right.change() > apart / 4) return false;
    set_kink(left, right, false);
    return true;
  }

  /// A kink or a jump a little aside, or a jump at the point to one side only: on the other side the slope
  /// is the analytic one. (Curvature would change the slopes of both sides by the same amount.)
  bool is_one_sided(const Surroundings& s) {
    for (const bool is_left : {true, false}) {
      const Side &clean = is_left ? s.left : s.right, &other = is_left ? s.right : s.left;
      const double off = std::abs(other.far - element_.analytic);
      if (std::abs(clean.at_once() - element_.analytic) > slack(clean.at_once())) continue;
      if (off <= 10 * std::abs(clean.far - element_.analytic) || off <= slack(other.far)) continue;
      if (off <= noise(s)) continue;
      const bool is_jump = std::abs(other.near - element_.analytic) > 4 * off;
      const double beyond = (8 * other.far - other.near) / 7;  // from an eighth of the step on
      is_left ? set_kink(clean.at_once(), beyond, is_jump) : set_kink(beyond, clean.at_once(), is_jump);
      return true;
    }
    return false;
  }

  /// The value changes by as much over a small step as over a smaller one, to one side at least; beside the
  /// point it goes on with some slope.
  bool is_jump(const Surroundings& s) {
    const double small = line_.exact(s.step / 8), smaller = line_.exact(s.step / 64);
    bool jumps = false;
    double beside[2];
    for (const int side : {0, 1}) {
      const double sign = side == 0 ? -1 : 1;
      const double jump = line_.slope(0, sign * smaller) * smaller,
                   first = line_.slope(0, sign * s.step) * s.step,
                   second = line_.slope(0, sign * small) * small;
      const double change = std::max(std::abs(first - jump), std::abs(second - jump));
      jumps = jumps || (change < std::abs(jump) / 4 &&
                        std::abs(jump) > std::sqrt(line_.epsilon()) * line_.magnitude());
      beside[side] = line_.slope(sign * small, sign * s.step);
    }
    if (!jumps) return false;
    const double bend = std::abs(beside[0] - beside[1]);
    set_kink(std::min(beside[0], beside[1]) - bend, std::max(beside[0], beside[1]) + bend, true);
    return true;
  }

  double error_with(Stencil stencil, double step) {
    const double exact = line_.exact(step);
    if (!(exact > 0)) return HUGE_VAL;
    const double error = relative_error(element_.analytic, line_.derivative(stencil, exact));
    return std::isnan(error) ? HUGE_VAL : error;
  }
  bool suggest(Stencil stencil, double step) {
    if (!(error_with(stencil, step) <= tolerance_)) return false;
    element_.better = {stencil, line_.exact(step)};
    return true;
  }

  /// The rule is right: was the step too large or too small, and which one would do?
  void explain(const Estimate& best, double near) {
    const bool is_truncated =
        error_with(element_.stencil, element_.step / 8) < error_with(element_.stencil, element_.step * 8);
    element_.verdict = is_truncated ? Verdict::truncation : Verdict::rounding;
    double step = element_.step;
    for (int i = 0; i < 5; ++i) {
      step = is_truncated ? step / 8 : step * 8;
      if (suggest(element_.stencil, step)) return;
    }
    if (suggest(Stencil::ridders, line_.scale() / 8) || suggest(Stencil::central, near)) return;
    if (!is_close(best)) element_.verdict = Verdict::rounding;  // no estimate is good enough to tell
  }

  Element& element_;
  Line& line_;
  double tolerance_;
};

}  // namespace

void judge(GradientCheck::Element& element, Line& line, double tolerance) {
  Judge(element, line, tolerance).decide();
}

}  // namespace gradus::detail
