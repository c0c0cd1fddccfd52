#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gradus::nn::detail {

/// A picture of bytes, row by row from the top; 1 channel is grey, 3 are red, green and blue.
struct Picture {
  std::size_t height = 0, width = 0, channels = 1;
  std::vector<std::uint8_t> bytes = {};
};

/// Numbers as a picture: 0 is black and 1 white; where a number is outside of that, the least is black and
/// the largest white. NaN is black.
Picture grey_picture(const float* numbers, std::size_t height, std::size_t width, std::size_t channels = 1);

/// Numbers of either sign: 0 is white, positive ones are blue, negative ones orange, the stronger the larger
/// beside the largest of all. NaN is grey.
Picture signed_picture(const float* numbers, std::size_t height, std::size_t width);

/// The picture as PNG in a data: address. Source: PNG Specification, W3C (2003); RFC 4648 for base64.
std::string data_address(const Picture& picture);

}  // namespace gradus::nn::detail
