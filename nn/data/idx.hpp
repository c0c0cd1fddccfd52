#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include <gradus/core/xtensor.hpp>
#include <gradus/nn/data/dataset.hpp>
#include <gradus/nn/files/any_array.hpp>

namespace gradus::nn {

/// Reads an IDX file of unsigned bytes with `ndim` dimensions, plain or compressed with gzip (its content
/// decides). DataError when the file is absent, damaged, too short or too long; the message names the file,
/// the byte offset (in the decompressed data, unless it says otherwise), what was found and what was
/// expected. A compressed file is refused as soon as it is more than its header says.
/// Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
xt::xarray<std::uint8_t> read_idx(const std::filesystem::path& file, std::size_t ndim);

/// The same for every kind of elements that IDX knows: uint8, int8, int16, int32, float32, float64.
AnyArray read_idx(const std::filesystem::path& file);

/// Writes an IDX file. ValueError for other elements and more than 255 axes or 2^32 - 1 elements along one,
/// DataError when it cannot be written; what was there before stays then.
void write_idx(const std::filesystem::path& file, const AnyArray& array);

/// Reads MNIST, or any set of its form (28x28 images, labels 0 to 9), from the folder with its four files:
/// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each as
/// it is or with .gz. Inputs are (n, 784) with values 0, 1/255, ... 1. DataError as for read_idx(), and when
/// a file is missing, an image is not 28x28, a label exceeds 9, or images and labels differ in number.
DatasetSplit<> load_mnist(const std::filesystem::path& folder);

}  // namespace gradus::nn
