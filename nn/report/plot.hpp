#pragma once

#include <string>
#include <vector>

#include <gradus/nn/report/curve_svg.hpp>

namespace gradus::nn::detail {

/// What lines and letters are painted with.
struct Palette {
  std::string ink, pale;
  std::vector<std::string> colors;  ///< of the curves
};

constexpr double panel_width = 480, panel_height = 340;  // in pixels

/// A panel drawn panel_width wide and panel_height high, its left end at x0: SVG elements.
std::string plot(const Panel& panel, const Palette& palette, double x0);

/// ValueError, begun with [op], when a curve has not as many x as y.
void check_panels(const std::string& op, const std::vector<Panel>& panels);

}  // namespace gradus::nn::detail
