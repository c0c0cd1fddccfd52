#include <string>

#include <gradus/nn/modules/conv2d.hpp>
#include <gradus/nn/modules/draw_weight.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/product.hpp>

namespace gradus::nn {
namespace {

template <class T>
Tensor<T> draw(const Shape& shape, Rng& rng, const Conv2dOptions& options) {
  const HeightWidth kernel{shape[2], shape[3]};
  count_windows("Conv2d", kernel, kernel, {.stride = options.stride, .padding = options.padding});
  if (count(shape, "Conv2d") == 0)
    throw ValueError("[Conv2d] a weight of shape " + to_string(shape) + ": expected at least 1 of each");
  const std::size_t out = shape[0], summed = count(shape) / out;
  const Array<T> drawn = detail::draw_weight<T>("Conv2d", {summed, out}, rng, options.weight);
  Array<T> weight = empty_array<T>(shape);
  for (std::size_t i = 0; i < summed; ++i)
    for (std::size_t o = 0; o < out; ++o) weight.data()[o * summed + i] = drawn.data()[i * out + o];
  return variable(weight);
}

}  // namespace

template <class T>
Conv2d<T>::Conv2d(std::size_t in, std::size_t out, HeightWidth kernel, Rng& rng, const Conv2dOptions& options)
    : windows_{.stride = options.stride, .padding = options.padding},
      weight_(draw<T>({out, in, kernel.height, kernel.width}, rng, options)) {
  if (options.bias) bias_ = variable(full_array<T>({out}, T(0)));
  name_variables(this->named_parameters());
}

template <class T>
Tensor<T> Conv2d<T>::operator()(const Tensor<T>& x) const {
  const Shape& weight = weight_.shape();
  const Shape shape = x.shape();
  if (shape.size() != 4 || shape[1] != weight[1])
    throw ShapeError("[Conv2d] input " + to_string(shape) + ": expected (n," + std::to_string(weight[1]) +
                     ",height,width), as '" + weight_.name() + "' is " + to_string(weight));
  const HeightWidth out = count_windows("Conv2d", {shape[2], shape[3]}, kernel(), windows_);
  const Tensor<T> matrix = reshape(weight_, Shape{weight[0], count(weight) / weight[0]});
  Tensor<T> y = matmul(matrix, unfold(x, kernel(), windows_));
  if (bias_) y = y + reshape(*bias_, Shape{weight[0], 1});
  return reshape(y, Shape{shape[0], weight[0], out.height, out.width});
}

template <class T>
ModuleParts<T> Conv2d<T>::parts() const {
  ModuleParts<T> parts{.type = "Conv2d",
                       .attributes = {{"in", detail::attribute(weight_.shape()[1])},
                                      {"out", detail::attribute(weight_.shape()[0])},
                                      {"kernel", detail::attribute(kernel())},
                                      {"stride", detail::attribute(windows_.stride)},
                                      {"padding", detail::attribute(windows_.padding)},
                                      {"bias", bias_.has_value()}},
                       .parameters = {{"weight", weight_}}};
  if (bias_) parts.parameters.push_back({"bias", *bias_});
  return parts;
}

template class Conv2d<float>;
template class Conv2d<double>;

}  // namespace gradus::nn
