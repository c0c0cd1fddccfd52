#include <cmath>
#include <utility>

#include <gradus/nn/optimizers/nadam.hpp>

namespace gradus::nn {

template <class T>
NAdam<T>::NAdam(std::vector<Tensor<T>> parameters, const NAdamOptions& options) : Base("NAdam") {
  this->add_group(std::move(parameters), options);
}

template <class T>
void NAdam<T>::check(const NAdamOptions& options) const {
  this->check_below_one("beta1", options.beta1);
  this->check_below_one("beta2", options.beta2);
  this->check_epsilon(options.epsilon);
  this->check_not_negative("momentum_decay", options.momentum_decay);
  this->check_not_negative("weight_decay", options.weight_decay);
}

template <class T>
typename NAdam<T>::Base::Layout NAdam<T>::layout(const NAdamOptions&) const {
  return {{{"m"}, {"v"}}, {{"mu_product", 1}}};
}

template <class T>
void NAdam<T>::update(const NAdamOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
                      typename Base::Memory& memory) const {
  const auto mu = [&](double t) {
    return options.beta1 * (1 - 0.5 * std::pow(0.96, t * options.momentum_decay));
  };
  const double t = memory.updates, now = mu(t), next = mu(t + 1);
  const double product = memory.numbers[0] *= now;
  const kernels::NAdamPass pass{.rate_g = lr * (1 - now) / (1 - product),
                                .rate_m = lr * next / (1 - product * next),
                                .beta1 = options.beta1,
                                .beta2 = options.beta2,
                                .epsilon = options.epsilon,
                                .t = t,
                                .weight_decay = options.weight_decay};
  this->run(pass, value, gradient, memory);
}

template class NAdam<float>;
template class NAdam<double>;

}  // namespace gradus::nn
