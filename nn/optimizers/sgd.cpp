#include <utility>

#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/sgd.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::nn {

template <class T>
SGD<T>::SGD(std::vector<Tensor<T>> parameters, const SGDOptions& options)
    : Optimizer<T>("SGD", std::move(parameters), options.lr), momentum_(options.momentum) {
  if (!(momentum_ >= 0 && momentum_ < 1))
    this->fail("momentum " + detail::number_text(momentum_) + ": expected 0 <= momentum < 1");
  if (momentum_ == 0) return;
  for (const Tensor<T>& parameter : this->parameters())
    velocity_.push_back(full_array<T>(parameter.shape(), T(0)));
}

template <class T>
void SGD<T>::update(std::size_t index, Array<T>& value, const Array<T>& gradient, double lr) {
  T* const velocity = velocity_.empty() ? nullptr : velocity_[index].data();
  kernels::sgd_update(value.data(), gradient.data(), velocity, static_cast<T>(lr), static_cast<T>(momentum_),
                      value.size());
}

template class SGD<float>;
template class SGD<double>;

}  // namespace gradus::nn
