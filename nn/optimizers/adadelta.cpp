#include <utility>

#include <gradus/nn/optimizers/adadelta.hpp>

namespace gradus::nn {

template <class T>
Adadelta<T>::Adadelta(std::vector<Tensor<T>> parameters, const AdadeltaOptions& options) : Base("Adadelta") {
  this->add_group(std::move(parameters), options);
}

template <class T>
void Adadelta<T>::check(const AdadeltaOptions& options) const {
  this->check_below_one("rho", options.rho);
  this->check_epsilon(options.epsilon);
  this->check_not_negative("weight_decay", options.weight_decay);
}

template <class T>
typename Adadelta<T>::Base::Layout Adadelta<T>::layout(const AdadeltaOptions&) const {
  return {{{"s"}, {"u"}}, {}};
}

template <class T>
void Adadelta<T>::update(const AdadeltaOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
                         typename Base::Memory& memory) const {
  const kernels::AdadeltaPass pass{
      .lr = lr, .rho = options.rho, .epsilon = options.epsilon, .weight_decay = options.weight_decay};
  this->run(pass, value, gradient, memory);
}

template class Adadelta<float>;
template class Adadelta<double>;

}  // namespace gradus::nn
