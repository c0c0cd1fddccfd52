#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <gradus/core/expected.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/clip.hpp>
#include <gradus/ops/kernels/reduce.hpp>
#include <gradus/ops/kernels/sum_of_squares.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::nn {
namespace {

template <class T>
void check(const char* op, const std::vector<Tensor<T>>& parameters, const char* name, double bound) {
  gradus::detail::check_option(bound > 0, op, name, bound, "a positive number");
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (!parameters[i].is_variable())
      throw ValueError(std::string("[") + op + "] parameter " + std::to_string(i) +
                       " is no variable: only variables keep a gradient to clip");
}

/// sqrt(sum x^2).
template <class T>
double norm_of(const Array<T>& x) {
  T norm = 0;
  kernels::norm2(x.data(), {1, x.size(), 1}, &norm);
  if (!std::isinf(norm) || sizeof(T) == sizeof(double)) return static_cast<double>(norm);
  double squares = 0;  // too large for a float, not for a double
  for (const T value : x) squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

/// sqrt(sum x^2) over all gradients.
template <class T>
double norm_of_gradients(const std::vector<Tensor<T>>& parameters) {
  double squares = 0;
  std::size_t count = 0;
  for (const Tensor<T>& parameter : parameters) {
    if (!parameter.has_grad()) continue;
    squares += kernels::sum_of_squares(parameter.grad().data(), parameter.size());
    count += parameter.size();
  }
  using Limits = std::numeric_limits<T>;
  const double lost = static_cast<double>(count) * static_cast<double>(Limits::min());  // at most
  if (std::isfinite(squares) && squares * static_cast<double>(Limits::epsilon()) > lost)
    return std::sqrt(squares);
  double norm = 0;  // squares are too large or too small, or something is not finite
  for (const Tensor<T>& parameter : parameters)
    if (parameter.has_grad()) norm = std::hypot(norm, norm_of(parameter.grad()));
  return norm;
}

/// The gradient, which nobody else sees being changed.
template <class T>
Array<T>& own_gradient(const Tensor<T>& parameter) {
  auto& gradient = parameter.node()->grad;
  if (gradient->is_shared()) gradient = detail::make_value(Array<T>(gradient->array));
  return gradient->array;
}

/// Calls f(gradient) for all that there are, after everything that may throw.
template <class T, class F>
void change_gradients(const std::vector<Tensor<T>>& parameters, const F& f) {
  for (const Tensor<T>& parameter : parameters)
    if (parameter.has_grad()) own_gradient(parameter);
  for (const Tensor<T>& parameter : parameters)
    if (parameter.has_grad()) f(own_gradient(parameter));
}

}  // namespace

template <class T>
double clip_grad_norm(const std::vector<Tensor<T>>& parameters, double max_norm,
                      const ClipNormOptions& options) {
  check("clip_grad_norm", parameters, "max_norm", max_norm);
  const double total = norm_of_gradients(parameters);
  if (options.error_if_nonfinite && !std::isfinite(total))
    throw ValueError("[clip_grad_norm] the norm of all gradients is " + gradus::detail::number_text(total) +
                     ": expected a finite number");
  if (std::isfinite(total) && total > max_norm) {
    const T factor = static_cast<T>(max_norm / total);
    change_gradients(parameters, [&](Array<T>& g) { kernels::scale(g.data(), factor, g.size()); });
  }
  return total;
}

template <class T>
void clip_grad_value(const std::vector<Tensor<T>>& parameters, double limit) {
  check("clip_grad_value", parameters, "limit", limit);
  const T top = static_cast<T>(limit);
  change_gradients(parameters, [&](Array<T>& gradient) {
    for (T& value : gradient) value = value > top ? top : value < -top ? -top : value;
  });
}

template double clip_grad_norm(const std::vector<Tensor<float>>&, double, const ClipNormOptions&);
template double clip_grad_norm(const std::vector<Tensor<double>>&, double, const ClipNormOptions&);
template void clip_grad_value(const std::vector<Tensor<float>>&, double);
template void clip_grad_value(const std::vector<Tensor<double>>&, double);

}  // namespace gradus::nn
