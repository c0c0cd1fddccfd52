#pragma once

#include <cstddef>
#include <optional>

#include <gradus/nn/modules/init.hpp>
#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

struct BilinearOptions {
  Initializer weight = init::xavier();  ///< called for a matrix (in1 in2, out)
  bool bias = true;                     ///< whether there is one; it begins at 0
};

/// y_k = sum_ij x1_i W_ijk x2_j + b_k, with x1 (batch, in1), x2 (batch, in2), W (in1, in2, out), b (out), y
/// (batch, out). It takes two inputs, so it is no Module<T>; a module that has one names it among its
/// parameters. A handle: copies share W and b.
template <class T = float>
class Bilinear : public ModuleMembers<Bilinear<T>, T> {
 public:
  /// ValueError when an extent is 0; ShapeError when the initializer gives a wrong shape.
  Bilinear(std::size_t in1, std::size_t in2, std::size_t out, Rng& rng, const BilinearOptions& options = {});

  /// ShapeError unless x1 is (batch, in1) and x2 (batch, in2).
  Tensor<T> operator()(const Tensor<T>& x1, const Tensor<T>& x2) const;

  const Tensor<T>& weight() const { return weight_; }
  /// "weight" and, if there is one, "bias".
  ModuleParts<T> parts() const;

 private:
  Tensor<T> weight_;
  std::optional<Tensor<T>> bias_;
};

extern template class Bilinear<float>;
extern template class Bilinear<double>;

}  // namespace gradus::nn
