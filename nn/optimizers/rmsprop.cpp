#include <utility>

#include <gradus/nn/optimizers/rmsprop.hpp>

namespace gradus::nn {

template <class T>
RMSProp<T>::RMSProp(std::vector<Tensor<T>> parameters, const RMSPropOptions& options) : Base("RMSProp") {
  this->add_group(std::move(parameters), options);
}

template <class T>
void RMSProp<T>::check(const RMSPropOptions& options) const {
  this->check_below_one("alpha", options.alpha);
  this->check_epsilon(options.epsilon);
  this->check_below_one("momentum", options.momentum);
  this->check_not_negative("weight_decay", options.weight_decay);
}

template <class T>
typename RMSProp<T>::Base::Layout RMSProp<T>::layout(const RMSPropOptions& options) const {
  return {{{"s"}, {"a", 0, options.centered}, {"velocity", 0, options.momentum > 0}}, {}};
}

template <class T>
void RMSProp<T>::update(const RMSPropOptions& options, double lr, Array<T>& value, const Array<T>& gradient,
                        typename Base::Memory& memory) const {
  const kernels::RMSPropPass pass{.lr = lr,
                                  .alpha = options.alpha,
                                  .epsilon = options.epsilon,
                                  .momentum = options.momentum,
                                  .weight_decay = options.weight_decay};
  this->run(pass, value, gradient, memory);
}

template class RMSProp<float>;
template class RMSProp<double>;

}  // namespace gradus::nn
