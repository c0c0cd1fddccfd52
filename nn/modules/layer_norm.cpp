#include <algorithm>
#include <string>

#include <gradus/core/expected.hpp>
#include <gradus/nn/modules/layer_norm.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

void check_options(const char* layer, const Shape& shape, double eps) {
  if (shape.empty() || count(shape) == 0)
    throw ValueError("[" + std::string(layer) + "] a shape of " + to_string(shape) +
                     ": expected an axis or more, none of extent 0");
  gradus::detail::check_positive(layer, "eps", eps);
}

/// The axes of x along which it is normalised, its last ones, which must have this shape.
std::vector<std::ptrdiff_t> last_axes(const char* layer, const Shape& x, const Shape& shape) {
  if (x.size() < shape.size() || !std::equal(shape.rbegin(), shape.rend(), x.rbegin()))
    throw ShapeError(std::string("[") + layer + "] input " + to_string(x) +
                     ": expected its last axes to be " + to_string(shape));
  std::vector<std::ptrdiff_t> axes;
  for (std::size_t axis = x.size() - shape.size(); axis < x.size(); ++axis)
    axes.push_back(static_cast<std::ptrdiff_t>(axis));
  return axes;
}

}  // namespace

template <class T>
LayerNorm<T>::LayerNorm(const Shape& shape, const LayerNormOptions& options)
    : shape_(shape), options_(options) {
  check_options("LayerNorm", shape, options.eps);
  if (options.affine) {
    weight_ = variable(full_array<T>(shape, T(1)));
    bias_ = variable(full_array<T>(shape, T(0)));
  }
  name_variables(this->named_parameters());
}

template <class T>
Tensor<T> LayerNorm<T>::operator()(const Tensor<T>& x) const {
  const auto axes = last_axes("LayerNorm", x.shape(), shape_);
  const Tensor<T> y = (x - mean(x, axes, true)) * rsqrt(var(x, axes, true) + options_.eps);
  return weight_ ? y * *weight_ + *bias_ : y;
}

template <class T>
ModuleParts<T> LayerNorm<T>::parts() const {
  ModuleParts<T> parts{.type = "LayerNorm",
                       .attributes = {{"shape", std::vector<std::ptrdiff_t>(shape_.begin(), shape_.end())},
                                      {"eps", options_.eps},
                                      {"affine", options_.affine}}};
  if (weight_) parts.parameters = {{"weight", *weight_}, {"bias", *bias_}};
  return parts;
}

template <class T>
RMSNorm<T>::RMSNorm(std::size_t features, const RMSNormOptions& options)
    : features_(features), options_(options) {
  check_options("RMSNorm", {features}, options.eps);
  if (options.affine) weight_ = variable(full_array<T>({features}, T(1)));
  name_variables(this->named_parameters());
}

template <class T>
Tensor<T> RMSNorm<T>::operator()(const Tensor<T>& x) const {
  const auto axes = last_axes("RMSNorm", x.shape(), {features_});
  const Tensor<T> y = x * rsqrt(mean(square(x), axes, true) + options_.eps);
  return weight_ ? y * *weight_ : y;
}

template <class T>
ModuleParts<T> RMSNorm<T>::parts() const {
  ModuleParts<T> parts{
      .type = "RMSNorm",
      .attributes = {
          {"features", detail::attribute(features_)}, {"eps", options_.eps}, {"affine", options_.affine}}};
  if (weight_) parts.parameters = {{"weight", *weight_}};
  return parts;
}

template class LayerNorm<float>;
template class LayerNorm<double>;
template class RMSNorm<float>;
template class RMSNorm<double>;

}  // namespace gradus::nn
