#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// A file of the format with that header.
std::string file_of(const std::string& header, const std::string& data = "") {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> 8 * i & 0xff);
  return bytes + header + data;
}

Safetensors parse(const std::string& bytes) {
  return detail::parse_safetensors(
      "test: ", std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

/// Arrays of every dtype that can be written, of ranks 0 to 3, without elements too.
Safetensors example() {
  Safetensors all;
  all.tensors["double"] = xt::xarray<double>{{1, -2.5}, {NAN, INFINITY}};
  all.tensors["float"] = xt::xarray<float>{0.1f, -0.0f, 3e-45f};
  all.tensors["number"] = xt::xarray<float>(7.0f);
  all.tensors["i64"] = xt::xarray<std::int64_t>{{{-1, 2}, {3, INT64_MIN}}};
  all.tensors["i32"] = xt::xarray<std::int32_t>{-1, 2};
  all.tensors["i16"] = xt::xarray<std::int16_t>{-1, 2, 3};
  all.tensors["i8"] = xt::xarray<std::int8_t>{-1, 2, 3};
  all.tensors["u64"] = xt::xarray<std::uint64_t>{UINT64_MAX};
  all.tensors["u8"] = xt::xarray<std::uint8_t>{0, 255, 3};
  all.tensors["bool"] = xt::xarray<bool>{true, false, true};
  all.tensors["empty"] = xt::xarray<float>(xt::zeros<float>({0, 3}));
  all.tensors["a \"name\" with \xc3\xa4"] = xt::xarray<float>{1};
  all.metadata = {{"made by", "a test"}, {"", "empty key"}};
  return all;
}

/// Bit for bit.
bool is_same(const Safetensors& a, const Safetensors& b) {
  return detail::safetensors_bytes("", a) == detail::safetensors_bytes("", b);
}

TEST(Safetensors, WhatIsWrittenIsRead) {
  const TempFolder folder;
  const fs::path file = folder.path() / "all.safetensors";
  write_safetensors(file, example());
  const Safetensors read = read_safetensors(file);
  EXPECT_TRUE(is_same(read, example()));
  EXPECT_EQ(read.metadata, example().metadata);
  EXPECT_EQ(std::get<xt::xarray<std::int64_t>>(read.tensors.at("i64"))(0, 1, 0), 3);
  EXPECT_EQ(shape_of(read.tensors.at("empty")), (Shape{0, 3}));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "nothing is left beside it";
}

TEST(Safetensors, TheBytesAreThoseOfTheFormat) {
  Safetensors contents;
  contents.tensors["a"] = xt::xarray<float>{{1, 2}};
  const std::string header = R"({"a":{"data_offsets":[0,8],"dtype":"F32","shape":[1,2]}})";
  EXPECT_EQ(header.size() % 8, 0u);
  EXPECT_EQ(detail::safetensors_bytes("", contents),
            file_of(header, std::string("\0\0\x80\x3f\0\0\0\x40", 8)));
  EXPECT_EQ(detail::safetensors_bytes("", {}), file_of("{}      "));
  EXPECT_TRUE(parse(file_of("{}")).tensors.empty());
}

TEST(Safetensors, EveryArrayLiesAtAMultipleOfItsElements) {
  const std::string bytes = detail::safetensors_bytes("", example());
  std::size_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = 256 * length + static_cast<unsigned char>(bytes[i]);
  EXPECT_EQ(length % 8, 0u);
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  const std::map<char, std::size_t> bits_to_bytes{{'4', 8}, {'2', 4}, {'6', 2}, {'8', 1}, {'L', 1}};
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const std::size_t width = bits_to_bytes.at(entry["dtype"].get<std::string>().back());
    EXPECT_EQ(entry["data_offsets"][0].get<std::size_t>() % width, 0u) << name;
  }
}

TEST(Safetensors, NumbersOf16BitsBecomeFloats) {
  const std::string data("\x00\x3c\x00\xc0\x00\x7c", 6);  // 1, -2, infinity
  const auto half = parse(file_of(R"({"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]}})", data));
  EXPECT_EQ(std::get<xt::xarray<float>>(half.tensors.at("h")), (xt::xarray<float>{1, -2, INFINITY}));
  const std::string brain("\x80\x3f\x20\xc0\x80\x7f", 6);  // 1, -2.5, infinity
  const auto bfloat = parse(file_of(R"({"b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}})", brain));
  EXPECT_EQ(std::get<xt::xarray<float>>(bfloat.tensors.at("b")), (xt::xarray<float>{1, -2.5, INFINITY}));
}

TEST(Safetensors, RejectsHeadersThatNestDeepOrAreLongInAShortMessage) {
  const std::string open(2'000'000, '['), close(2'000'000, ']'), wide(2'000'000, 'x');
  for (const std::string& header :
       {R"({"a":{"dtype":"F32","shape":)" + open + close + "}}",
        R"({"a":{"dtype":")" + wide + R"(","shape":[],"data_offsets":[0,0]}})", R"({"a":)" + wide}) {
    try {
      parse(file_of(header));
      ADD_FAILURE();
    } catch (const DataError& error) {
      EXPECT_LT(std::string(error.what()).size(), 500u);
    }
  }
}

TEST(Safetensors, RejectsHeadersThatAreNone) {
  const std::string a = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", eight(8, '\1');
  EXPECT_NO_THROW(parse(file_of(a, eight)));
  const std::vector<std::pair<std::string, const char*>> bad{
      {"", "at least 8"},
      {std::string(7, '\0'), "at least 8"},
      {std::string(8, '\0'), "begin with '{'"},
      {std::string(8, '\xff'), "a header of"},
      {file_of(a + " ", "").substr(0, 20), "a header of"},
      {file_of(" " + a, eight), "begin with '{'"},
      {file_of("[1]"), "begin with '{'"},
      {file_of("{\"a\":1"), "no JSON"},
      {file_of("{}x"), "no JSON"},
      {file_of("{\"\xff\":1}"), "no JSON"},
      {file_of(R"({"a":1})"), "described by"},
      {file_of(R"({"a":{}})"), "described by"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", eight), "described by"},
      {file_of(R"({"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}})", eight), "dtype"},
      {file_of(R"({"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})", eight), "dtype"},
      {file_of(R"({"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})", eight), "list of counts"},
      {file_of(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", eight), "list of counts"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", eight), "list of counts"},
      {file_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", eight), "expected 12"},
      {file_of(R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}})", eight), "expected 16"},
      {file_of(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,8]}})", eight),
       "2^60"},
      {file_of(R"({"a":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}})", eight), "2^60"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}})", eight), "rising"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", eight), "rising"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "four"), "rising"},
      {file_of(a, eight + "more"), "end of the file"},
      {file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", eight), "begins at byte 4"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
               R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
               eight),
       "begins at byte 4"},
      {file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
               R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
               eight),
       "twice"},
      {file_of(R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", eight), "twice"},
      {file_of(R"({"__metadata__":{"x":1}})"), "no text"},
      {file_of(R"({"__metadata__":[]})"), "no JSON object"},
      {file_of(R"({"a":{"dtype":"BOOL","shape":[8],"data_offsets":[0,8]}})", std::string(8, '\2')), "BOOL"},
  };
  for (const auto& [bytes, expected] : bad) {
    try {
      parse(bytes);
      ADD_FAILURE() << bytes << ": no error";
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).find("test: "), 0u) << error.what();
    }
  }
}

TEST(Safetensors, ADeepHeaderIsAnErrorToo) {
  std::string deep = "{\"a\":";
  for (int i = 0; i < 100000; ++i) deep += '[';
  EXPECT_THROW(parse(file_of(deep)), DataError);
}

TEST(Safetensors, EveryTruncationIsAnErrorAndNoFlippedByteACrash) {
  Safetensors small;
  small.tensors["w"] = xt::xarray<float>{{1, 2}, {3, 4}};
  small.tensors["n"] = xt::xarray<std::int64_t>{5};
  small.metadata["k"] = "v";
  const std::string good = detail::safetensors_bytes("", small);
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_THROW(parse(good.substr(0, size)), DataError) << size;
  std::size_t read = 0, rejected = 0;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int flip = 1; flip < 256; ++flip) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      try {
        parse(bad);
        ++read;
      } catch (const DataError&) {
        ++rejected;
      }
    }
  EXPECT_GT(rejected, 10000u);
  EXPECT_GT(read, 24u * 255 - 1) << "among the data any byte will do";
}

TEST(Safetensors, RejectsWhatTheFormatCannotHold) {
  const TempFolder folder;
  const fs::path file = folder.path() / "x";
  Safetensors reserved, no_utf8, metadata;
  reserved.tensors["__metadata__"] = xt::xarray<float>{1};
  no_utf8.tensors["\xff"] = xt::xarray<float>{1};
  metadata.metadata["k"] = "\xff";
  for (const Safetensors& bad : {reserved, no_utf8, metadata})
    EXPECT_THROW(write_safetensors(file, bad), ValueError);
  EXPECT_FALSE(fs::exists(file));
}

TEST(Safetensors, SaysWhyAFileCannotBeReadOrWritten) {
  const TempFolder folder;
  EXPECT_THROW(read_safetensors(folder.path() / "none"), DataError);
  EXPECT_THROW(read_safetensors(folder.path()), DataError);
  EXPECT_THROW(write_safetensors(folder.path(), {}), DataError) << "a folder is not replaced";
  EXPECT_THROW(write_safetensors("/dev/full", example()), DataError);
  EXPECT_THROW(write_safetensors(folder.path() / "no" / "folder", {}), DataError);
}

TEST(Safetensors, OfALinkTheFileItLeadsToIsReplaced) {
  const TempFolder folder;
  const fs::path file = folder.path() / "file", link = folder.path() / "link";
  write_bytes(file, "old");
  fs::create_symlink("file", link);
  write_safetensors(link, example());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_TRUE(is_same(read_safetensors(file), example()));
}

/// Runs f in a process of its own; the exit status, or minus the signal.
int in_a_process(const std::function<int()>& f) {
  const pid_t child = fork();
  if (child == 0) _exit(f());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Safetensors, ADiskThatIsFullLeavesTheOldFile) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model";
  write_bytes(file, "old");
  Safetensors large;
  large.tensors["w"] = xt::xarray<double>(xt::ones<double>({100, 100}));
  const int status = in_a_process([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_safetensors(file, large);
    } catch (const DataError& error) {
      return std::string(error.what()).find("File too large") != std::string::npos ? 7 : 8;
    }
    return 9;
  });
  EXPECT_EQ(status, 7);
  EXPECT_EQ(bytes_of(file), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "nothing is left beside it";
}

// A writer that is killed at any moment. It tells through a pipe how many files it has finished; the moment
// is drawn by reading up to some of these and then burning a drawn number of turns.
TEST(Safetensors, AWriterThatIsKilledLeavesTheOldFileOrTheNew) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model";
  const auto contents = [](double value) {
    Safetensors all;
    all.tensors["w"] =
        xt::xarray<double>(xt::full_like(xt::xarray<double>(xt::zeros<double>({40000})), value));
    return all;
  };
  write_safetensors(file, contents(0));
  for (int round = 0; round < 40; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t writer = fork();
    if (writer == 0) {
      for (double value = 1;; ++value) {
        write_safetensors(file, contents(value));
        if (write(ends[1], "x", 1) != 1) _exit(1);
      }
    }
    char finished = 0;
    for (int i = 0; i <= round % 3; ++i) ASSERT_EQ(read(ends[0], &finished, 1), 1);
    volatile unsigned burnt = 0;
    for (unsigned i = 0; i < (round * 7919u) % 40u * 20000u; ++i) burnt = burnt + 1;
    kill(writer, SIGKILL);
    waitpid(writer, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
    const Safetensors found = read_safetensors(file);
    const auto& w = std::get<xt::xarray<double>>(found.tensors.at("w"));
    for (const double value : w) ASSERT_EQ(value, w(0)) << "of one file";
    EXPECT_GE(w(0), 1);
  }
}

}  // namespace
}  // namespace gradus::nn
