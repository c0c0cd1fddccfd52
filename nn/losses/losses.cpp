#include <limits>
#include <string>

#include <gradus/nn/losses/losses.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

template <class T>
void check_same_shape(const char* op, const Tensor<T>& prediction, const Tensor<T>& target) {
  if (prediction.shape() != target.shape())
    throw ShapeError(std::string("[") + op + "] predictions " + to_string(prediction.shape()) + ", targets " +
                     to_string(target.shape()) + ": expected the same shape");
}

template <class T>
Tensor<T> reduce(const Tensor<T>& terms, LossOptions options) {
  switch (options.reduction) {
    case Reduction::sum:
      return sum(terms);
    case Reduction::none:
      return terms;
    case Reduction::mean:
      break;
  }
  return mean(terms);
}

/// ln x for x in [0, 1], finite at 0 and with a finite derivative there.
template <class T>
Tensor<T> finite_log(const Tensor<T>& x) {
  return log(x + std::numeric_limits<T>::min());
}

}  // namespace

template <class T>
Tensor<T> mse_loss(const Tensor<T>& y, const Target<T>& t, LossOptions options) {
  check_same_shape("mse_loss", y, t);
  return reduce(square(y - t), options);
}

template <class T>
Tensor<T> sum_squared_error(const Tensor<T>& y, const Target<T>& t) {
  check_same_shape("sum_squared_error", y, t);
  return T(0.5) * sum(square(y - t));
}

template <class T>
Tensor<T> binary_cross_entropy(const Tensor<T>& p, const Target<T>& t, LossOptions options) {
  check_same_shape("binary_cross_entropy", p, t);
  return -reduce(t * finite_log(p) + (T(1) - t) * finite_log(T(1) - p), options);
}

template <class T>
Tensor<T> binary_cross_entropy_with_logits(const Tensor<T>& z, const Target<T>& t, LossOptions options) {
  check_same_shape("binary_cross_entropy_with_logits", z, t);
  return reduce(t * softplus(-z) + (T(1) - t) * softplus(z), options);
}

#define GRADUS_INSTANTIATE(T)                                                               \
  template Tensor<T> mse_loss(const Tensor<T>&, const Target<T>&, LossOptions);             \
  template Tensor<T> sum_squared_error(const Tensor<T>&, const Target<T>&);                 \
  template Tensor<T> binary_cross_entropy(const Tensor<T>&, const Target<T>&, LossOptions); \
  template Tensor<T> binary_cross_entropy_with_logits(const Tensor<T>&, const Target<T>&, LossOptions);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
