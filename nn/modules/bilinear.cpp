#include <string>

#include <gradus/nn/modules/bilinear.hpp>
#include <gradus/nn/modules/draw_weight.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/product.hpp>

namespace gradus::nn {
namespace {

template <class T>
Tensor<T> draw(const Shape& shape, Rng& rng, const Initializer& initializer) {
  if (count(shape) == 0)
    throw ValueError("[Bilinear] a weight of shape " + to_string(shape) + ": expected at least 1 of each");
  Array<T> weight = detail::draw_weight<T>("Bilinear", {shape[0] * shape[1], shape[2]}, rng, initializer);
  weight.reshape(shape);
  return variable(weight);
}

}  // namespace

template <class T>
Bilinear<T>::Bilinear(std::size_t in1, std::size_t in2, std::size_t out, Rng& rng,
                      const BilinearOptions& options)
    : weight_(draw<T>({in1, in2, out}, rng, options.weight)) {
  if (options.bias) bias_ = variable(full_array<T>({out}, T(0)));
  name_variables(this->named_parameters());
}

template <class T>
Tensor<T> Bilinear<T>::operator()(const Tensor<T>& x1, const Tensor<T>& x2) const {
  const Shape a = x1.shape(), b = x2.shape(), w = weight_.shape();
  if (a.size() != 2 || b.size() != 2 || a[0] != b[0] || a[1] != w[0] || b[1] != w[1])
    throw ShapeError("[Bilinear] inputs " + to_string(a) + " and " + to_string(b) + ": expected (batch, " +
                     std::to_string(w[0]) + ") and (batch, " + std::to_string(w[1]) + "), as '" +
                     weight_.name() + "' is " + to_string(w));
  const Tensor<T> halves = reshape(linear(x1, reshape(weight_, Shape{w[0], w[1] * w[2]})),
                                   Shape{a[0], w[1], w[2]});  // sum_i x1_i W_ijk
  const Tensor<T> y = reshape(matmul(expand_dims(x2, 1), halves), Shape{a[0], w[2]});
  return bias_ ? y + *bias_ : y;
}

template <class T>
ModuleParts<T> Bilinear<T>::parts() const {
  const Shape& shape = weight_.shape();
  ModuleParts<T> parts{.type = "Bilinear",
                       .attributes = {{"in1", detail::attribute(shape[0])},
                                      {"in2", detail::attribute(shape[1])},
                                      {"out", detail::attribute(shape[2])},
                                      {"bias", bias_.has_value()}},
                       .parameters = {{"weight", weight_}}};
  if (bias_) parts.parameters.push_back({"bias", *bias_});
  return parts;
}

template class Bilinear<float>;
template class Bilinear<double>;

}  // namespace gradus::nn
