#include <utility>

#include <gradus/nn/optimizers/sgd.hpp>

namespace gradus::nn {

template <class T>
SGD<T>::SGD(std::vector<Tensor<T>> parameters, const SGDOptions& options) : Base("SGD") {
  this->add_group(std::move(parameters), options);
}

template <class T>
void SGD<T>::check(const SGDOptions& options) const {
  this->check_below_one("momentum", options.momentum);
  this->check_below_one("dampening", options.dampening);
  this->check_not_negative("weight_decay", options.weight_decay);
  if (options.nesterov && (options.momentum == 0 || options.dampening != 0))
    this->fail("nesterov: expected a momentum above 0 and no dampening");
}

template <class T>
typename SGD<T>::Base::Layout SGD<T>::layout(const SGDOptions& options) const {
  return {{{"velocity", 0, options.momentum > 0}}, {}};
}

template <class T>
void SGD<T>::update(const SGDOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
                    typename Base::Memory& memory) const {
  const kernels::SGDPass pass{.lr = lr,
                              .momentum = options.momentum,
                              .toward_g = memory.updates == 1 ? 1 : 1 - options.dampening,
                              .nesterov = options.nesterov,
                              .maximize = options.maximize,
                              .weight_decay = options.weight_decay};
  this->run(pass, value, gradient, memory);
}

template class SGD<float>;
template class SGD<double>;

}  // namespace gradus::nn
