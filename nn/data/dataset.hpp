#pragma once

#include <cstddef>
#include <cstdint>

#include <gradus/core/xtensor.hpp>

namespace gradus::nn {

/// Labelled images, one to a row.
struct Dataset {
  xt::xarray<float> images;         ///< (n, pixels), row by row from the top, 0 = background to 1 = ink
  xt::xarray<std::int64_t> labels;  ///< (n), the class of each image

  /// The number of images.
  std::size_t size() const { return labels.size(); }
};

/// What a model learns from, and what it is judged by.
struct DatasetSplit {
  Dataset train;
  Dataset test;
};

}  // namespace gradus::nn
