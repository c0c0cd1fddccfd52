#pragma once

#include <optional>

#include <gradus/nn/modules/module.hpp>
#include <gradus/ops/windows.hpp>

namespace gradus::nn {

struct Pool2dOptions {
  std::optional<HeightWidth> stride = {};  ///< that of the kernel when it is not given
  HeightWidth padding = 0;                 ///< at most half the kernel
};

/// What MaxPool2d and AvgPool2d have in common: windows that slide over each channel of x (n, channels,
/// height, width), of each of which one number remains: (n, channels, (height + 2 padding - kh) / stride + 1,
/// likewise).
class Pool2d {
 protected:
  Pool2d(const char* type, HeightWidth kernel, const Pool2dOptions& options);

  Attributes attributes() const;
  /// The shape of the result. ShapeError unless x has 4 axes and a window fits.
  Shape result_shape(const Shape& x) const;
  /// The windows of x as an axis: (n, channels, kh kw, how many), for the result of that shape.
  template <class T>
  Tensor<T> windows(const Tensor<T>& x, HeightWidth padding, const Shape& result) const;

  const char* type_;
  HeightWidth kernel_;
  WindowOptions windows_;
};

/// The largest number of each window; equal ones share the gradient. The padding never is the largest. A
/// module over float and double alike.
class MaxPool2d : public Pool2d {
 public:
  /// ValueError for a kernel or stride below 1 and for a padding below 0 or of more than half the kernel.
  explicit MaxPool2d(HeightWidth kernel, const Pool2dOptions& options = {})
      : Pool2d("MaxPool2d", kernel, options) {}

  /// ShapeError unless x is (n, channels, height, width), of images that are not empty, and a window fits.
  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const;
  template <class T>
  ModuleParts<T> parts() const {
    return {.type = type_, .attributes = attributes()};
  }
};

/// The mean of each window, in which the zeros of the padding count, as they do in PyTorch. A module over
/// float and double alike.
class AvgPool2d : public Pool2d {
 public:
  /// Errors as for MaxPool2d.
  explicit AvgPool2d(HeightWidth kernel, const Pool2dOptions& options = {})
      : Pool2d("AvgPool2d", kernel, options) {}

  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const;
  template <class T>
  ModuleParts<T> parts() const {
    return {.type = type_, .attributes = attributes()};
  }
};

extern template Tensor<float> MaxPool2d::operator()(const Tensor<float>&) const;
extern template Tensor<double> MaxPool2d::operator()(const Tensor<double>&) const;
extern template Tensor<float> AvgPool2d::operator()(const Tensor<float>&) const;
extern template Tensor<double> AvgPool2d::operator()(const Tensor<double>&) const;

}  // namespace gradus::nn
