#include <limits>
#include <string>

#include <gradus/core/expected.hpp>
#include <gradus/nn/losses/binary.hpp>
#include <gradus/ops/elementwise.hpp>

namespace gradus::nn {
namespace {

/// ln x for x in [0, 1], finite at 0 and with a finite derivative there.
template <class T>
Tensor<T> finite_log(const Tensor<T>& x) {
  return log(x + std::numeric_limits<T>::min());
}

/// ShapeError unless the weights broadcast to the shape of the terms.
template <class T>
void check_weights(const char* loss, const char* what, const std::optional<Tensor<T>>& weights,
                   const Shape& terms) {
  if (!weights) return;
  bool fits = weights->ndim() <= terms.size();
  for (std::size_t i = 1; fits && i <= weights->ndim(); ++i) {
    const std::size_t extent = weights->shape()[weights->ndim() - i];
    fits = extent == 1 || extent == terms[terms.size() - i];
  }
  if (!fits)
    throw ShapeError(std::string("[") + loss + "] " + what + " " + to_string(weights->shape()) +
                     ", predictions " + to_string(terms) + ": expected a shape that broadcasts to theirs");
}

template <class T>
Tensor<T> weighted(const Tensor<T>& terms, const std::optional<Tensor<T>>& weights) {
  return weights ? terms * *weights : terms;
}

}  // namespace

template <class T>
Tensor<T> binary_cross_entropy(const Tensor<T>& p, const Target<T>& t,
                               const std::type_identity_t<BinaryCrossEntropyOptions<T>>& options) {
  constexpr const char* loss = "binary_cross_entropy";
  detail::check_same_shape(loss, p.shape(), t.shape());
  check_weights(loss, "weight", options.weight, p.shape());
  const Tensor<T> terms = t * finite_log(p) + (T(1) - t) * finite_log(T(1) - p);
  return -detail::reduce(weighted(terms, options.weight), options.reduction);
}

template <class T>
Tensor<T> binary_cross_entropy_with_logits(const Tensor<T>& z, const Target<T>& t,
                                           const std::type_identity_t<LogitsOptions<T>>& options) {
  constexpr const char* loss = "binary_cross_entropy_with_logits";
  detail::check_same_shape(loss, z.shape(), t.shape());
  check_weights(loss, "weight", options.weight, z.shape());
  check_weights(loss, "pos_weight", options.pos_weight, z.shape());
  // t = 0 absorbs an infinite cost, and so does 1 - t.
  const Tensor<T> positive = weighted(flow(t, softplus(-z)), options.pos_weight);
  const Tensor<T> terms = positive + flow(T(1) - t, softplus(z));
  return detail::reduce(weighted(terms, options.weight), options.reduction);
}

template <class T>
Tensor<T> hinge_loss(const Tensor<T>& y, const Target<T>& t, HingeOptions options) {
  detail::check_same_shape("hinge_loss", y.shape(), t.shape());
  detail::check_signs("hinge_loss", t);
  gradus::detail::check_positive("hinge_loss", "margin", options.margin);
  return detail::reduce(relu(options.margin - t * y), options.reduction);
}

#define GRADUS_INSTANTIATE(T)                                                             \
  template Tensor<T> binary_cross_entropy(const Tensor<T>&, const Target<T>&,             \
                                          const BinaryCrossEntropyOptions<T>&);           \
  template Tensor<T> binary_cross_entropy_with_logits(const Tensor<T>&, const Target<T>&, \
                                                      const LogitsOptions<T>&);           \
  template Tensor<T> hinge_loss(const Tensor<T>&, const Target<T>&, HingeOptions);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
