#pragma once

#include <gradus/nn/losses/reduction.hpp>

/// Losses of numbers. ShapeError unless y and t have the same shape.
namespace gradus::nn {

/// (1/n) sum (y - t)^2 over all n elements.
template <class T>
Tensor<T> mse_loss(const Tensor<T>& y, const Target<T>& t, LossOptions options = {});

/// 1/2 sum (y - t)^2 over all elements, so that the gradient is y - t.
/// Source: C. Bishop, "Pattern Recognition and Machine Learning" (2006), formula 5.11.
template <class T>
Tensor<T> sum_squared_error(const Tensor<T>& y, const Target<T>& t);

/// (1/n) sum |y - t|, with derivative 0 where y = t.
template <class T>
Tensor<T> l1_loss(const Tensor<T>& y, const Target<T>& t, LossOptions options = {});

struct HuberOptions {
  Reduction reduction = Reduction::mean;
  double delta = 1;  ///< where the square ends
};

/// The mean of d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2), with d = y - t: quadratic near the
/// target, and outliers pull no harder than delta. ValueError unless delta is finite and above 0.
/// Source: P. Huber, "Robust estimation of a location parameter" (1964).
template <class T>
Tensor<T> huber_loss(const Tensor<T>& y, const Target<T>& t, HuberOptions options = {});

struct SmoothL1Options {
  Reduction reduction = Reduction::mean;
  double beta = 1;  ///< where the square ends
};

/// huber_loss / beta: the mean of d^2 / (2 beta) where |d| <= beta, else |d| - beta / 2; with beta = 0 it is
/// l1_loss. ValueError unless beta is finite and 0 or above.
/// Source: R. Girshick, "Fast R-CNN" (2015), formula 3.
template <class T>
Tensor<T> smooth_l1_loss(const Tensor<T>& y, const Target<T>& t, SmoothL1Options options = {});

struct PoissonNllOptions {
  Reduction reduction = Reduction::mean;
  bool log_input = true;  ///< whether y is the logarithm of the rate
  bool full = false;      ///< adds Stirling's formula for ln t!, where t > 1: t ln t - t + ln(2 pi t) / 2
  double eps = 1e-8;      ///< what is added to the rate before its logarithm, where y is the rate
};

/// The negative logarithm of the Poisson distribution, but for ln t!: the mean of e^y - t y, or, with y the
/// rate itself, of y - t ln(y + eps). ValueError unless eps is finite and above 0.
template <class T>
Tensor<T> poisson_nll_loss(const Tensor<T>& y, const Target<T>& t, PoissonNllOptions options = {});

}  // namespace gradus::nn
