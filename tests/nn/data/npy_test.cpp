#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/tests/nn/data/bytes.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;
using testing::bytes_of, testing::expect_named, testing::message_of, testing::TempFolder,
    testing::write_bytes;

template <class T>
xt::xarray<T> numbers(const std::vector<std::size_t>& shape) {
  xt::xarray<T> array = xt::xarray<T>::from_shape(shape);
  for (std::size_t i = 0; i < array.size(); ++i)
    array.data()[i] = static_cast<T>(static_cast<double>(i) * 1.5 - 3);
  return array;
}

template <class T>
void add_of(std::vector<AnyArray>& arrays) {
  for (const std::vector<std::size_t>& shape :
       std::vector<std::vector<std::size_t>>{{}, {0}, {5}, {2, 3}, {2, 0, 3}, {2, 3, 4}})
    arrays.push_back(numbers<T>(shape));
}

std::vector<AnyArray> every_kind() {
  std::vector<AnyArray> arrays;
  add_of<bool>(arrays);
  add_of<std::int8_t>(arrays);
  add_of<std::int16_t>(arrays);
  add_of<std::int32_t>(arrays);
  add_of<std::int64_t>(arrays);
  add_of<std::uint8_t>(arrays);
  add_of<std::uint16_t>(arrays);
  add_of<std::uint32_t>(arrays);
  add_of<std::uint64_t>(arrays);
  add_of<float>(arrays);
  add_of<double>(arrays);
  return arrays;
}

// A .npy file of version 1 with that header.
std::string npy(const std::string& header, const std::string& elements) {
  std::string bytes("\x93NUMPY\1\0", 8);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + elements;
}

AnyArray array_of(const std::string& bytes) {
  const TempFolder folder;
  write_bytes(folder.path() / "array.npy", bytes);
  return read_npy(folder.path() / "array.npy");
}

TEST(Npy, WhatIsReadBackIsTheSame) {
  const TempFolder folder;
  const fs::path file = folder.path() / "array.npy";
  for (const AnyArray& array : every_kind()) {
    write_npy(file, array);
    EXPECT_TRUE(read_npy(file) == array) << type_name(array);
    EXPECT_EQ(shape_of(read_npy(file)), shape_of(array));
    EXPECT_EQ((bytes_of(file).find('\n') + 1) % 64, 0u);
  }
  const xt::xarray<double> x{1, 2, 3};
  write_npy(file, 2 * x);
  EXPECT_EQ(read_npy<double>(file), (xt::xarray<double>{2, 4, 6}));
}

TEST(Npy, ByteOrdersAndFortransOrder) {
  const xt::xarray<std::int16_t> expected{{1, 2, 3}, {256, -1, 4}};
  const std::string c("\1\0\2\0\3\0\0\1\xff\xff\4\0", 12), big("\0\1\0\2\0\3\1\0\xff\xff\0\4", 12),
      columns("\1\0\0\1\2\0\xff\xff\3\0\4\0", 12);
  EXPECT_TRUE(array_of(npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }\n", c)) ==
              AnyArray(expected));
  EXPECT_TRUE(array_of(npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3), }", big)) ==
              AnyArray(expected));
  EXPECT_TRUE(array_of(npy("{\"shape\":(2L,3L),\"fortran_order\":True,\"descr\":\"<i2\"}", columns)) ==
              AnyArray(expected));
}

TEST(Npy, HalfPrecisionBecomesFloat) {
  const std::string halves(
      "\x00\x3c\x00\xc0\xff\x7b\x01\x00\xff\x03\x00\x00\x00\x80\x00\x7c\x00\xfc\x01\x7e\x66\x2e", 22);
  const auto array = std::get<xt::xarray<float>>(
      array_of(npy("{'descr': '<f2', 'fortran_order': False, 'shape': (11,), }", halves)));
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> expected{1, -2, 65504, 0x1p-24f, 0x3ffp-24f, 0, -0.0f, infinity, -infinity};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(array(i), expected[i]);
  EXPECT_TRUE(std::signbit(array(6)));
  EXPECT_TRUE(std::isnan(array(9)));
  EXPECT_EQ(array(10), 0.0999755859375f);
}

TEST(Npy, EveryDamageNamesFileOffsetFoundAndExpected) {
  struct Damage {
    std::string bytes;
    std::vector<std::string> named;
  };
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  const auto with = [&](const std::string& part, const std::string& by) {
    std::string header = good;
    header.replace(header.find(part), part.size(), by);
    return npy(header, std::string(8, '\0'));
  };
  const std::vector<Damage> damages{
      {"", {"byte 0", "a .npy file begins with"}},
      {"PK\3\4", {"byte 0"}},
      {std::string("\x93NUMPY\4\0\0\0", 10), {"byte 6", "version 4", "1, 2 or 3"}},
      {std::string("\x93NUMPY\1\0\5", 9), {"byte 9", "the end of the data"}},
      {std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12), {"byte 8", "a header of 4294967295 bytes"}},
      {npy(good, std::string(7, '\0')), {"found the end of the data", "expected 8 bytes of elements"}},
      {npy(good, std::string(9, '\0')), {"found 1 bytes more"}},
      {with("<f4", "<c8"), {"byte 20", "type '<c8'", "f4 or f8"}},
      {with("<f4", "|O"), {"type '|O'"}},
      {with("<f4", "|f4"), {"type '|f4'"}},
      {with("<f4", "<f3"), {"type '<f3'"}},
      {with("'<f4'", "[('a', '<f4')]"), {"byte 20", "one plain type"}},
      {with("False", "0"), {"True or False"}},
      {with("(2,)", "(-2,)"), {"an extent"}},
      {with("(2,)", "(99999999999999999999,)"), {"an extent"}},
      {with("(2,)", "(4294967296, 4294967296, 2)"), {"(4294967296,4294967296,2)", "2^60"}},
      {with("(2,)", "(1152921504606846975,)"), {"expected 4611686018427387900 bytes"}},
      {with("(2,)", "(2"), {"an extent"}},
      {with("(2,)", "(2 3)"), {"a comma or )"}},
      {with("'shape'", "'form'"), {"the key 'form'"}},
      {with(", 'shape': (2,)", ""), {"descr and shape"}},
      {with("}", "} x"), {"the end of the header"}},
      {with("{", ""), {"byte 10", "expected {"}},
      {npy("", ""), {"byte 10", "expected {"}},
      {npy("{'descr", ""), {"a second quote"}},
  };
  for (const Damage& damage : damages) {
    const std::string message = message_of<DataError>([&] { array_of(damage.bytes); });
    expect_named(message, {"[read_npy] ", "array.npy", "byte ", "found ", "expected "});
    expect_named(message, damage.named);
  }
}

TEST(Npy, AnyCutIsFoundAndAnyFlippedBitIsFoundOrHarmless) {
  const TempFolder folder;
  const fs::path file = folder.path() / "array.npy";
  write_npy(file, numbers<float>({3, 2}));
  const std::string good = bytes_of(file);
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_THROW(array_of(good.substr(0, i)), DataError) << "cut at " << i;
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = good;
      flipped[i] ^= static_cast<char>(1 << bit);
      try {
        array_of(flipped);
      } catch (const DataError&) {
      }
    }
  }
}

TEST(ArrayCast, TakesWhatTheTypeHolds) {
  const AnyArray whole = xt::xarray<double>{0, 1, -2}, broken = xt::xarray<float>{0.5f},
                 large = xt::xarray<std::uint64_t>{~std::uint64_t{0}},
                 nan = xt::xarray<double>{std::numeric_limits<double>::quiet_NaN()},
                 beyond = xt::xarray<double>{0x1p63}, least = xt::xarray<double>{-0x1p63};
  EXPECT_EQ(array_cast<std::int64_t>(whole), (xt::xarray<std::int64_t>{0, 1, -2}));
  EXPECT_EQ(array_cast<float>(broken)(0), 0.5f);
  EXPECT_EQ(array_cast<double>(large)(0), 0x1p64);
  EXPECT_EQ(array_cast<std::int64_t>(least)(0), std::numeric_limits<std::int64_t>::min());
  for (const AnyArray* array : {&broken, &large, &nan, &beyond})
    EXPECT_THROW(array_cast<std::int64_t>(*array), ValueError) << type_name(*array);
  expect_named(message_of<ValueError>([&] { array_cast<std::uint8_t>(whole); }),
               {"[array_cast] element 2 is -2: expected a value of uint8"});
  EXPECT_THROW(array_cast<bool>(AnyArray(xt::xarray<std::int32_t>{2})), ValueError);
  EXPECT_EQ(array_cast<std::int32_t>(AnyArray(xt::xarray<bool>{true}))(0), 1);
}

TEST(Npz, WhatIsReadBackIsTheSame) {
  const TempFolder folder;
  const fs::path file = folder.path() / "arrays.npz";
  NamedArrays arrays;
  for (const AnyArray& array : every_kind()) arrays.emplace("a/" + std::to_string(arrays.size()), array);
  for (bool compressed : {false, true}) {
    write_npz(file, arrays, compressed);
    EXPECT_TRUE(read_npz(file) == arrays);
  }
  write_npz(file, {});
  EXPECT_TRUE(read_npz(file).empty());
  EXPECT_THROW(write_npz(file, {{"", arrays.begin()->second}}), ValueError);
  xt::xarray<float> zeros = xt::xarray<float>::from_shape({100000});
  zeros.fill(0);
  write_npz(file, {{"zeros", zeros}}, true);
  EXPECT_LT(fs::file_size(file), 2000u);
  EXPECT_TRUE(read_npz(file).at("zeros") == AnyArray(zeros));
}

TEST(Npz, AnyCutAndAnyFlippedBitIsFoundOrHarmless) {
  const TempFolder folder;
  const fs::path file = folder.path() / "arrays.npz";
  const NamedArrays arrays{{"x", numbers<float>({3, 2})}, {"y", numbers<std::int8_t>({40})}};
  for (bool compressed : {false, true}) {
    write_npz(file, arrays, compressed);
    const std::string good = bytes_of(file);
    for (std::size_t i = 0; i < good.size(); ++i) {
      write_bytes(file, good.substr(0, i));
      EXPECT_THROW(read_npz(file), DataError) << "cut at " << i;
      std::string flipped = good;
      flipped[i] ^= static_cast<char>(1 << i % 8);
      write_bytes(file, flipped);
      try {  // a bit of a name or a date tells nobody
        const NamedArrays read = read_npz(file);
        EXPECT_LE(read.size(), 2u);
        for (const auto& [name, array] : read)
          EXPECT_TRUE(array == arrays.at("x") || array == arrays.at("y")) << i;
      } catch (const DataError& error) {
        expect_named(error.what(), {"[read_npz] " + file.string()});
      }
    }
  }
}

TEST(Npz, SaysWhatIsWrong) {
  const TempFolder folder;
  const fs::path file = folder.path() / "arrays.npz";
  const auto message = [&](const std::string& bytes) {
    write_bytes(file, bytes);
    return message_of<DataError>([&] { read_npz(file); });
  };
  expect_named(message("no archive"),
               {"[read_npz] " + file.string(), "byte 10: found no directory at the end"});
  write_npz(file, {{"x", numbers<float>({30})}});
  const std::string good = bytes_of(file);
  std::string damaged = good;
  damaged[200] ^= 1;
  expect_named(message(damaged), {"a wrong checksum of x.npy"});
  const std::size_t directory = good.find("PK\1\2");
  std::string other = good;
  other[directory + 10] = 12;
  expect_named(message(other), {"compression method 12"});
  std::string huge = good;  // inflates to 4 GB, it says
  huge[directory + 10] = 8;
  for (std::size_t i = 24; i < 28; ++i) huge[directory + i] = '\xfe';
  expect_named(message(huge), {"found 4278124286 bytes in "});
  std::string text = good;
  for (std::size_t at = text.find("x.npy"); at != std::string::npos; at = text.find("x.npy", at))
    text.replace(at, 5, "x.txt");
  expect_named(message(text), {"member x.txt: found another kind"});
}

// Debian's own Python, if it has NumPy.
bool has_numpy() { return std::system("/usr/bin/python3 -c 'import numpy' 2>/dev/null") == 0; }

int python(const fs::path& folder, const std::string& program) {
  write_bytes(folder / "program.py",
              "import numpy as np, os\nos.chdir(os.path.dirname(os.path.abspath(__file__)))\n" + program);
  return std::system(("/usr/bin/python3 " + (folder / "program.py").string()).c_str());
}

TEST(NumPy, ReadsWhatIsWritten) {
  if (!has_numpy()) GTEST_SKIP() << "/usr/bin/python3 has no numpy";
  const TempFolder folder;
  NamedArrays arrays;
  for (const AnyArray& array : every_kind()) {
    const std::string name = type_name(array) + "_" + std::to_string(arrays.size());
    write_npy(folder.path() / (name + ".npy"), array);
    arrays.emplace(name, array);
  }
  write_npz(folder.path() / "stored.npz", arrays);
  write_npz(folder.path() / "deflated.npz", arrays, true);
  EXPECT_EQ(python(folder.path(), R"(
for file in ['stored.npz', 'deflated.npz']:
    arrays = np.load(file)
    assert len(arrays.files) == 66
    for name in arrays.files:
        a = arrays[name]
        expected = (np.arange(a.size, dtype=float) * 1.5 - 3)
        kind = np.dtype(name.split('_')[0])
        assert a.dtype == kind, name
        if kind.kind != 'u':
            assert (a.ravel() == expected.astype(kind)).all(), name
        b = np.load(name + '.npy')
        assert a.dtype == b.dtype and a.shape == b.shape and (a == b).all(), name
)"),
            0);
}

TEST(NumPy, WritesWhatIsRead) {
  if (!has_numpy()) GTEST_SKIP() << "/usr/bin/python3 has no numpy";
  const TempFolder folder;
  ASSERT_EQ(python(folder.path(), R"(
x = np.arange(24, dtype='i4').reshape(2, 3, 4)
arrays = {'fortran': np.asfortranarray(x), 'big': x.astype('>f8'), 'half': x.astype('f2'), 'bool': x > 5, 'u8': x.astype('u8')}
np.savez('stored.npz', **arrays)
np.savez_compressed('deflated.npz', **arrays)
for version in [(1, 0), (2, 0), (3, 0)]:
    with open('version%d.npy' % version[0], 'wb') as file:
        np.lib.format.write_array(file, np.asfortranarray(x), version)
import io, zipfile
class Stream(io.RawIOBase):  # cannot seek: sizes come after the members
    def __init__(self): self.file = open('streamed.npz', 'wb')
    def writable(self): return True
    def write(self, b): return self.file.write(b)
np.savez_compressed(Stream(), **arrays)
)"),
            0);
  const AnyArray x = numbers<std::int32_t>({2, 3, 4});
  xt::xarray<std::int32_t> expected = xt::xarray<std::int32_t>::from_shape({2, 3, 4});
  for (std::int32_t i = 0; i < 24; ++i) expected.data()[i] = i;
  for (const char* file : {"version1.npy", "version2.npy", "version3.npy"})
    EXPECT_TRUE(read_npy(folder.path() / file) == AnyArray(expected)) << file;
  for (const char* file : {"stored.npz", "deflated.npz", "streamed.npz"}) {
    const NamedArrays arrays = read_npz(folder.path() / file);
    ASSERT_EQ(arrays.size(), 5u);
    EXPECT_TRUE(arrays.at("fortran") == AnyArray(expected));
    for (const char* name : {"big", "half", "u8"})
      EXPECT_EQ(array_cast<std::int32_t>(arrays.at(name)), expected) << file << ' ' << name;
    EXPECT_EQ(type_name(arrays.at("bool")), "bool");
    EXPECT_EQ(array_cast<std::int32_t>(arrays.at("bool"))(1, 0, 0), 1);
  }
}

}  // namespace
}  // namespace gradus::nn
