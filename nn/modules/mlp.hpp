#pragma once

#include <cstddef>
#include <vector>

#include <gradus/nn/modules/activations.hpp>
#include <gradus/nn/modules/linear.hpp>

namespace gradus::nn {

struct MLPOptions {
  Initializer weight = {};  ///< when empty: usual_init() of what follows
  bool bias = true;
  Activation output = Activation::identity;  ///< after the last layer
};

/// A multilayer perceptron: linear layers of the given widths, from input to output, with the same activation
/// between them.
///
///     nn::MLP mlp{{784, 512, 10}, nn::Activation::relu, rng};
///
/// A handle: copies share the layers. Its parameters are "layers.0.weight", "layers.0.bias" and so on, and
/// the variables take on these names.
template <class T = float>
class MLP : public ModuleMembers<MLP<T>, T> {
 public:
  /// ValueError when there are fewer than two widths, or one is 0.
  MLP(const std::vector<std::size_t>& widths, Activation hidden, Rng& rng, const MLPOptions& options = {});
  /// Of layers that there are. ValueError when there is none, ShapeError when one takes another width than
  /// the one before gives.
  MLP(std::vector<Linear<T>> layers, Activation hidden, Activation output = Activation::identity);

  /// ShapeError unless x is (batch, widths.front()).
  Tensor<T> operator()(const Tensor<T>& x) const;

  const std::vector<Linear<T>>& layers() const { return layers_; }
  ModuleParts<T> parts() const;

 private:
  std::vector<Linear<T>> layers_;
  std::vector<std::string> names_;  // of the layers
  Activation hidden_, output_;      // after all layers but the last, and after that
};

extern template class MLP<float>;
extern template class MLP<double>;

}  // namespace gradus::nn
