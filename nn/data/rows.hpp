#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <gradus/core/shape.hpp>
#include <gradus/core/xtensor.hpp>

namespace gradus::nn::detail {

/// Copies those rows of source (n, ...), in that order, into out, whose memory is used again where it fits.
template <class E>
void copy_rows(const xt::xarray<E>& source, std::span<const std::size_t> rows, xt::xarray<E>& out) {
  Shape shape(source.shape());
  const std::size_t width = shape[0] == 0 ? 0 : source.size() / shape[0];
  shape[0] = rows.size();
  // An array that was moved from may keep its shape and lose its elements.
  if (out.shape() != shape || out.storage().size() != rows.size() * width) {
    out = xt::xarray<E>::from_shape(shape);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(source.data() + rows[i] * width, width, out.data() + i * width);
  }
}

}  // namespace gradus::nn::detail
