#pragma once

#include <cstddef>
#include <optional>

#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

struct LayerNormOptions {
  double eps = 1e-5;
  bool affine = true;  ///< whether there are w, which begins at 1, and b, which begins at 0
};

/// y = w (x - mean) / sqrt(var + eps) + b with the mean and the variance (divided by n) of the last axes of
/// each row by itself, so that a result does not depend on its batch. The last axes of x, w and b have the
/// shape that the layer is made with. Source: J. Ba, J. Kiros, G. Hinton, "Layer normalization" (2016). A
/// handle: copies share w and b.
template <class T = float>
class LayerNorm : public ModuleMembers<LayerNorm<T>, T> {
 public:
  /// ValueError when the shape has no axis or an extent of 0, or eps is not above 0.
  explicit LayerNorm(const Shape& shape, const LayerNormOptions& options = {});
  /// Along the last axis alone.
  explicit LayerNorm(std::size_t features, const LayerNormOptions& options = {})
      : LayerNorm(Shape{features}, options) {}

  /// ShapeError unless the last axes of x have the shape.
  Tensor<T> operator()(const Tensor<T>& x) const;

  /// "weight" and "bias", if it is affine.
  ModuleParts<T> parts() const;

 private:
  Shape shape_;
  LayerNormOptions options_;
  std::optional<Tensor<T>> weight_, bias_;
};

struct RMSNormOptions {
  double eps = 1e-6;
  bool affine = true;  ///< whether there is w, which begins at 1
};

/// y = w x / sqrt(mean(x^2) + eps) along the last axis: a LayerNorm that does not take the mean away. Source:
/// B. Zhang, R. Sennrich, "Root mean square layer normalization" (2019). A handle: copies share w.
template <class T = float>
class RMSNorm : public ModuleMembers<RMSNorm<T>, T> {
 public:
  /// ValueError when there are no features, or eps is not above 0.
  explicit RMSNorm(std::size_t features, const RMSNormOptions& options = {});

  /// ShapeError unless the last axis of x has the features.
  Tensor<T> operator()(const Tensor<T>& x) const;

  /// "weight", if it is affine.
  ModuleParts<T> parts() const;

 private:
  std::size_t features_;
  RMSNormOptions options_;
  std::optional<Tensor<T>> weight_;
};

extern template class LayerNorm<float>;
extern template class LayerNorm<double>;
extern template class RMSNorm<float>;
extern template class RMSNorm<double>;

}  // namespace gradus::nn
