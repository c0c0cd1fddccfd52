#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gradus/nn/files/inflate.hpp>

namespace gradus::nn::detail {

struct ZipMember {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

/// The members of a ZIP archive, stored or deflated, with 64-bit extensions or without. DataError, begun with
/// [op], for archives that are damaged, encrypted or compressed otherwise, checksums that do not match,
/// members that overlap, and names given twice; and for a deflated member that is not as large as its own
/// header says, which `size_of` reads, before more than that header is inflated. Source: PKWARE, ".ZIP File
/// Format Specification" (APPNOTE 6.3).
std::vector<ZipMember> read_zip(const std::string& op, const std::filesystem::path& file,
                                const std::function<SizeByHeader(const std::string& name)>& size_of);

/// The bytes of an archive, with 64-bit extensions where they are needed: sizes and places from `least_large`
/// on, and 65535 members or more.
std::string zip_bytes(const std::vector<ZipMember>& members, bool compressed,
                      std::size_t least_large = 0xffffffff);

}  // namespace gradus::nn::detail
