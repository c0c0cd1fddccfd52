#pragma once

#include <string>

namespace gradus::cli {

/// In single quotes, which hold anything but themselves.
std::string shell_quoted(const std::string& text);

/// As it is to be typed: in quotes where a shell would take it apart or for something else.
std::string shell_word(const std::string& text);

}  // namespace gradus::cli
