#pragma once

#include <cstddef>
#include <string_view>

namespace gradus::nn::detail {

/// Where the first character begins that is not well-formed UTF-8; text.size() when all are. Source: The
/// Unicode Standard, table 3-7.
std::size_t first_not_utf8(std::string_view text);

}  // namespace gradus::nn::detail
