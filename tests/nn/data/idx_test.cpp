#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/data/idx.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/tests/nn/data/bytes.hpp>
#include <gradus/tests/nn/mnist_folder.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;
using gradus::testing::expect_named, gradus::testing::TempFolder, gradus::testing::write_bytes;
using Bytes = std::string;

const char* const train_images = "train-images-idx3-ubyte";
const char* const train_labels = "train-labels-idx1-ubyte";
const char* const test_images = "t10k-images-idx3-ubyte";
const char* const test_labels = "t10k-labels-idx1-ubyte";

Bytes word(std::uint32_t number) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

Bytes images(std::uint32_t count, std::uint32_t rows = 28, std::uint32_t columns = 28) {
  Bytes bytes = word(0x803) + word(count) + word(rows) + word(columns);
  for (std::size_t i = 0; i < std::size_t{count} * rows * columns; ++i) bytes += static_cast<char>(i % 256);
  return bytes;
}

Bytes labels(std::uint32_t count) {
  Bytes bytes = word(0x801) + word(count);
  for (std::uint32_t i = 0; i < count; ++i) bytes += static_cast<char>(i % 10);
  return bytes;
}

Bytes gzip(const Bytes& bytes) {
  const TempFolder folder;
  const fs::path file = folder.path() / "packed";
  gzFile out = gzopen(file.c_str(), "wb");
  gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(out);
  return gradus::testing::bytes_of(file);
}

void write_small_mnist(const fs::path& folder) {
  write_bytes(folder / train_images, images(12));
  write_bytes(folder / train_labels, labels(12));
  write_bytes(folder / test_images, images(3));
  write_bytes(folder / test_labels, labels(3));
}

std::string message_of(const std::function<void()>& action) {
  return gradus::testing::message_of<DataError>(action);
}

TEST(ReadIdx, GivesShapeAndElements) {
  const TempFolder folder;
  const fs::path file = folder.path() / "array";
  write_bytes(file, word(0x802) + word(2) + word(3) + Bytes("\x00\x01\x7f\x80\xfe\xff", 6));
  const xt::xarray<std::uint8_t> expected{{0, 1, 127}, {128, 254, 255}};
  EXPECT_EQ(read_idx(file, 2), expected);
}

TEST(ReadIdx, AcceptsADimensionOfZero) {
  const TempFolder folder;
  write_bytes(folder.path() / "none", word(0x803) + word(0) + word(28) + word(28));
  EXPECT_EQ(read_idx(folder.path() / "none", 3).shape(0), 0u);
}

TEST(ReadIdx, DecidesByContentWhetherItIsCompressed) {
  const TempFolder folder;
  const fs::path plain = folder.path() / "plain.gz", packed = folder.path() / "packed";
  write_bytes(plain, labels(20));
  write_bytes(packed, gzip(labels(20)));
  EXPECT_EQ(read_idx(plain, 1), read_idx(packed, 1));
}

TEST(ReadIdx, ReadsGzipOfSeveralMembersAndHighCompression) {
  const TempFolder folder;
  const fs::path file = folder.path() / "members";
  write_bytes(file, gzip(word(0x801) + word(5000000)) + gzip(Bytes(4999999, '\x07')) + gzip("\x09"));
  const xt::xarray<std::uint8_t> array = read_idx(file, 1);
  ASSERT_EQ(array.size(), 5000000u);
  EXPECT_EQ(array.data()[4999998], 7);
  EXPECT_EQ(array.data()[4999999], 9);
}

struct Damage {
  const char* name;
  Bytes bytes;
  std::vector<std::string> named;  // offset, found, expected
};

TEST(ReadBytes, DecompressesNoMoreThanItMay) {
  const TempFolder folder;
  const fs::path file = folder.path() / "packed";
  write_bytes(file, gzip(Bytes(5'000'000, '\0')) + gzip("\x09"));
  EXPECT_EQ(detail::read_bytes("op", file, nullptr, 5'000'001).size(), 5'000'001u);
  for (const std::size_t most : {std::size_t{0}, std::size_t{10}, std::size_t{5'000'000}})
    expect_named(message_of([&] { detail::read_bytes("op", file, nullptr, most); }),
                 {"[op] ", "found more than " + std::to_string(most) + " bytes"});
}

TEST(ReadIdx, EveryDamageNamesFileOffsetFoundAndExpected) {
  const Bytes packed = gzip(images(2));
  Bytes bad_block = packed, bad_crc = packed, bad_length = packed;
  bad_block[10] = '\xff';
  bad_crc[packed.size() - 8] ^= 1;
  bad_length[packed.size() - 1] ^= 1;
  const std::string packed_end = "byte " + std::to_string(packed.size()) + " of the compressed file";
  const std::vector<Damage> damages{
      {"empty", "", {"byte 0", "found the end of the data", "expected a header of 16 bytes"}},
      {"magic cut", images(2).substr(0, 3), {"byte 3", "found the end of the data", "16 bytes"}},
      {"header cut", images(2).substr(0, 9), {"byte 9", "found the end of the data", "16 bytes"}},
      {"labels", labels(2000), {"byte 0", "0x00000801", "expected 0x00000803"}},
      {"other type", word(0xd03) + images(2).substr(4), {"byte 0", "0x00000d03", "0x00000803"}},
      {"text", "<!DOCTYPE html>", {"byte 0", "found magic number 0x3c21444f", "0x00000803"}},
      {"data cut", images(2).substr(0, 1000), {"byte 1000", "found the end", "1568 elements"}},
      {"no data", images(2).substr(0, 16), {"byte 16", "found the end", "expected 1568 elements"}},
      {"trailing", images(2) + "abc", {"byte 1584", "3 bytes more", "expected the end of the data"}},
      {"huge",
       word(0x803) + word(~0u) + word(1u << 27) + word(1),
       {"byte 16", "576460752169205760 elements"}},
      {"overflow",
       word(0x803) + word(~0u) + word(~0u) + word(~0u),
       {"byte 4", "(4294967295,4294967295,4294967295)", "2^60"}},
      {"gz cut", packed.substr(0, 100), {"byte 100 of the compressed file", "found the end", "more"}},
      {"gz header", packed.substr(0, 2), {"byte 2 of the compressed file", "found the end", "more"}},
      {"gz tail cut", packed.substr(0, packed.size() - 1), {"compressed file", "found the end", "more"}},
      {"gz block", bad_block, {"of the compressed file", "invalid", "expected intact gzip data"}},
      {"gz crc", bad_crc, {"of the compressed file", "incorrect data check", "expected intact gzip data"}},
      {"gz length", bad_length, {"of the compressed file", "incorrect length check", "intact gzip data"}},
      {"gz trailing", packed + "xy", {packed_end, "found bytes after", "expected the end of the file"}},
      {"gz of short", gzip(images(2).substr(0, 1000)), {"byte 1000:", "found the end", "1568 elements"}},
  };
  const TempFolder folder;
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.name);
    const fs::path file = folder.path() / damage.name;
    write_bytes(file, damage.bytes);
    const std::string message = message_of([&] { read_idx(file, 3); });
    expect_named(message, {"[read_idx] ", file.string()});
    expect_named(message, damage.named);
  }
}

TEST(ReadIdx, AnyCutOrFlippedBitOfAGzipFileIsFoundOrHarmless) {
  const TempFolder folder;
  const fs::path file = folder.path() / "labels.gz";
  const Bytes packed = gzip(labels(300));
  write_bytes(file, packed);
  const xt::xarray<std::uint8_t> expected = read_idx(file, 1);
  for (std::size_t i = 0; i < packed.size(); ++i) {
    write_bytes(file, packed.substr(0, i));
    EXPECT_THROW(read_idx(file, 1), DataError) << "cut at " << i;
    Bytes flipped = packed;
    flipped[i] ^= static_cast<char>(1 << i % 8);
    write_bytes(file, flipped);
    try {
      EXPECT_EQ(read_idx(file, 1), expected) << "byte " << i;
    } catch (const DataError&) {
    }
  }
}

TEST(ReadIdx, EveryKindOfElements) {
  const TempFolder folder;
  const fs::path file = folder.path() / "array";
  write_bytes(file, word(0xb02) + word(1) + word(2) + Bytes("\xff\xfe\x01\x02", 4));
  EXPECT_EQ(std::get<xt::xarray<std::int16_t>>(read_idx(file)), (xt::xarray<std::int16_t>{{-2, 258}}));
  write_bytes(file, word(0xd01) + word(1) + Bytes("\x3f\xc0\x00\x00", 4));
  EXPECT_EQ(array_cast<float>(read_idx(file))(0), 1.5f);
  write_bytes(file, word(0xe00) + Bytes("\xc0\x04\x00\x00\x00\x00\x00\x00", 8));
  EXPECT_EQ(std::get<xt::xarray<double>>(read_idx(file))(), -2.5);
  for (const Bytes& bytes :
       {word(0xa01) + word(0), word(0x10801) + word(0), Bytes("\0\0", 2), word(0xb01) + word(2) + "abc"}) {
    write_bytes(file, bytes);
    expect_named(message_of([&] { read_idx(file); }), {"[read_idx] " + file.string(), "byte ", "expected "});
  }
}

TEST(WriteIdx, WhatIsReadBackIsTheSame) {
  const TempFolder folder;
  const fs::path file = folder.path() / "array";
  const std::vector<AnyArray> arrays{xt::xarray<std::uint8_t>{{0, 1}, {254, 255}},
                                     xt::xarray<std::int8_t>{-128, 127},
                                     xt::xarray<std::int16_t>{-300, 300},
                                     xt::xarray<std::int32_t>{{1 << 30, 1}, {-5, 2}},
                                     xt::xarray<float>{0.1f, -1e30f},
                                     xt::xarray<double>(0.1),
                                     xt::xarray<float>::from_shape({3, 0, 2})};
  for (const AnyArray& array : arrays) {
    write_idx(file, array);
    EXPECT_TRUE(read_idx(file) == array) << type_name(array);
    EXPECT_EQ(shape_of(read_idx(file)), shape_of(array));
  }
  write_idx(file, arrays[0]);
  EXPECT_EQ(read_idx(file, 2), std::get<xt::xarray<std::uint8_t>>(arrays[0]));
  try {
    write_idx(file, xt::xarray<std::int64_t>{1});
    FAIL();
  } catch (const ValueError& error) {
    expect_named(error.what(), {"[write_idx] int64 (1)", "uint8"});
  }
  EXPECT_TRUE(read_idx(file) == arrays[0]);  // as it was
}

TEST(ReadIdx, AFileThatCannotBeReadIsNamed) {
  const TempFolder folder;
  const fs::path absent = folder.path() / "absent";
  expect_named(message_of([&] { read_idx(absent, 1); }), {"[read_idx] ", absent.string(), "no such file"});
  expect_named(message_of([&] { read_idx(folder.path(), 1); }), {folder.path().string(), "cannot be read"});
}

TEST(LoadMnist, ScalesImagesAndKeepsLabels) {
  const TempFolder folder;
  write_small_mnist(folder.path());
  const DatasetSplit mnist = load_mnist(folder.path());
  EXPECT_EQ(mnist.train.size(), 12u);
  EXPECT_EQ(mnist.test.size(), 3u);
  EXPECT_EQ(mnist.train.inputs.shape(), (Shape{12, 784}));
  EXPECT_EQ(mnist.test.targets, (xt::xarray<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(mnist.train.targets(11), 1);
  EXPECT_EQ(mnist.train.inputs(0, 0), 0.0f);
  EXPECT_EQ(mnist.train.inputs(0, 255), 1.0f);
  EXPECT_EQ(mnist.train.inputs(1, 10), static_cast<float>((784 + 10) % 256) / 255.0f);
}

TEST(LoadMnist, TakesCompressedAndPlainFilesMixed) {
  const TempFolder folder;
  write_small_mnist(folder.path());
  const DatasetSplit plain = load_mnist(folder.path());
  fs::remove(folder.path() / train_images);
  write_bytes(folder.path() / (std::string(train_images) + ".gz"), gzip(images(12)));
  EXPECT_EQ(load_mnist(folder.path()).train.inputs, plain.train.inputs);
}

TEST(LoadMnist, NamesWhatIsMissing) {
  const TempFolder folder;
  const fs::path absent = folder.path() / "absent";
  expect_named(message_of([&] { load_mnist(absent); }),
               {"[load_mnist] " + absent.string(), "no such folder", train_images});
  for (const char* name : {train_images, train_labels, test_images, test_labels}) {
    write_small_mnist(folder.path());
    fs::remove(folder.path() / name);
    expect_named(message_of([&] { load_mnist(folder.path()); }),
                 {"[load_mnist] " + folder.path().string(), std::string(name) + " nor " + name + ".gz"});
  }
}

TEST(LoadMnist, EverySetThatDoesNotFitNamesFileOffsetFoundAndExpected) {
  Bytes bad_label = labels(3);
  bad_label[10] = 10;
  struct Misfit {
    const char* file;
    Bytes bytes;
    std::vector<std::string> named;
  };
  const std::vector<Misfit> misfits{
      {test_labels,
       labels(2),
       {"byte 4", "found 2 labels", "expected 3, one for each image of ", test_images}},
      {test_labels, labels(4), {"byte 4", "found 4 labels", "expected 3"}},
      {test_labels, bad_label, {"byte 10", "found label 10", "expected 0 to 9"}},
      {test_labels, images(3), {"byte 0", "0x00000803", "expected 0x00000801"}},
      {test_images, images(3, 27, 28), {"byte 8", "found 27 rows", "expected 28"}},
      {test_images, images(3, 28, 29), {"byte 12", "found 29 columns", "expected 28"}},
      {test_images, images(3, 14, 56), {"byte 8", "found 14 rows", "expected 28"}},
      {test_images, images(0), {"byte 4", "found 0 images", "expected at least 1"}},
  };
  for (const Misfit& misfit : misfits) {
    const TempFolder folder;
    write_small_mnist(folder.path());
    write_bytes(folder.path() / misfit.file, misfit.bytes);
    const std::string message = message_of([&] { load_mnist(folder.path()); });
    expect_named(message, {(folder.path() / misfit.file).string()});
    expect_named(message, misfit.named);
  }
}

TEST(LoadMnist, TheRealDatabase) {
  const fs::path folder = gradus::testing::mnist_folder();
  if (!fs::is_directory(folder)) {
    GTEST_SKIP() << "no MNIST in " << folder << "; GRADUS_MNIST may name its folder";
  }
  const DatasetSplit mnist = load_mnist(folder);
  EXPECT_EQ(mnist.train.inputs.shape(), (Shape{60000, 784}));
  EXPECT_EQ(mnist.test.inputs.shape(), (Shape{10000, 784}));
  double sum = 0, squares = 0;
  for (float ink : mnist.train.inputs) {
    sum += ink;
    squares += static_cast<double>(ink) * ink;
  }
  const double mean = sum / (60000 * 784);
  EXPECT_NEAR(mean, 0.1307, 0.00005);  // the figures everybody normalises MNIST with
  EXPECT_NEAR(std::sqrt(squares / (60000 * 784) - mean * mean), 0.3081, 0.00005);
  const std::vector<std::int64_t> first{5, 0, 4, 1, 9, 2, 1, 3, 1, 4};
  EXPECT_TRUE(std::equal(first.begin(), first.end(), mnist.train.targets.begin()));
}

}  // namespace
}  // namespace gradus::nn
