#include <algorithm>
#include <string>

#include <gradus/nn/modules/mlp.hpp>
#include <gradus/nn/modules/usual_init.hpp>

namespace gradus::nn {
namespace {

void check_widths(const std::vector<std::size_t>& widths) {
  if (widths.size() < 2)
    throw ValueError("[MLP] " + std::to_string(widths.size()) +
                     " widths: expected at least 2, those of the input and the output");
  if (std::count(widths.begin(), widths.end(), 0) > 0)
    throw ValueError("[MLP] a layer of width 0: expected at least 1");
}

template <class T>
std::vector<Linear<T>> draw_layers(const std::vector<std::size_t>& widths, Activation hidden, Rng& rng,
                                   const MLPOptions& options) {
  check_widths(widths);
  std::vector<Linear<T>> layers;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    const Activation next = i + 2 < widths.size() ? hidden : options.output;
    layers.emplace_back(
        widths[i], widths[i + 1], rng,
        LinearOptions{.weight = options.weight ? options.weight : usual_init(next), .bias = options.bias});
  }
  return layers;
}

template <class T>
void check_layers(const std::vector<Linear<T>>& layers) {
  if (layers.empty()) throw ValueError("[MLP] no layers: expected at least 1");
  for (std::size_t i = 1; i < layers.size(); ++i)
    if (layers[i].in_features() != layers[i - 1].out_features())
      throw ShapeError("[MLP] layer " + std::to_string(i) + " takes " +
                       std::to_string(layers[i].in_features()) + " inputs, the one before gives " +
                       std::to_string(layers[i - 1].out_features()) + ": expected the same number");
}

}  // namespace

template <class T>
MLP<T>::MLP(const std::vector<std::size_t>& widths, Activation hidden, Rng& rng, const MLPOptions& options)
    : MLP(draw_layers<T>(widths, hidden, rng, options), hidden, options.output) {}

template <class T>
MLP<T>::MLP(std::vector<Linear<T>> layers, Activation hidden, Activation output)
    : layers_(std::move(layers)), hidden_(hidden), output_(output) {
  check_layers(layers_);
  for (std::size_t i = 0; i < layers_.size(); ++i) names_.push_back("layers." + std::to_string(i));
  name_variables(this->named_parameters());
}

template <class T>
Tensor<T> MLP<T>::operator()(const Tensor<T>& x) const {
  Tensor<T> y = x;
  for (std::size_t i = 0; i < layers_.size(); ++i)
    y = activate(i + 1 < layers_.size() ? hidden_ : output_, run_child(layers_[i], names_[i], y));
  return y;
}

template <class T>
ModuleParts<T> MLP<T>::parts() const {
  std::vector<std::ptrdiff_t> widths{static_cast<std::ptrdiff_t>(layers_.front().in_features())};
  NamedModules<T> children;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    widths.push_back(static_cast<std::ptrdiff_t>(layers_[i].out_features()));
    children.push_back({names_[i], layers_[i]});
  }
  return {.type = "MLP",
          .attributes = {{"widths", std::move(widths)},
                         {"hidden", std::string(activation_name(hidden_))},
                         {"output", std::string(activation_name(output_))},
                         {"bias", layers_.front().has_bias()}},
          .children = std::move(children)};
}

template class MLP<float>;
template class MLP<double>;

}  // namespace gradus::nn
