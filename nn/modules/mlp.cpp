#include <algorithm>
#include <string>

#include <gradus/nn/modules/mlp.hpp>

namespace gradus::nn {
namespace {

void check_widths(const std::vector<std::size_t>& widths) {
  if (widths.size() < 2)
    throw ValueError("[MLP] " + std::to_string(widths.size()) +
                     " widths: expected at least 2, those of the input and the output");
  if (std::count(widths.begin(), widths.end(), 0) > 0)
    throw ValueError("[MLP] a layer of width 0: expected at least 1");
}

Initializer before(Activation activation) {
  return activation == Activation::relu ? init::he() : init::xavier();
}

}  // namespace

template <class T>
MLP<T>::MLP(const std::vector<std::size_t>& widths, Activation hidden, Rng& rng, const MLPOptions& options) {
  check_widths(widths);
  activations_.assign(widths.size() - 1, hidden);
  activations_.back() = options.output;
  for (std::size_t i = 0; i < activations_.size(); ++i) {
    const Initializer weight = options.weight ? options.weight : before(activations_[i]);
    layers_.emplace_back(widths[i], widths[i + 1], rng,
                         LinearOptions{.weight = weight, .bias = options.bias});
  }
  name_variables(named_parameters());
}

template <class T>
Tensor<T> MLP<T>::operator()(const Tensor<T>& x) const {
  Tensor<T> y = x;
  for (std::size_t i = 0; i < layers_.size(); ++i) y = activate(activations_[i], layers_[i](y));
  return y;
}

template <class T>
NamedParameters<T> MLP<T>::named_parameters() const {
  NamedParameters<T> parameters;
  for (std::size_t i = 0; i < layers_.size(); ++i)
    append(parameters, "layers." + std::to_string(i), layers_[i].named_parameters());
  return parameters;
}

template class MLP<float>;
template class MLP<double>;

}  // namespace gradus::nn
