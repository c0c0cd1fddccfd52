#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/files/zip.hpp>
#include <gradus/tests/nn/data/bytes.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;
using detail::ZipMember;
using testing::TempFolder, testing::write_bytes;

detail::SizeByHeader no_header(const std::string&) {
  return [](std::span<const std::uint8_t> first) { return first.size(); };
}

/// Of some length, and such as can be compressed.
ZipMember member(const std::string& name, std::size_t size) {
  ZipMember result{name, std::vector<std::uint8_t>(size)};
  for (std::size_t i = 0; i < size; ++i) result.bytes[i] = static_cast<std::uint8_t>(i * i / 7);
  return result;
}

/// Whether Python's own reader, where it is installed, finds what `program` asserts of `z`, an open archive.
bool python_agrees(const fs::path& file, const std::string& program) {
  if (std::system("/usr/bin/python3 -c '' 2>/dev/null") != 0) return true;
  const std::string command = "/usr/bin/python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); " +
                              program + "' " + file.string();
  return std::system(command.c_str()) == 0;
}

// As if 32 bits ended earlier: each size and place is in its 64-bit field then.
TEST(Zip, WhatNeeds64BitsIsReadBack) {
  const TempFolder folder;
  const fs::path file = folder.path() / "archive";
  const std::vector<ZipMember> members{member("empty", 0), member("small", 90), member("large", 5000),
                                       member("last", 10)};
  for (const std::size_t least :
       {std::size_t{0}, std::size_t{1}, std::size_t{91}, std::size_t{1000}, std::size_t{0xffffffff}})
    for (const bool compressed : {false, true}) {
      SCOPED_TRACE(std::to_string(least) + (compressed ? ", compressed" : ""));
      write_bytes(file, detail::zip_bytes(members, compressed, least));
      const std::vector<ZipMember> read = detail::read_zip("op", file, no_header);
      ASSERT_EQ(read.size(), members.size());
      for (std::size_t i = 0; i < read.size(); ++i) {
        EXPECT_EQ(read[i].name, members[i].name);
        EXPECT_EQ(read[i].bytes, members[i].bytes) << members[i].name;
      }
      EXPECT_TRUE(python_agrees(file,
                                "assert z.testzip() is None; "
                                "assert [i.file_size for i in z.infolist()] == [0, 90, 5000, 10]"));
      const bool has_end64 = testing::bytes_of(file).find("PK\6\6") != std::string::npos;
      EXPECT_EQ(has_end64, least != 0xffffffff);
    }
}

TEST(Zip, AsManyMembersAsThereAre) {
  const TempFolder folder;
  const fs::path file = folder.path() / "archive";
  for (const std::size_t count : {65534, 65535, 65536, 70000}) {
    std::vector<ZipMember> members;
    for (std::size_t i = 0; i < count; ++i) members.push_back(member(std::to_string(i), 1));
    write_bytes(file, detail::zip_bytes(members, false));
    EXPECT_EQ(detail::read_zip("op", file, no_header).size(), count);
    EXPECT_TRUE(python_agrees(file, "assert len(z.infolist()) == " + std::to_string(count)));
  }
}

}  // namespace
}  // namespace gradus::nn
