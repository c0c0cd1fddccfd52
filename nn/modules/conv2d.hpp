#pragma once

#include <cstddef>
#include <optional>

#include <gradus/nn/modules/init.hpp>
#include <gradus/nn/modules/module.hpp>
#include <gradus/ops/windows.hpp>

namespace gradus::nn {

struct Conv2dOptions {
  HeightWidth stride = 1;
  HeightWidth padding = 0;  ///< zeros on each side of the images
  Initializer weight =
      init::xavier();  ///< called for a matrix (in kh kw, out): what is summed, and how often
  bool bias = true;    ///< whether there is one; it begins at 0
};

/// The convolution of networks (a cross-correlation), as PyTorch has it:
///   y[n, o, r, s] = b_o + sum_cij W[o, c, i, j] x[n, c, r stride + i - padding, s stride + j - padding]
/// with x (n, in, height, width), 0 outside of the images, W (out, in, kh, kw), b (out), and y (n, out,
/// (height + 2 padding - kh) / stride + 1, likewise). It is one product of W with the windows of x
/// (ops/windows.hpp). Source: I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning" (2016), 9.1 and 9.5.
///
///     nn::Conv2d conv{1, 16, 5, rng, {.padding = 2}};  // 1 to 16 channels, windows of 5 x 5
///
/// A handle: copies share W and b.
template <class T = float>
class Conv2d : public ModuleMembers<Conv2d<T>, T> {
 public:
  /// ValueError for no channels, and a kernel or stride of 0; ShapeError when the initializer gives a wrong
  /// shape.
  Conv2d(std::size_t in, std::size_t out, HeightWidth kernel, Rng& rng, const Conv2dOptions& options = {});

  /// ShapeError unless x is (n, in, height, width) and the kernel fits into the padded images.
  Tensor<T> operator()(const Tensor<T>& x) const;

  const Tensor<T>& weight() const { return weight_; }
  /// "weight" and, if there is one, "bias".
  ModuleParts<T> parts() const;

 private:
  HeightWidth kernel() const { return {weight_.shape()[2], weight_.shape()[3]}; }

  WindowOptions windows_;
  Tensor<T> weight_;
  std::optional<Tensor<T>> bias_;
};

extern template class Conv2d<float>;
extern template class Conv2d<double>;

}  // namespace gradus::nn
