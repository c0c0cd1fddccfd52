#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gradus/nn/files/inflate.hpp>

namespace gradus::nn::detail {

/// The bytes of a file as they are. DataError, begun with [op], when it cannot be read.
std::vector<std::uint8_t> read_raw_bytes(const std::string& op, const std::filesystem::path& file);

/// What is decompressed of a file at most: 16 GiB, more than the data sets that fit into memory have. A small
/// file may hold a thousand times its size.
inline constexpr std::size_t most_decompressed = std::size_t{16} << 30;

/// The bytes of a file, decompressed when its content is gzip (one member or several), whatever its name.
/// DataError, begun with [op] and with the offset in the file as it lies on disk, when it cannot be read, its
/// gzip data are damaged, cut short or followed by something else, or are more than `most` bytes, or than
/// their own header says where `size` can read it: found out as soon as one byte more is there, and before
/// that where the header says more than the file can hold.
std::vector<std::uint8_t> read_bytes(const std::string& op, const std::filesystem::path& file,
                                     const SizeByHeader& size = nullptr,
                                     std::size_t most = most_decompressed);

}  // namespace gradus::nn::detail
