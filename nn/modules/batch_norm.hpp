#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

struct BatchNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;  ///< the share of the latest batch in the running statistics, from 0 to 1
  bool affine = true;     ///< whether there are w, which begins at 1, and b, which begins at 0
};

/// Batch normalisation of each feature: y = w (x - mean) / sqrt(var + eps) + b. In training mean and var are
/// those of the batch, var that which divides by n, and
///   running = (1 - momentum) running + momentum (mean, or the var that divides by n - 1);
/// in evaluation they are the running ones. As PyTorch has it. Source: S. Ioffe, C. Szegedy, "Batch
/// normalization" (2015). The features are axis 1 of x. A handle: copies share w, b and the statistics.
template <class T>
class BatchNorm : public ModuleMembers<BatchNorm<T>, T> {
 public:
  /// ShapeError unless x has the axes and the features; in training ValueError for a single value a feature,
  /// of which there is no variance. Nothing is changed then.
  Tensor<T> operator()(const Tensor<T>& x) const;

  const Buffer<T>& running_mean() const { return running_mean_; }
  const Buffer<T>& running_var() const { return running_var_; }
  /// "weight" and "bias", if it is affine; the buffers "running_mean" and "running_var".
  ModuleParts<T> parts() const;

 protected:
  BatchNorm(std::string type, std::size_t features, std::size_t fewest_axes, std::size_t most_axes,
            const BatchNormOptions& options);

 private:
  Shape checked_shape(const Tensor<T>& x, bool training) const;
  void follow(const Array<T>& mean, const Array<T>& var, std::size_t n) const;

  std::string type_;
  std::size_t features_, fewest_axes_, most_axes_;
  BatchNormOptions options_;
  std::optional<Tensor<T>> weight_, bias_;
  Buffer<T> running_mean_, running_var_;
  std::shared_ptr<ModuleState> state_ = std::make_shared<ModuleState>();
};

/// Of x (batch, features) or (batch, features, length).
template <class T = float>
class BatchNorm1d : public BatchNorm<T> {
 public:
  /// ValueError for no features, an eps that is not above 0, a momentum outside [0, 1].
  explicit BatchNorm1d(std::size_t features, const BatchNormOptions& options = {})
      : BatchNorm<T>("BatchNorm1d", features, 2, 3, options) {}
};

/// Of images (batch, channels, height, width).
template <class T = float>
class BatchNorm2d : public BatchNorm<T> {
 public:
  /// Errors as for BatchNorm1d.
  explicit BatchNorm2d(std::size_t channels, const BatchNormOptions& options = {})
      : BatchNorm<T>("BatchNorm2d", channels, 4, 4, options) {}
};

extern template class BatchNorm<float>;
extern template class BatchNorm<double>;

}  // namespace gradus::nn
