#include <algorithm>
#include <cmath>

#include <gradus/nn/report/colour.hpp>

namespace gradus::nn::detail {
namespace {

double linear(std::uint8_t channel) {
  const double c = channel / 255.0;
  return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(Colour colour) {
  return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

}  // namespace

std::string css(Colour colour) {
  std::string text = "#";
  for (const int channel : {colour.red, colour.green, colour.blue}) {
    text += "0123456789abcdef"[channel / 16];
    text += "0123456789abcdef"[channel % 16];
  }
  return text;
}

Colour mixed(Colour from, Colour to, double part) {
  const auto between = [&](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(a + part * (b - a)));
  };
  return {between(from.red, to.red), between(from.green, to.green), between(from.blue, to.blue)};
}

double contrast(Colour a, Colour b) {
  const auto [darker, lighter] = std::minmax({luminance(a), luminance(b)});
  return (lighter + 0.05) / (darker + 0.05);
}

Colour letters_on(Colour ground) {
  constexpr Colour black{0, 0, 0}, white{255, 255, 255};
  return contrast(ground, black) > contrast(ground, white) ? black : white;
}

}  // namespace gradus::nn::detail
