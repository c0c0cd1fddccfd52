#include <cmath>
#include <string>
#include <utility>

#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/adam.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::nn {

template <class T>
Adam<T>::Adam(std::vector<Tensor<T>> parameters, const AdamOptions& options)
    : Optimizer<T>("Adam", std::move(parameters), options.lr), options_(options) {
  check_beta("beta1", options.beta1);
  check_beta("beta2", options.beta2);
  const T epsilon = static_cast<T>(options.epsilon);
  if (!(epsilon > 0) || !std::isfinite(epsilon))
    this->fail("epsilon " + detail::number_text(options.epsilon) + ": expected a positive, finite number");
  for (const Tensor<T>& parameter : this->parameters())
    moments_.push_back({full_array<T>(parameter.shape(), T(0)), full_array<T>(parameter.shape(), T(0))});
}

template <class T>
void Adam<T>::check_beta(const char* option, double beta) const {
  if (!(beta >= 0 && beta < 1))
    this->fail(option + (" " + detail::number_text(beta)) + ": expected 0 <= " + option + " < 1");
}

template <class T>
void Adam<T>::update(std::size_t index, Array<T>& value, const Array<T>& gradient, double lr) {
  Moments& moments = moments_[index];
  ++moments.updates;
  kernels::adam_update(value.data(), gradient.data(), moments.first.data(), moments.second.data(),
                       {.lr = lr,
                        .beta1 = options_.beta1,
                        .beta2 = options_.beta2,
                        .epsilon = options_.epsilon,
                        .t = static_cast<double>(moments.updates)},
                       value.size());
}

template class Adam<float>;
template class Adam<double>;

}  // namespace gradus::nn
