#include <filesystem>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/write_file.hpp>
#include <gradus/tests/nn/data/bytes.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn::detail {
namespace {

namespace fs = std::filesystem;
using testing::bytes_of, testing::TempFolder, testing::write_bytes;

std::ptrdiff_t files_in(const fs::path& folder) { return std::distance(fs::directory_iterator(folder), {}); }

TEST(WriteFile, ReplacesAFileThroughLinksAndLeavesNothingElse) {
  const TempFolder folder;
  const fs::path file = folder.path() / "file", link = folder.path() / "link";
  write_file("op", file, "old");
  fs::create_symlink("file", link);
  write_file("op", link, std::string("new\0bytes", 9));
  EXPECT_EQ(bytes_of(file), std::string("new\0bytes", 9));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(files_in(folder.path()), 2);
}

TEST(WriteFile, AFailureLeavesWhatWasThere) {
  const TempFolder folder;
  fs::create_directories(folder.path() / "place" / "inside");
  for (const fs::path& file : {folder.path() / "place", folder.path() / "absent" / "file", fs::path()}) {
    testing::expect_named(testing::message_of<DataError>([&] { write_file("op", file, "x"); }),
                          {"[op] " + file.string(), "cannot be written"});
  }
  EXPECT_EQ(files_in(folder.path()), 1);
  EXPECT_TRUE(fs::exists(folder.path() / "place" / "inside"));
}

TEST(WriteFile, TheModeOfWhatItReplacesStays) {
  const TempFolder folder;
  const fs::path file = folder.path() / "file";
  for (const fs::perms mode : {fs::perms(0600), fs::perms(0640), fs::perms(0777)}) {
    write_file("op", file, "old");
    fs::permissions(file, mode);
    write_file("op", file, "new");
    EXPECT_EQ(fs::status(file).permissions(), mode);
    EXPECT_EQ(bytes_of(file), "new");
  }
}

TEST(WriteFile, LeavesFilesAloneThatItDidNotMake) {
  const TempFolder folder;
  const fs::path file = folder.path() / "file";
  const int others = 5000;  // more than this program has written
  for (int i = 0; i < others; ++i)
    write_bytes(file.string() + std::to_string(getpid()) + "-" + std::to_string(i) + ".tmp", "");
  write_file("op", file, "new");
  EXPECT_EQ(bytes_of(file), "new");
  EXPECT_EQ(files_in(folder.path()), others + 1);
}

TEST(WriteFile, ADeviceStaysOne) {
  if (!fs::is_character_file("/dev/null") || !fs::is_character_file("/dev/full"))
    GTEST_SKIP() << "no devices here";
  write_file("op", "/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_THROW(write_file("op", "/dev/full", std::string(100000, 'x')), DataError);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

}  // namespace
}  // namespace gradus::nn::detail
