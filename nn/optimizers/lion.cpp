#include <utility>

#include <gradus/nn/optimizers/lion.hpp>

namespace gradus::nn {

template <class T>
Lion<T>::Lion(std::vector<Tensor<T>> parameters, const LionOptions& options) : Base("Lion") {
  this->add_group(std::move(parameters), options);
}

template <class T>
void Lion<T>::check(const LionOptions& options) const {
  this->check_below_one("beta1", options.beta1);
  this->check_below_one("beta2", options.beta2);
  this->check_not_negative("weight_decay", options.weight_decay);
}

template <class T>
typename Lion<T>::Base::Layout Lion<T>::layout(const LionOptions&) const {
  return {{{"m"}}, {}};
}

template <class T>
void Lion<T>::update(const LionOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
                     typename Base::Memory& memory) const {
  const kernels::LionPass pass{
      .lr = lr, .beta1 = options.beta1, .beta2 = options.beta2, .weight_decay = options.weight_decay};
  this->run(pass, value, gradient, memory);
}

template class Lion<float>;
template class Lion<double>;

}  // namespace gradus::nn
