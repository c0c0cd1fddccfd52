#include <utility>

#include <gradus/nn/optimizers/adagrad.hpp>

namespace gradus::nn {

template <class T>
AdaGrad<T>::AdaGrad(std::vector<Tensor<T>> parameters, const AdaGradOptions& options) : Base("AdaGrad") {
  this->add_group(std::move(parameters), options);
}

template <class T>
void AdaGrad<T>::check(const AdaGradOptions& options) const {
  this->check_not_negative("lr_decay", options.lr_decay);
  this->check_not_negative("initial_accumulator", options.initial_accumulator);
  this->check_epsilon(options.epsilon);
  this->check_not_negative("weight_decay", options.weight_decay);
}

template <class T>
typename AdaGrad<T>::Base::Layout AdaGrad<T>::layout(const AdaGradOptions& options) const {
  return {{{"s", options.initial_accumulator}}, {}};
}

template <class T>
void AdaGrad<T>::update(const AdaGradOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
                        typename Base::Memory& memory) const {
  const kernels::AdaGradPass pass{.lr = lr / (1 + (memory.updates - 1) * options.lr_decay),
                                  .epsilon = options.epsilon,
                                  .weight_decay = options.weight_decay};
  this->run(pass, value, gradient, memory);
}

template class AdaGrad<float>;
template class AdaGrad<double>;

}  // namespace gradus::nn
