#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <new>
#include <string_view>

#include <zlib.h>

#include <gradus/nn/report/picture.hpp>

namespace gradus::nn::detail {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Color = std::array<double, 3>;

constexpr Color white{255, 255, 255}, blue{0, 90, 156}, orange{190, 80, 0};

std::uint8_t byte(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

void add_word(std::string& out, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

void add_chunk(std::string& png, std::string_view name, std::string_view content) {
  add_word(png, content.size());
  const std::size_t first = png.size();
  png.append(name).append(content);
  const auto* checked = reinterpret_cast<const Bytef*>(png.data() + first);
  add_word(png, crc32_z(0, checked, png.size() - first));
}

std::string compressed(const Bytes& bytes) {
  std::string out(compressBound(bytes.size()), '\0');
  uLongf size = out.size();
  if (compress(reinterpret_cast<Bytef*>(out.data()), &size, bytes.data(), bytes.size()) != Z_OK)
    throw std::bad_alloc();
  out.resize(size);
  return out;
}

std::string png(const Picture& picture) {
  const std::size_t row = picture.width * picture.channels;
  Bytes rows;
  for (std::size_t y = 0; y < picture.height; ++y) {
    rows.push_back(0);  // this row is not filtered
    const auto begin = picture.bytes.begin() + static_cast<std::ptrdiff_t>(y * row);
    rows.insert(rows.end(), begin, begin + static_cast<std::ptrdiff_t>(row));
  }
  std::string header;
  add_word(header, picture.width);
  add_word(header, picture.height);
  header += {8, static_cast<char>(picture.channels == 3 ? 2 : 0), 0, 0, 0};  // bits, colours, no choices
  std::string out("\x89PNG\r\n\x1a\n");
  add_chunk(out, "IHDR", header);
  add_chunk(out, "IDAT", compressed(rows));
  add_chunk(out, "IEND", {});
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(bytes.size() - i, 3);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < count ? static_cast<std::uint8_t>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= count ? letters[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

}  // namespace

Picture grey_picture(const float* numbers, std::size_t height, std::size_t width, std::size_t channels) {
  const std::size_t count = height * width * channels;
  double lo = 0, hi = 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(numbers[i])) continue;
    lo = std::min<double>(lo, numbers[i]);
    hi = std::max<double>(hi, numbers[i]);
  }
  Picture picture{height, width, channels, Bytes(count)};
  for (std::size_t i = 0; i < count; ++i)
    picture.bytes[i] = std::isnan(numbers[i]) ? 0 : byte(255 * (numbers[i] - lo) / (hi - lo));
  return picture;
}

Picture signed_picture(const float* numbers, std::size_t height, std::size_t width) {
  double largest = std::numeric_limits<float>::min();
  for (std::size_t i = 0; i < height * width; ++i) {
    if (std::isfinite(numbers[i])) largest = std::max<double>(largest, std::abs(numbers[i]));
  }
  Picture picture{height, width, 3, {}};
  for (std::size_t i = 0; i < height * width; ++i) {
    const double strength = std::min(std::abs(numbers[i]) / largest, 1.0);
    const Color& color = numbers[i] < 0 ? orange : blue;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const double mixed = white[channel] + strength * (color[channel] - white[channel]);
      picture.bytes.push_back(std::isnan(numbers[i]) ? 128 : byte(mixed));
    }
  }
  return picture;
}

std::string data_address(const Picture& picture) { return "data:image/png;base64," + base64(png(picture)); }

}  // namespace gradus::nn::detail
