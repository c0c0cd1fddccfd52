#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <gradus/nn/files/any_array.hpp>

namespace gradus::nn::detail {

/// How many bytes a .npy file has, by the header that its first bytes begin with: a SizeByHeader.
std::size_t npy_size(const std::string& where, std::span<const std::uint8_t> first);
/// The array of a .npy file, given its bytes; DataErrors begin with `where`: "[read_npy] file".
AnyArray parse_npy(const std::string& where, std::span<const std::uint8_t> bytes);
/// The bytes of a .npy file.
std::string npy_bytes(const AnyArray& array);

}  // namespace gradus::nn::detail
