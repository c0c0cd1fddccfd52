#include <charconv>
#include <iterator>

#include <gradus/core/number_text.hpp>

namespace gradus::detail {

std::string number_text(double value) {
  char digits[32];  // the longest is 24: -2.2250738585072014e-308
  return {digits, std::to_chars(digits, std::end(digits), value).ptr};
}

}  // namespace gradus::detail
