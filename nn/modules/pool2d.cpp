#include <limits>
#include <string>

#include <gradus/nn/modules/pool2d.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/rearrange.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {

Pool2d::Pool2d(const char* type, HeightWidth kernel, const Pool2dOptions& options)
    : type_(type),
      kernel_(kernel),
      windows_{.stride = options.stride.value_or(kernel), .padding = options.padding} {
  const std::string tag = std::string("[") + type + "] ";
  count_windows(type, kernel, kernel, windows_);
  if (windows_.padding.height > kernel.height / 2 || windows_.padding.width > kernel.width / 2)
    throw ValueError(tag + "a padding of more than half the kernel: windows would see nothing else");
}

Attributes Pool2d::attributes() const {
  return {{"kernel", detail::attribute(kernel_)},
          {"stride", detail::attribute(windows_.stride)},
          {"padding", detail::attribute(windows_.padding)}};
}

Shape Pool2d::result_shape(const Shape& x) const {
  if (x.size() != 4)
    throw ShapeError(std::string("[") + type_ + "] input " + to_string(x) +
                     ": expected (n,channels,height,width)");
  const HeightWidth out = count_windows(type_, {x[2], x[3]}, kernel_, windows_);
  return {x[0], x[1], out.height, out.width};
}

template <class T>
Tensor<T> Pool2d::windows(const Tensor<T>& x, HeightWidth padding, const Shape& result) const {
  const Tensor<T> columns = unfold(x, kernel_, {.stride = windows_.stride, .padding = padding});
  return reshape(columns, Shape{result[0], result[1], kernel_.height * kernel_.width, result[2] * result[3]});
}

template <class T>
Tensor<T> MaxPool2d::operator()(const Tensor<T>& x) const {
  const Shape shape = x.shape(), result = result_shape(shape);
  if (shape[2] == 0 || shape[3] == 0)
    throw ShapeError("[MaxPool2d] input " + to_string(shape) +
                     ": expected images of at least one row and column, as the padding is never the largest");
  const auto down = static_cast<std::ptrdiff_t>(windows_.padding.height);
  const auto across = static_cast<std::ptrdiff_t>(windows_.padding.width);
  const Tensor<T> padded = down == 0 && across == 0 ? x
                                                    : pad(x, {{0, 0}, {0, 0}, {down, down}, {across, across}},
                                                          -std::numeric_limits<double>::infinity());
  return reshape(max(windows(padded, 0, result), 2), result);
}
template Tensor<float> MaxPool2d::operator()(const Tensor<float>&) const;
template Tensor<double> MaxPool2d::operator()(const Tensor<double>&) const;

template <class T>
Tensor<T> AvgPool2d::operator()(const Tensor<T>& x) const {
  const Shape result = result_shape(x.shape());
  return reshape(mean(windows(x, windows_.padding, result), 2), result);
}
template Tensor<float> AvgPool2d::operator()(const Tensor<float>&) const;
template Tensor<double> AvgPool2d::operator()(const Tensor<double>&) const;

}  // namespace gradus::nn
