#pragma once

#include <gradus/ops/axes.hpp>

/// Reductions of tensors. Each call is one step.
///
/// Axes are an int, a braced list or a range of integers, negative ones counting from the end; without any,
/// all are reduced and the result has shape (). The result's shape is x's without the reduced axes; keepdims
/// leaves them in, each with extent 1. ShapeError for an axis out of range or given twice.
///
/// Sums and products are trees of partial results: rounding errors grow with log n (N. Higham, "The accuracy
/// of floating point summation", 1993). NaN propagates. Of nothing, the sum and the norm are 0, the product
/// is 1, the mean and the variance are NaN and logsumexp is -inf.
namespace gradus {

/// y = sum_i x_i, dy/dx_i = 1
template <class T>
Tensor<T> sum(Tensor<T> x, const Axes& axes = {}, bool keepdims = false);
GRADUS_AXES_FORMS(sum, keepdims)

/// y = 1/n sum_i x_i, dy/dx_i = 1/n. Finite even where the sum is not; of equal numbers exactly that number.
template <class T>
Tensor<T> mean(Tensor<T> x, const Axes& axes = {}, bool keepdims = false);
GRADUS_AXES_FORMS(mean, keepdims)

/// y = prod_i x_i, dy/dx_i = the product of all the others, exact with any number of zeros.
template <class T>
Tensor<T> prod(Tensor<T> x, const Axes& axes = {}, bool keepdims = false);
GRADUS_AXES_FORMS(prod, keepdims)

/// y = max_i x_i; the elements equal to y share the gradient equally. NaN when any x is. ShapeError for the
/// maximum of nothing.
template <class T>
Tensor<T> max(Tensor<T> x, const Axes& axes = {}, bool keepdims = false);
GRADUS_AXES_FORMS(max, keepdims)

/// y = min_i x_i, otherwise as max.
template <class T>
Tensor<T> min(Tensor<T> x, const Axes& axes = {}, bool keepdims = false);
GRADUS_AXES_FORMS(min, keepdims)

struct VarOptions {
  bool keepdims = false;
  std::size_t ddof = 0;  ///< degrees of freedom the mean has used up: 1 for the unbiased estimate
};

/// y = 1/(n - ddof) sum_i (x_i - mean)^2, dy/dx_i = 2 (x_i - mean)/(n - ddof). In two passes, the mean first.
/// Where ddof >= n there is no freedom left: it divides by 0. Of equal numbers exactly 0.
template <class T>
Tensor<T> var(Tensor<T> x, const Axes& axes, VarOptions options);
template <class T>
Tensor<T> var(Tensor<T> x, const Axes& axes = {}, bool keepdims = false) {
  return var(std::move(x), axes, VarOptions{.keepdims = keepdims});
}
GRADUS_AXES_FORMS(var, keepdims)

/// y = sqrt(var(x)), dy/dx_i = (x_i - mean)/((n - ddof) y); kink: 0 where y = 0. The norm of the deviations,
/// finite where the variance overflows. Under `using namespace gradus` the compiler takes the plain name for
/// that of the standard library: stddev() is the same.
template <class T>
Tensor<T> std(Tensor<T> x, const Axes& axes, VarOptions options);
template <class T>
Tensor<T> std(Tensor<T> x, const Axes& axes = {}, bool keepdims = false) {
  return gradus::std(std::move(x), axes, VarOptions{.keepdims = keepdims});
}
GRADUS_AXES_FORMS(std, keepdims)
template <class T>
Tensor<T> stddev(Tensor<T> x, const Axes& axes, VarOptions options) {
  return gradus::std(std::move(x), axes, options);
}
template <class T>
Tensor<T> stddev(Tensor<T> x, const Axes& axes = {}, bool keepdims = false) {
  return gradus::std(std::move(x), axes, keepdims);
}
GRADUS_AXES_FORMS(stddev, keepdims)

/// y = ln sum_i e^(x_i), dy/dx_i = e^(x_i - y). The largest x is taken out first: finite in, finite out.
template <class T>
Tensor<T> logsumexp(Tensor<T> x, const Axes& axes = {}, bool keepdims = false);
GRADUS_AXES_FORMS(logsumexp, keepdims)

/// The 2-norm y = sqrt(sum_i x_i^2), dy/dx_i = x_i/y; kink: 0 where y = 0. Scaled by the largest |x|, so that
/// no square overflows or vanishes.
template <class T>
Tensor<T> norm(Tensor<T> x, const Axes& axes = {}, bool keepdims = false);
GRADUS_AXES_FORMS(norm, keepdims)

struct NormOptions {
  bool keepdims = false;
  double p = 2;
};

/// The p-norm y = (sum_i |x_i|^p)^(1/p), dy/dx_i = sign(x_i) (|x_i|/y)^(p - 1), 0 where x_i or y is 0. Scaled
/// by the largest |x| (the smallest for p < 0), so that no power overflows. For p = inf y = max_i |x_i|, for
/// -inf min_i |x_i|; the elements of that size share the gradient equally. For p = 0 y is the number of
/// elements other than 0, without a gradient. norm(x, {}, {.p = 1}). ValueError for a p of NaN.
template <class T>
Tensor<T> norm(Tensor<T> x, const Axes& axes, NormOptions options);

}  // namespace gradus
