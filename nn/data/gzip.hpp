#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gradus::nn::detail {

/// The bytes of a file as they are. DataError, begun with [op], when it cannot be read.
std::vector<std::uint8_t> read_raw_bytes(const std::string& op, const std::filesystem::path& file);

/// The bytes of a file, decompressed when its content is gzip (one member or several), whatever its name.
/// DataError, begun with [op] and with the offset in the file as it lies on disk, when it cannot be read, or
/// its gzip data are damaged, cut short or followed by something else.
std::vector<std::uint8_t> read_bytes(const std::string& op, const std::filesystem::path& file);

}  // namespace gradus::nn::detail
