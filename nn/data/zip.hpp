#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gradus::nn::detail {

struct ZipMember {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

/// The members of a ZIP archive, stored or deflated, with 64-bit extensions or without. DataError, begun with
/// [op], for archives that are damaged, encrypted or compressed otherwise, checksums that do not match,
/// members that overlap, and names given twice. Source: PKWARE, ".ZIP File Format Specification"
/// (APPNOTE 6.3).
std::vector<ZipMember> read_zip(const std::string& op, const std::filesystem::path& file);

/// The bytes of an archive. DataError when it or a member is larger than 4 GB.
std::string zip_bytes(const std::string& op, const std::vector<ZipMember>& members, bool compressed);

}  // namespace gradus::nn::detail
