#include <gradus/nn/files/utf8.hpp>

namespace gradus::nn::detail {
namespace {

struct Lead {
  unsigned char first, last;           // the first byte
  std::size_t following;               // bytes
  unsigned char second_lo, second_hi;  // the first of these
};

// Overlong forms, surrogates and what lies beyond U+10FFFF are excluded by the second byte.
constexpr Lead leads[] = {
    {0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f}};

/// How many bytes the character at the beginning has; 0: it is none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (const Lead& lead : leads) {
    if (byte(0) < lead.first || byte(0) > lead.last) continue;
    if (text.size() <= lead.following) return 0;
    for (std::size_t i = 1; i <= lead.following; ++i) {
      const unsigned char lo = i == 1 ? lead.second_lo : 0x80, hi = i == 1 ? lead.second_hi : 0xbf;
      if (byte(i) < lo || byte(i) > hi) return 0;
    }
    return 1 + lead.following;
  }
  return 0;
}

}  // namespace

std::size_t first_not_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t bytes = character(text.substr(at));
    if (bytes == 0) break;
    at += bytes;
  }
  return at;
}

}  // namespace gradus::nn::detail
