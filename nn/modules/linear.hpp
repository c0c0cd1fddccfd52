#pragma once

#include <cstddef>
#include <optional>

#include <gradus/nn/modules/init.hpp>
#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

struct LinearOptions {
  Initializer weight = init::xavier();
  bool bias = true;  ///< whether there is one; it begins at 0
};

/// y = x W + b, with x (batch, in), W (in, out), b (out), y (batch, out). A handle: copies share W and b.
template <class T = float>
class Linear : public ModuleMembers<Linear<T>, T> {
 public:
  /// Draws W from `rng`. ValueError when `in` or `out` is 0; ShapeError when the initializer gives a wrong
  /// shape.
  Linear(std::size_t in, std::size_t out, Rng& rng, const LinearOptions& options = {});

  /// ShapeError unless x is (batch, in).
  Tensor<T> operator()(const Tensor<T>& x) const;

  std::size_t in_features() const { return weight_.shape()[0]; }
  std::size_t out_features() const { return weight_.shape()[1]; }
  const Tensor<T>& weight() const { return weight_; }
  bool has_bias() const { return bias_.has_value(); }
  /// ValueError when there is none.
  const Tensor<T>& bias() const;

  /// "weight" and, if there is one, "bias".
  ModuleParts<T> parts() const;

 private:
  Tensor<T> weight_;
  std::optional<Tensor<T>> bias_;
};

extern template class Linear<float>;
extern template class Linear<double>;

}  // namespace gradus::nn
