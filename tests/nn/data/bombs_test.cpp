#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/idx.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/tests/nn/data/bytes.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

// Small files that would become a gigabyte.

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;
using testing::expect_named, testing::message_of, testing::TempFolder, testing::write_bytes;
using Bytes = std::string;

constexpr std::size_t mebibyte = std::size_t{1} << 20;

/// A line of /proc/self/status, in bytes.
std::size_t memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name + ":")) return std::stoul(line.substr(name.size() + 1)) * 1024;
  return 0;
}

/// How much more memory than before is in use at most while `act` runs; nothing where the system does not
/// say.
std::optional<std::size_t> peak_of(const std::function<void()>& act) {
  std::ofstream reset("/proc/self/clear_refs");
  if (!(reset << 5 << std::flush)) return {};
  const std::size_t before = memory("VmRSS");
  act();
  return memory("VmHWM") - std::min(before, memory("VmHWM"));
}

/// The message of a DataError that was thrown at little cost.
std::string refusal(const std::function<void()>& read) {
  std::string message;
  const auto peak = peak_of([&] { message = message_of<DataError>(read); });
  EXPECT_LT(peak.value_or(0), 32 * mebibyte) << message;
  return message;
}

Bytes deflated(const Bytes& bytes, int window_bits, int flush) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  Bytes out(deflateBound(&stream, bytes.size()) + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, flush);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

Bytes repeated(const Bytes& bytes, std::size_t times) {
  Bytes all;
  for (std::size_t i = 0; i < times; ++i) all += bytes;
  return all;
}

Bytes gzip(const Bytes& bytes) { return deflated(bytes, 16 + MAX_WBITS, Z_FINISH); }
/// As gzip and as plain deflate, in a thousandth of the size.
Bytes gzip_zeros(std::size_t mebibytes) { return repeated(gzip(Bytes(mebibyte, '\0')), mebibytes); }
Bytes deflated_zeros(std::size_t mebibytes) {
  return repeated(deflated(Bytes(mebibyte, '\0'), -MAX_WBITS, Z_FULL_FLUSH), mebibytes);
}

Bytes number(std::size_t value, std::size_t width, bool most_first = false) {
  Bytes bytes;
  for (std::size_t i = 0; i < width; ++i)
    bytes += static_cast<char>(value >> 8 * (most_first ? width - 1 - i : i) & 0xff);
  return bytes;
}

Bytes idx_header(std::size_t count) { return number(0x801, 4, true) + number(count, 4, true); }

Bytes npy_header(const std::string& count) {
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + count + ",), }\n";
  return Bytes("\x93NUMPY\1\0", 8) + number(header.size(), 2) + header;
}

/// An archive of one member, which is deflated and has that size and checksum, it says.
Bytes zip(const Bytes& name, const Bytes& content, std::size_t size) {
  const Bytes shared = number(20, 2) + number(0, 2) + number(8, 2) + number(0, 4) + number(0, 4) +
                       number(content.size(), 4) + number(size, 4) + number(name.size(), 2) + number(0, 2);
  const Bytes local = "PK\3\4" + shared + name + content;
  const Bytes directory = "PK\1\2" + number(20, 2) + shared + Bytes(14, '\0') + name;
  return local + directory + "PK\5\6" + number(0, 4) + number(1, 2) + number(1, 2) +
         number(directory.size(), 4) + number(local.size(), 4) + number(0, 2);
}

class Bombs : public ::testing::Test {
 protected:
  const fs::path& write(const Bytes& bytes) {
    EXPECT_LT(bytes.size(), 2 * mebibyte);
    write_bytes(file_, bytes);
    return file_;
  }

  const TempFolder folder_;
  const fs::path file_ = folder_.path() / "bomb";
};

TEST_F(Bombs, WhatIsInflatedIsMeasured) {
  const fs::path& file = write(gzip_zeros(64));
  const auto peak = peak_of([&] { EXPECT_EQ(detail::read_bytes("op", file).size(), 64 * mebibyte); });
  if (!peak) GTEST_SKIP() << "the system does not say how much memory is in use";
  EXPECT_GT(*peak, 50 * mebibyte) << "no test here could fail";
}

TEST_F(Bombs, GzipOfMoreThanItsHeaderSays) {
  const Bytes zeros = gzip_zeros(1024);
  const auto both = [&](const Bytes& header, const auto& read) {
    expect_named(refusal([&] { read(write(gzip(header + Bytes(10, '\1')) + zeros)); }),
                 {file_.string(), "found more than " + std::to_string(header.size() + 10) + " bytes"});
  };
  both(idx_header(10), [](const fs::path& file) { read_idx(file); });
  both(idx_header(10), [](const fs::path& file) { read_idx(file, 1); });
  both(npy_header("10"), [](const fs::path& file) { read_npy(file); });
}

TEST_F(Bombs, GzipOfSomethingElse) {
  write(gzip_zeros(1024));
  expect_named(refusal([&] { read_idx(file_); }), {"magic number 0x00000000"});
  expect_named(refusal([&] { read_idx(file_, 3); }), {"magic number 0x00000000"});
  expect_named(refusal([&] { read_npy(file_); }), {"those that a .npy file begins with"});
  expect_named(refusal([&] { read_npz(file_); }), {"expected a ZIP archive"});
}

TEST_F(Bombs, AHeaderThatPromisesMoreThanTheFileCanHold) {
  for (const std::size_t mebibytes : {0, 8}) {
    const Bytes rest = gzip_zeros(mebibytes);
    const std::string complaint = mebibytes ? "found a header that promises 4" : "found the end of the data";
    write(gzip(idx_header(4'000'000'000)) + rest);
    expect_named(refusal([&] { read_idx(file_); }), {complaint});
    write(gzip(npy_header("4000000000")) + rest);
    expect_named(refusal([&] { read_npy(file_); }), {complaint});
  }
  write(gzip(npy_header("4000000000")));
  fs::resize_file(file_, fs::file_size(file_) - 1);
  expect_named(refusal([&] { read_npy(file_); }), {"found the end of the file"});
}

TEST_F(Bombs, AHeaderLongerThanAny) {
  write(gzip(Bytes("\x93NUMPY\2\0", 8) + number(1'000'000'000, 4) + "{") + gzip_zeros(1024));
  expect_named(refusal([&] { read_npy(file_); }), {"byte 8: found a header of 1000000000 bytes"});
}

TEST_F(Bombs, MembersOfArchives) {
  const Bytes begin = deflated(npy_header("10") + Bytes(10, '\1'), -MAX_WBITS, Z_FULL_FLUSH);
  const Bytes content = begin + deflated_zeros(1023) + deflated("", -MAX_WBITS, Z_FINISH);
  const auto complaint = [&](const Bytes& archive) {
    write(archive);
    return refusal([&] { read_npz(file_); });
  };
  const std::size_t small = npy_header("10").size() + 10, large = small + 1023 * mebibyte;
  expect_named(complaint(zip("x.npy", content, large)),
               {"x.npy of " + std::to_string(large) + " bytes, expected " + std::to_string(small)});
  expect_named(complaint(zip("x.npy", content, small)), {"damage in x.npy"});
  expect_named(complaint(zip("x.txt", content, large)), {"member x.txt: found another kind"});
  const Bytes liar = deflated(npy_header("1000000000"), -MAX_WBITS, Z_FINISH) + Bytes(mebibyte, '\0');
  expect_named(complaint(zip("x.npy", liar, npy_header("1000000000").size() + 1'000'000'000)),
               {"damage in x.npy"});
}

TEST_F(Bombs, WhatIsHonestIsRead) {
  const std::size_t count = 8 * mebibyte + 10;
  write(gzip(idx_header(count) + Bytes(10, '\1')) + gzip_zeros(8));
  EXPECT_EQ(read_idx(file_, 1).size(), count);
  write(gzip(npy_header(std::to_string(count)) + Bytes(10, '\1')) + gzip_zeros(8));
  EXPECT_EQ(shape_of(read_npy(file_)), Shape{count});
  write_npz(file_, {{"x", read_npy(file_)}}, true);
  EXPECT_EQ(shape_of(read_npz(file_).at("x")), Shape{count});
}

}  // namespace
}  // namespace gradus::nn
