#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string_view>
#include <vector>

#include <gradus/nn/report/markup.hpp>
#include <gradus/ops/graphs/text.hpp>

namespace gradus::nn::detail {

std::string escaped(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0, end; begin <= text.size(); begin = end + 1) {  // xml_text() makes one line
    end = std::min(text.find('\n', begin), text.size());
    if (begin > 0) out += '\n';
    out += gradus::detail::xml_text(std::string_view(text).substr(begin, end - begin));
  }
  return out;
}

std::string fixed_text(double value, int decimals) {
  char digits[64];
  const bool fixed = std::abs(value) < 1e7 && decimals <= 6;
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::general;
  return {digits, std::to_chars(digits, std::end(digits), value, format, fixed ? decimals : 6).ptr};
}

std::string short_text(double value, int digits) {
  char text[64];
  return {text, std::to_chars(text, std::end(text), value, std::chars_format::general, digits).ptr};
}

std::string shortened(const std::string& text, std::size_t most) {
  std::vector<std::size_t> starts;  // of characters
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) starts.push_back(i);
  if (starts.size() <= most) return text;
  const std::size_t front = most / 2, back = most - 1 - front;
  return text.substr(0, starts[front]) + "\u2026" + text.substr(starts[starts.size() - back]);
}

std::string element(const std::string& name, const std::string& attributes, const std::string& content) {
  std::string out("<");
  return out.append(name)
      .append(attributes)
      .append(">")
      .append(content)
      .append("</")
      .append(name)
      .append(">");
}

}  // namespace gradus::nn::detail
