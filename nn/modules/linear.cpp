#include <string>

#include <gradus/nn/modules/draw_weight.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/ops/product.hpp>

namespace gradus::nn {
namespace {

template <class T>
Tensor<T> draw(std::size_t in, std::size_t out, Rng& rng, const Initializer& initializer) {
  if (in == 0 || out == 0)
    throw ValueError("[Linear] " + std::to_string(in) + " inputs, " + std::to_string(out) +
                     " outputs: expected at least 1 of each");
  return variable(detail::draw_weight<T>("Linear", {in, out}, rng, initializer));
}

}  // namespace

template <class T>
Linear<T>::Linear(std::size_t in, std::size_t out, Rng& rng, const LinearOptions& options)
    : weight_(draw<T>(in, out, rng, options.weight)) {
  if (options.bias) bias_ = variable(full_array<T>({out}, T(0)));
  name_variables(this->named_parameters());
}

template <class T>
Tensor<T> Linear<T>::operator()(const Tensor<T>& x) const {
  const Shape shape = x.shape();
  if (shape.size() != 2 || shape[1] != in_features())
    throw ShapeError("[Linear] input " + to_string(shape) + ": expected (batch, " +
                     std::to_string(in_features()) + "), as '" + weight_.name() + "' is " +
                     to_string(weight_.shape()));
  return bias_ ? linear(x, weight_, *bias_) : linear(x, weight_);
}

template <class T>
const Tensor<T>& Linear<T>::bias() const {
  if (!bias_) throw ValueError("[Linear] bias(): the layer was made without one");
  return *bias_;
}

template <class T>
ModuleParts<T> Linear<T>::parts() const {
  ModuleParts<T> parts{.type = "Linear",
                       .attributes = {{"in", detail::attribute(in_features())},
                                      {"out", detail::attribute(out_features())},
                                      {"bias", has_bias()}},
                       .parameters = {{"weight", weight_}}};
  if (bias_) parts.parameters.push_back({"bias", *bias_});
  return parts;
}

template class Linear<float>;
template class Linear<double>;

}  // namespace gradus::nn
