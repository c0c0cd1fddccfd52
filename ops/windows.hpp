#pragma once

#include <concepts>
#include <cstddef>

#include <gradus/core/tensor.hpp>

/// Windows that slide over images: what convolutions and pooling are made of.
namespace gradus {

/// How many along the height and along the width; one number is both.
struct HeightWidth {
  std::size_t height, width;

  template <std::integral I>
  HeightWidth(I both) : HeightWidth(both, both) {}
  template <std::integral I, std::integral J>
  HeightWidth(I h, J w) : height(static_cast<std::size_t>(h)), width(static_cast<std::size_t>(w)) {}

  bool operator==(const HeightWidth&) const = default;
};

struct WindowOptions {
  HeightWidth stride = 1;   ///< from one window to the next
  HeightWidth padding = 0;  ///< zeros on each side of the image
};

/// How many windows there are: (extent + 2 padding - kernel) / stride + 1, rounded down, along both.
/// ShapeError, naming `op`, when one does not fit into the image; ValueError for a kernel or stride of 0.
HeightWidth count_windows(const char* op, HeightWidth image, HeightWidth kernel,
                          const WindowOptions& options);

/// PyTorch's unfold (im2col): y[n, (c kh + i) kw + j, oh OW + ow] = x[n, c, oh s + i - p, ow s + j - p], 0
/// outside of the image. x is (n, channels, height, width), y (n, channels kh kw, OH OW): a column for each
/// window. The gradient of an element is the sum over all windows it lies in. ShapeError unless x has 4 axes
/// and a window fits; ValueError for a kernel or stride of 0. Source: K. Chellapilla, S. Puri, P. Simard,
/// "High performance convolutional neural networks for document processing" (2006).
template <class T>
Tensor<T> unfold(const Tensor<T>& x, HeightWidth kernel, const WindowOptions& options = {});

}  // namespace gradus
