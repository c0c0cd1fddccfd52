#pragma once

#include <cstddef>
#include <string>

namespace gradus::nn::detail {

/// The text as it may stand in HTML and SVG, between tags and in attributes; lines stay
/// lines, and what is no character there becomes a blank or a question mark.
std::string escaped(const std::string& text);

/// With so many decimals, or in scientific form where that would be long; the same in every locale.
std::string fixed_text(double value, int decimals);

/// With at most so many digits that count, without trailing zeros: "0.0012346", "1.5e+07".
std::string short_text(double value, int digits = 5);

/// A text of more characters than that without those in its middle: "Extraordin…mber one".
std::string shortened(const std::string& text, std::size_t most);

/// `<name attributes>content</name>`; attributes begin with a space, or are empty.
std::string element(const std::string& name, const std::string& attributes, const std::string& content);

}  // namespace gradus::nn::detail
