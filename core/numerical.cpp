#include <algorithm>
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

template <class T>
T step_at(const char* caller, Stencil stencil, T x, std::optional<double> wanted) {
  constexpr T eps = std::numeric_limits<T>::epsilon();
  const T exponent = T(1) / static_cast<T>(formula_of(stencil).order + 1);
  const T h = wanted ? static_cast<T>(*wanted) : std::pow(eps, exponent) * std::max(std::abs(x), T(1));
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
