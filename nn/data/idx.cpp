#include <algorithm>
#include <cstdio>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/idx.hpp>
#include <gradus/nn/files/elements.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/nn/files/write_file.hpp>

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;

// An IDX file is: 0, 0, the element type, the number of dimensions, the dimensions, the elements; numbers are
// of 32 bits, and all have the most significant byte first.
constexpr std::size_t word = 4;

struct IdxType {
  std::uint8_t code;
  detail::ElementType elements;
};

constexpr IdxType unsigned_bytes{0x08, {'u', 1, std::endian::big}};
constexpr IdxType idx_types[] = {unsigned_bytes,
                                 {0x09, {'i', 1, std::endian::big}},
                                 {0x0b, {'i', 2, std::endian::big}},
                                 {0x0c, {'i', 4, std::endian::big}},
                                 {0x0d, {'f', 4, std::endian::big}},
                                 {0x0e, {'f', 8, std::endian::big}}};

[[noreturn]] void fail(const std::string& op, const fs::path& file, std::size_t offset,
                       const std::string& found, const std::string& expected) {
  throw DataError("[" + op + "] " + file.string() + ", byte " + std::to_string(offset) + ": found " + found +
                  ", expected " + expected);
}

std::string hex(std::uint32_t number) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", static_cast<unsigned>(number));
  return text;
}

std::uint32_t word_at(std::span<const std::uint8_t> bytes, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < word; ++i) number = number << 8 | bytes[offset + i];
  return number;
}

std::string bytes_of_word(std::size_t number) {
  std::string bytes;
  for (std::size_t shift = 8 * word; shift > 0; shift -= 8)
    bytes += static_cast<char>(number >> (shift - 8) & 0xff);
  return bytes;
}

// What stands before the elements.
struct IdxHeader {
  const IdxType* type;
  std::vector<std::size_t> shape;

  std::size_t bytes() const { return word * (1 + shape.size()); }
  std::size_t count(const fs::path& file) const {
    return detail::element_count("[read_idx] " + file.string() + ", byte " + std::to_string(word), shape);
  }
};

// The shape that follows a magic number known to be that of `type` and `ndim`.
IdxHeader header_after_magic(const fs::path& file, std::span<const std::uint8_t> bytes, const IdxType& type,
                             std::size_t ndim) {
  IdxHeader header{&type, std::vector<std::size_t>(ndim)};
  if (bytes.size() < header.bytes()) {
    fail("read_idx", file, bytes.size(), "the end of the data",
         "a header of " + std::to_string(header.bytes()) + " bytes");
  }
  for (std::size_t axis = 0; axis < ndim; ++axis) header.shape[axis] = word_at(bytes, word * (1 + axis));
  return header;
}

using ReadHeader = std::function<IdxHeader(std::span<const std::uint8_t> first)>;

AnyArray read_by(const fs::path& file, const ReadHeader& read_header) {
  const std::vector<std::uint8_t> bytes =
      detail::read_bytes("read_idx", file, [&](std::span<const std::uint8_t> first) {
        const IdxHeader header = read_header(first);
        return header.bytes() + header.count(file) * header.type->elements.size;
      });
  const IdxHeader header = read_header(bytes);
  const std::size_t count = header.count(file), expected = count * header.type->elements.size,
                    found = bytes.size() - header.bytes();
  if (found < expected) {
    fail("read_idx", file, bytes.size(), "the end of the data",
         std::to_string(count) + " elements after a header of " + std::to_string(header.bytes()) + " bytes");
  }
  if (found > expected) {
    fail("read_idx", file, header.bytes() + expected, std::to_string(found - expected) + " bytes more",
         "the end of the data");
  }
  return detail::decode(header.type->elements, std::span(bytes).subspan(header.bytes()), header.shape);
}

xt::xarray<float> scaled_rows(const xt::xarray<std::uint8_t>& images) {
  const std::size_t count = images.shape(0);
  xt::xarray<float> rows = xt::xarray<float>::from_shape({count, images.size() / count});
  std::transform(images.data(), images.data() + images.size(), rows.data(),
                 [](std::uint8_t ink) { return static_cast<float>(ink) / 255.0f; });
  return rows;
}

void check_images(const fs::path& file, const xt::xarray<std::uint8_t>& images) {
  const std::string dimension_names[] = {" images", " rows", " columns"};
  const std::string expected[] = {"at least 1", "28", "28"};
  const bool fits[] = {images.shape(0) > 0, images.shape(1) == 28, images.shape(2) == 28};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (fits[axis]) continue;
    fail("load_mnist", file, word * (1 + axis), std::to_string(images.shape(axis)) + dimension_names[axis],
         expected[axis]);
  }
}

Dataset<> read_pair(const fs::path& images_file, const fs::path& labels_file) {
  const xt::xarray<std::uint8_t> labels = read_idx(labels_file, 1);
  const xt::xarray<std::uint8_t> images = read_idx(images_file, 3);
  check_images(images_file, images);
  const std::size_t count = images.shape(0);
  if (labels.size() != count) {
    fail("load_mnist", labels_file, word, std::to_string(labels.size()) + " labels",
         std::to_string(count) + ", one for each image of " + images_file.string());
  }
  Dataset<> set{scaled_rows(images), xt::xarray<std::int64_t>::from_shape({count})};
  for (std::size_t i = 0; i < count; ++i) {
    if (labels.data()[i] > 9) {
      fail("load_mnist", labels_file, 2 * word + i, "label " + std::to_string(labels.data()[i]), "0 to 9");
    }
    set.targets.data()[i] = labels.data()[i];
  }
  return set;
}

fs::path find_file(const fs::path& folder, const std::string& name) {
  std::error_code none;
  for (const fs::path& file : {folder / name, folder / (name + ".gz")}) {
    if (fs::exists(file, none)) return file;
  }
  throw DataError("[load_mnist] " + folder.string() + ": found neither " + name + " nor " + name +
                  ".gz, expected the four files of MNIST");
}

}  // namespace

xt::xarray<std::uint8_t> read_idx(const fs::path& file, std::size_t ndim) {
  // The magic number is judged before the length: it tells a file of another kind from one cut short.
  const std::uint32_t magic = unsigned_bytes.code << 8 | static_cast<std::uint32_t>(ndim);
  return std::get<xt::xarray<std::uint8_t>>(read_by(file, [&](std::span<const std::uint8_t> bytes) {
    if (bytes.size() >= word && word_at(bytes, 0) != magic) {
      fail("read_idx", file, 0, "magic number " + hex(word_at(bytes, 0)),
           hex(magic) + " (unsigned bytes, ndim " + std::to_string(ndim) + ")");
    }
    return header_after_magic(file, bytes, unsigned_bytes, ndim);
  }));
}

AnyArray read_idx(const fs::path& file) {
  return read_by(file, [&](std::span<const std::uint8_t> bytes) {
    if (bytes.size() < word) fail("read_idx", file, bytes.size(), "the end of the data", "a magic number");
    const std::uint32_t magic = word_at(bytes, 0);
    for (const IdxType& type : idx_types) {
      if (magic >> 8 == type.code) return header_after_magic(file, bytes, type, magic & 0xff);
    }
    fail("read_idx", file, 0, "magic number " + hex(magic),
         "0x0000TTNN (TT 08, 09, 0b, 0c, 0d or 0e, NN dimensions)");
  });
}

void write_idx(const fs::path& file, const AnyArray& array) {
  const detail::ElementType elements = detail::type_of(array);
  const auto type = std::find_if(std::begin(idx_types), std::end(idx_types), [&](const IdxType& candidate) {
    return candidate.elements.kind == elements.kind && candidate.elements.size == elements.size;
  });
  const Shape shape = shape_of(array);
  const auto fits = [](std::size_t extent) { return extent <= 0xffffffff; };
  if (type == std::end(idx_types) || shape.size() > 255 || !std::all_of(shape.begin(), shape.end(), fits)) {
    throw ValueError(
        "[write_idx] " + type_name(array) + " " + to_string(shape) +
        ": expected uint8, int8, int16, int32, float32 or float64, at most 255 axes of less than 2^32");
  }
  std::string bytes = bytes_of_word(std::size_t{type->code} << 8 | shape.size());
  for (std::size_t extent : shape) bytes += bytes_of_word(extent);
  detail::write_file("write_idx", file, bytes + detail::encode(array, std::endian::big));
}

DatasetSplit<> load_mnist(const fs::path& folder) {
  std::error_code none;
  if (!fs::is_directory(folder, none)) {
    throw DataError(
        "[load_mnist] " + folder.string() +
        ": found no such folder, expected one with the four files of MNIST (train-images-idx3-ubyte, "
        "train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, or each with .gz)");
  }
  const fs::path train_images = find_file(folder, "train-images-idx3-ubyte");
  const fs::path train_labels = find_file(folder, "train-labels-idx1-ubyte");
  const fs::path test_images = find_file(folder, "t10k-images-idx3-ubyte");
  const fs::path test_labels = find_file(folder, "t10k-labels-idx1-ubyte");
  return {read_pair(train_images, train_labels), read_pair(test_images, test_labels)};
}

}  // namespace gradus::nn
