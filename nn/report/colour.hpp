#pragma once

#include <cstdint>
#include <string>

/// Colours of a page on light and on dark ground, and whether letters can be read on them.
namespace gradus::nn::detail {

/// Red, green and blue of sRGB.
struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const Colour&) const = default;
};

/// "#rrggbb".
std::string css(Colour colour);

/// What lies `part` of the way from one colour to another: 0 is the first, 1 the second.
Colour mixed(Colour from, Colour to, double part);

/// How well one is told from the other, 1 to 21; letters want 4.5 at least. Source: Web Content
/// Accessibility Guidelines 2.1, "relative luminance", "contrast ratio", criterion 1.4.3.
double contrast(Colour a, Colour b);

/// Black or white, whichever is read better on that ground. The contrast is 4.58 or better on any.
Colour letters_on(Colour ground);

/// What the cells of tables are painted with.
struct Theme {
  Colour paper;   ///< the page
  Colour accent;  ///< what is right
  Colour fault;   ///< what is wrong
};
inline constexpr Theme light_theme{{251, 251, 250}, {0, 114, 178}, {200, 80, 0}};
inline constexpr Theme dark_theme{{20, 23, 27}, {40, 135, 205}, {215, 100, 25}};

}  // namespace gradus::nn::detail
