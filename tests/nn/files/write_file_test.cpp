#include <chrono>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/files/write_file.hpp>
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
    write_bytes(file.string() + ".gradus-" + std::to_string(getpid()) + "-" + std::to_string(i) + ".tmp", "");
  write_file("op", file, "new");
  EXPECT_EQ(bytes_of(file), "new");
  EXPECT_EQ(files_in(folder.path()), others + 1);
}

TEST(WriteFile, RemovesWhatAKilledProgramHasLeftLongAgo) {
  const TempFolder folder;
  const fs::path file = folder.path() / "file";
  const pid_t child = fork();
  if (child == 0) _exit(0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  const std::string dead = std::to_string(child), alive = std::to_string(getpid());
  const auto now = fs::file_time_type::clock::now();
  const auto left = [&](const std::string& name, std::chrono::minutes ago) {
    write_bytes(folder.path() / name, "half");
    fs::last_write_time(folder.path() / name, now - ago);
    return name;
  };
  const std::string abandoned = left("file.gradus-" + dead + "-3.tmp", std::chrono::minutes(70));
  const std::vector<std::string> kept{left("file.gradus-" + dead + "-4.tmp", std::chrono::minutes(50)),
                                      left("file.gradus-" + alive + "-4000000.tmp", std::chrono::minutes(70)),
                                      left("file.gradus-" + dead + ".tmp", std::chrono::minutes(70)),
                                      left("file.gradus--1-0.tmp", std::chrono::minutes(70)),
                                      left("file.gradus-0-0.tmp", std::chrono::minutes(70)),
                                      left("file" + dead + "-3.tmp", std::chrono::minutes(70)),
                                      left("file2.gradus-" + dead + "-3.tmp", std::chrono::minutes(70)),
                                      left("file.gradus-" + dead + "-3", std::chrono::minutes(70))};
  write_file("op", file, "whole");
  EXPECT_FALSE(fs::exists(folder.path() / abandoned));
  for (const std::string& name : kept) EXPECT_TRUE(fs::exists(folder.path() / name)) << name;
  EXPECT_EQ(bytes_of(file), "whole");
}

TEST(WriteFile, WhatIsOpenIsWrittenIntoWhereItStands) {
  if (!fs::exists("/proc/self/fd")) GTEST_SKIP() << "no /proc here";
  const TempFolder folder;
  const fs::path file = folder.path() / "log", link = folder.path() / "link";
  for (const int flags : {O_WRONLY | O_CREAT | O_TRUNC, O_WRONLY | O_APPEND}) {
    const int fd = ::open(file.c_str(), flags, 0600);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(::write(fd, "before ", 7), 7);
    write_file("op", "/dev/fd/" + std::to_string(fd), "one ");
    write_file("op", "/proc/self/fd/" + std::to_string(fd), "two ");
    fs::remove(link);
    fs::create_symlink("/proc/self/fd/" + std::to_string(fd), link);
    write_file("op", link, "three ");
    ASSERT_EQ(::write(fd, "after ", 6), 6) << "it is still open";
    ::close(fd);
  }
  EXPECT_EQ(bytes_of(file), "before one two three after before one two three after ");
  EXPECT_EQ(files_in(folder.path()), 2);
  EXPECT_THROW(write_file("op", "/dev/fd/999", "x"), DataError);
  EXPECT_THROW(write_file("op", "/dev/fd/9z", "x"), DataError);
}

TEST(WriteFile, APipeIsWrittenInto) {
  const TempFolder folder;
  const fs::path pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  write_file("op", pipe, "one ");
  write_file("op", pipe, "two");
  char text[16] = {};
  EXPECT_EQ(::read(reader, text, sizeof text), 7);
  EXPECT_EQ(std::string(text), "one two");
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(pipe));
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
