#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <sstream>

#include <gradus/core/error.hpp>
#include <gradus/core/numerical.hpp>

namespace gradus::detail {
namespace {

constexpr StencilPoint forward_points[] = {{1, 1}, {0, -1}};
constexpr StencilPoint backward_points[] = {{0, 1}, {-1, -1}};
constexpr StencilPoint central_points[] = {{1, 1}, {-1, -1}};
constexpr StencilPoint five_points[] = {{1, 8}, {-1, -8}, {2, -1}, {-2, 1}};
constexpr StencilPoint seven_points[] = {{1, 45}, {-1, -45}, {2, -9}, {-2, 9}, {3, 1}, {-3, -1}};

constexpr StencilFormula formulas[] = {
    {1, 1, forward_points}, {1, 1, backward_points}, {2, 2, central_points},
    {4, 12, five_points},   {6, 60, seven_points},
};

}  // namespace

const StencilFormula& formula_of(Stencil stencil) { return formulas[static_cast<std::size_t>(stencil)]; }

const char* name_of(Stencil stencil) {
  constexpr const char* names[] = {"forward", "backward", "central", "five_point", "seven_point", "ridders"};
  return names[static_cast<std::size_t>(stencil)];
}

Estimate ridders(const std::function<double(double)>& central, double widest) {
  constexpr std::size_t most_rows = 10;
  Estimate best{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()};
  std::array<double, most_rows> row{}, before{};
  double step = widest;
  for (std::size_t i = 0; i < most_rows; ++i, step /= 2, before = row) {
    row[0] = central(step);
    double shrinks = 4;  // by which the error falls that the next column removes
    for (std::size_t k = 1; k <= i; ++k, shrinks *= 4) {
      row[k] = row[k - 1] + (row[k - 1] - before[k - 1]) / (shrinks - 1);
      const double error = std::max(std::abs(row[k] - row[k - 1]), std::abs(row[k] - before[k - 1]));
      if (error < best.error) best = {row[k], error};
    }
    const bool is_settled = best.error <= 1e-5 * std::abs(best.value);  // not merely too wide as yet
    if (i > 0 && is_settled && std::abs(row[i] - before[i - 1]) >= 2 * best.error) break;
  }
  return best;
}

template <class T>
T step_at(const char* caller, Stencil stencil, T x, std::optional<double> wanted) {
  constexpr T eps = std::numeric_limits<T>::epsilon();
  const auto part = [&] {
    if (stencil == Stencil::ridders) return T(1) / T(8);
    return std::pow(eps, T(1) / static_cast<T>(formula_of(stencil).order + 1));
  };
  const T h = wanted ? static_cast<T>(*wanted) : part() * std::max(std::abs(x), T(1));
  const T exact = (x + h) - x;
  const bool is_usable = h > T(0) && std::isfinite(h) && exact != T(0);
  if (wanted && !is_usable) {
    std::ostringstream message;
    message << "[" << caller << "] a step of " << *wanted << " at " << x
            << ": it must be positive, finite and large enough to change the number it is added to";
    throw ValueError(message.str());
  }
  return exact;
}

template float step_at(const char*, Stencil, float, std::optional<double>);
template double step_at(const char*, Stencil, double, std::optional<double>);

}  // namespace gradus::detail
