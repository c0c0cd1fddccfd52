#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/gzip.hpp>
#include <gradus/nn/data/idx.hpp>

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;

// An IDX file is: 0, 0, the element type, the number of dimensions, the dimensions, the elements; numbers are
// of 32 bits, the most significant byte first.
constexpr std::size_t word = 4;
constexpr std::uint32_t unsigned_byte = 0x08;

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

std::uint32_t word_at(const std::vector<std::uint8_t>& bytes, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < word; ++i) number = number << 8 | bytes[offset + i];
  return number;
}

std::size_t checked_product(const std::vector<std::size_t>& shape, const fs::path& file) {
  std::size_t product = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] != 0 && product > std::numeric_limits<std::size_t>::max() / shape[axis]) {
      fail("read_idx", file, word * (1 + axis), "dimension " + std::to_string(shape[axis]),
           "fewer than 2^64 elements in all");
    }
    product *= shape[axis];
  }
  return product;
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
  const std::vector<std::uint8_t> bytes = detail::read_bytes("read_idx", file);
  const std::size_t header = word * (1 + ndim);
  // The magic number is judged before the length: it tells a file of another kind from one cut short.
  const std::uint32_t magic = unsigned_byte << 8 | static_cast<std::uint32_t>(ndim);
  if (bytes.size() >= word && word_at(bytes, 0) != magic) {
    fail("read_idx", file, 0, "magic number " + hex(word_at(bytes, 0)),
         hex(magic) + " (unsigned bytes, ndim " + std::to_string(ndim) + ")");
  }
  if (bytes.size() < header) {
    fail("read_idx", file, bytes.size(), "the end of the data",
         "a header of " + std::to_string(header) + " bytes");
  }
  std::vector<std::size_t> shape;
  for (std::size_t axis = 0; axis < ndim; ++axis) shape.push_back(word_at(bytes, word * (1 + axis)));
  const std::size_t count = checked_product(shape, file);
  if (bytes.size() - header < count) {
    fail("read_idx", file, bytes.size(), "the end of the data",
         std::to_string(count) + " elements after a header of " + std::to_string(header) + " bytes");
  }
  if (bytes.size() - header > count) {
    fail("read_idx", file, header + count, std::to_string(bytes.size() - header - count) + " bytes more",
         "the end of the data");
  }
  xt::xarray<std::uint8_t> array = xt::xarray<std::uint8_t>::from_shape(shape);
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end(), array.data());
  return array;
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
