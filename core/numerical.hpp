#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>

namespace gradus {

/// Finite-difference formulas for a first derivative, by the points they evaluate: f(x) and f(x + h), f(x -
/// h) and f(x), or 2, 4 or 6 points on both sides of x, without x itself. `ridders` takes central differences
/// with steps that are halved from a wide one, extrapolates them to the step 0 and keeps the estimate that
/// promises the smallest error: 4 to 20 points, for functions whose scale is not known.
enum class Stencil { forward, backward, central, five_point, seven_point, ridders };

namespace detail {

/// The point x + offset * h and its weight in the sum.
struct StencilPoint {
  int offset, weight;
};

/// f'(x) = 1/(divisor * h) * sum of weight * f(x + offset * h), with an error of the order h^order.
struct StencilFormula {
  int order, divisor;
  std::span<const StencilPoint> points;
};

/// Not of Stencil::ridders, which chooses its points as it goes.
const StencilFormula& formula_of(Stencil stencil);
const char* name_of(Stencil stencil);

/// A derivative, and how far from it the true one may be.
struct Estimate {
  double value, error;
};

/// Ridders' method: (f(x + h) - f(x - h)) / 2h, which `central` computes, has an error in even powers of h.
/// Halving h removes one power after another (Richardson's extrapolation, in Neville's table); the estimate
/// that differs least from its two parents wins, and the table ends where rounding makes a good one worse.
/// Steps at which f is not finite are passed over. NaN, and an infinite error, when nothing could be
/// compared. Source: C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)" (1982).
Estimate ridders(const std::function<double(double h)>& central, double widest);

/// The step for differentiating at x, such that x + h is exact. It balances truncation, ~ h^order, with
/// rounding, ~ eps/h: h = eps^(1/(order + 1)) * max(|x|, 1). Ridders' method starts from max(|x|, 1) / 8. A
/// `wanted` step is taken instead; ValueError, naming `caller`, unless it is positive, finite and large
/// enough to change x.
template <class T>
T step_at(const char* caller, Stencil stencil, T x, std::optional<double> wanted);

extern template float step_at(const char*, Stencil, float, std::optional<double>);
extern template double step_at(const char*, Stencil, double, std::optional<double>);

}  // namespace detail

/// The derivative of f at x by finite differences, from exactly the points of the stencil. T is float or
/// double (whole numbers are taken as double); the step (the widest one of Stencil::ridders) is chosen from
/// T, x and the stencil's order unless it is given. ValueError unless a given step is positive, finite and
/// large enough to change x. Source: B. Fornberg, "Generation of finite difference formulas on arbitrarily
/// spaced grids" (1988); W. H. Press et al., "Numerical Recipes", section 5.7, for the step.
template <class F, class X>
requires std::is_arithmetic_v<X>
auto numerical_derivative(F&& f, X x, Stencil stencil = Stencil::central, std::optional<double> step = {}) {
  using T = std::conditional_t<std::same_as<X, float>, float, double>;
  const T at = static_cast<T>(x);
  const T h = detail::step_at<T>("numerical_derivative", stencil, at, step);
  if (stencil == Stencil::ridders) {
    const auto central = [&](double by) {
      const T up = at + static_cast<T>(by), down = at - static_cast<T>(by);
      const double rise = static_cast<double>(f(up)) - static_cast<double>(f(down));
      return rise / (static_cast<double>(up) - static_cast<double>(down));
    };
    return static_cast<T>(detail::ridders(central, static_cast<double>(h)).value);
  }
  const detail::StencilFormula& formula = detail::formula_of(stencil);
  double sum = 0;
  for (const auto& [offset, weight] : formula.points)
    sum += weight * static_cast<double>(f(at + static_cast<T>(offset) * h));
  return static_cast<T>(sum / (formula.divisor * static_cast<double>(h)));
}

}  // namespace gradus
