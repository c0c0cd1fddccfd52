#include <string>

#include <gradus/core/expected.hpp>
#include <gradus/nn/losses/distance.hpp>
#include <gradus/ops/compare.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

/// The cosine of the angle between the rows of a and b.
template <class T>
Tensor<T> cosines(const Tensor<T>& a, const Tensor<T>& b) {
  const auto direction = [](const Tensor<T>& x) { return x / maximum(norm(x, 1, true), T(1e-8)); };
  return sum(direction(a) * direction(b), 1);
}

void check_rows(const Shape& a, const Shape& b, const Shape& t) {
  if (a.size() == 2 && a == b && t == Shape{a[0]}) return;
  throw ShapeError("[cosine_embedding_loss] " + to_string(a) + " and " + to_string(b) + ", targets " +
                   to_string(t) + ": expected (n,features) twice and (n)");
}

}  // namespace

template <class T>
Tensor<T> kl_div(const Tensor<T>& y, const Target<T>& t, KlDivOptions options) {
  detail::check_same_shape("kl_div", y.shape(), t.shape());
  if (options.batch_mean && y.ndim() == 0)
    throw ShapeError("[kl_div] predictions (): the mean over the batch needs an axis");
  const Tensor<T> p = options.log_target ? exp(t) : t, log_p = options.log_target ? t : log(t);
  const Tensor<T> terms = flow(p, log_p - y);  // p = 0 absorbs
  if (options.reduction == Reduction::mean && options.batch_mean)
    return sum(terms) / static_cast<T>(y.shape()[0]);
  return detail::reduce(terms, options.reduction);
}

template <class T>
Tensor<T> cosine_embedding_loss(const Tensor<T>& a, const Target<T>& b, const Target<T>& t,
                                CosineOptions options) {
  check_rows(a.shape(), b.shape(), t.shape());
  detail::check_signs("cosine_embedding_loss", t);
  gradus::detail::check_option(options.margin >= -1 && options.margin <= 1, "cosine_embedding_loss", "margin",
                               options.margin, "a number from -1 to 1");
  const Tensor<T> cosine = cosines(a, b);
  return detail::reduce(where(t > T(0), T(1) - cosine, relu(cosine - options.margin)), options.reduction);
}

#define GRADUS_INSTANTIATE(T)                                                                    \
  template Tensor<T> kl_div(const Tensor<T>&, const Target<T>&, KlDivOptions);                   \
  template Tensor<T> cosine_embedding_loss(const Tensor<T>&, const Target<T>&, const Target<T>&, \
                                           CosineOptions);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
