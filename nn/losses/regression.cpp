#include <numbers>

#include <gradus/core/expected.hpp>
#include <gradus/nn/losses/regression.hpp>
#include <gradus/ops/compare.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

/// d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2): c (d - c / 2) with c = d cut off at delta, which
/// has no kink at 0.
template <class T>
Tensor<T> huber(const Tensor<T>& d, double delta) {
  const Tensor<T> c = clip(d, -delta, delta);
  return c * (d - c * 0.5);
}

/// Stirling's formula for ln t!, 0 up to 1.
template <class T>
Tensor<T> log_factorial(const Tensor<T>& t) {
  const Tensor<T> above = maximum(t, T(1));
  return where(t > T(1), above * log(above) - above + 0.5 * log(2 * std::numbers::pi * above), T(0));
}

}  // namespace

template <class T>
Tensor<T> mse_loss(const Tensor<T>& y, const Target<T>& t, LossOptions options) {
  detail::check_same_shape("mse_loss", y.shape(), t.shape());
  return detail::reduce(square(y - t), options.reduction);
}

template <class T>
Tensor<T> sum_squared_error(const Tensor<T>& y, const Target<T>& t) {
  detail::check_same_shape("sum_squared_error", y.shape(), t.shape());
  return T(0.5) * sum(square(y - t));
}

template <class T>
Tensor<T> l1_loss(const Tensor<T>& y, const Target<T>& t, LossOptions options) {
  detail::check_same_shape("l1_loss", y.shape(), t.shape());
  return detail::reduce(abs(y - t), options.reduction);
}

template <class T>
Tensor<T> huber_loss(const Tensor<T>& y, const Target<T>& t, HuberOptions options) {
  detail::check_same_shape("huber_loss", y.shape(), t.shape());
  gradus::detail::check_positive("huber_loss", "delta", options.delta);
  return detail::reduce(huber(y - t, options.delta), options.reduction);
}

template <class T>
Tensor<T> smooth_l1_loss(const Tensor<T>& y, const Target<T>& t, SmoothL1Options options) {
  detail::check_same_shape("smooth_l1_loss", y.shape(), t.shape());
  gradus::detail::check_not_negative("smooth_l1_loss", "beta", options.beta);
  if (options.beta == 0) return l1_loss(y, t, {.reduction = options.reduction});
  return detail::reduce(huber(y - t, options.beta) / options.beta, options.reduction);
}

template <class T>
Tensor<T> poisson_nll_loss(const Tensor<T>& y, const Target<T>& t, PoissonNllOptions options) {
  detail::check_same_shape("poisson_nll_loss", y.shape(), t.shape());
  gradus::detail::check_positive("poisson_nll_loss", "eps", options.eps);
  Tensor<T> terms = options.log_input ? exp(y) - t * y : y - t * log(y + options.eps);
  if (options.full) terms = terms + log_factorial(t);
  return detail::reduce(terms, options.reduction);
}

#define GRADUS_INSTANTIATE(T)                                                             \
  template Tensor<T> mse_loss(const Tensor<T>&, const Target<T>&, LossOptions);           \
  template Tensor<T> sum_squared_error(const Tensor<T>&, const Target<T>&);               \
  template Tensor<T> l1_loss(const Tensor<T>&, const Target<T>&, LossOptions);            \
  template Tensor<T> huber_loss(const Tensor<T>&, const Target<T>&, HuberOptions);        \
  template Tensor<T> smooth_l1_loss(const Tensor<T>&, const Target<T>&, SmoothL1Options); \
  template Tensor<T> poisson_nll_loss(const Tensor<T>&, const Target<T>&, PoissonNllOptions);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
