#pragma once

#include <vector>

#include <gradus/core/gradient_check.hpp>

namespace gradus::detail {

/// A function along a straight line, y(t), and the derivative at t = 0 of the weighted sum of its elements.
/// Differences are taken element by element before they are summed, so that elements that do not change
/// cancel exactly.
class Line {
 public:
  /// `base` is y(0); both must outlive the line. `epsilon` belongs to the number type it is computed in,
  /// `scale` is the size of the number that t is added to, at least 1.
  Line(const std::vector<double>& base, const std::vector<double>& weights, double epsilon, double scale)
      : base_(base), weights_(weights), epsilon_(epsilon), scale_(scale) {}
  virtual ~Line() = default;

  /// The derivative by a stencil.
  double derivative(Stencil stencil, double step);
  Estimate extrapolated(double widest);
  /// The weighted sum of y(to) - y(from), over to - from.
  double slope(double from, double to);

  double epsilon() const { return epsilon_; }
  double scale() const { return scale_; }
  /// How large the elements are, weighted and summed, that change along the line, as far as seen.
  double magnitude() const { return magnitude_; }
  /// The same of all elements, at t = 0.
  double base_magnitude() const;
  /// The nearest step that can be added without rounding.
  virtual double exact(double step) const { return step; }

 private:
  virtual std::vector<double> at(double t) = 0;
  std::vector<double> values(double t);

  const std::vector<double>&base_, &weights_;
  double epsilon_, scale_, magnitude_ = 0;
};

/// Fills in the verdict on an element whose analytic and numerical derivative (with `stencil` and `step`) are
/// known, and what belongs to it. Only an element outside of the tolerance costs evaluations.
void judge(GradientCheck::Element& element, Line& line, double tolerance);

}  // namespace gradus::detail
