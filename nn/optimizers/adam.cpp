#include <utility>

#include <gradus/nn/optimizers/adam.hpp>

namespace gradus::nn {
namespace detail {

template <class T, class Options>
AdamFamily<T, Options>::AdamFamily(std::vector<Tensor<T>> parameters, const Options& options)
    : Base(Options::optimizer) {
  AdamFamily::add_group(std::move(parameters), options);
}

template <class T, class Options>
void AdamFamily<T, Options>::check(const Options& options) const {
  this->check_below_one("beta1", options.beta1);
  this->check_below_one("beta2", options.beta2);
  this->check_epsilon(options.epsilon);
  this->check_not_negative("weight_decay", options.weight_decay);
}

template <class T, class Options>
typename AdamFamily<T, Options>::Base::Layout AdamFamily<T, Options>::layout(const Options& options) const {
  return {{{"m"}, {"v"}, {"w", 0, options.amsgrad}}, {}};
}

template <class T, class Options>
void AdamFamily<T, Options>::update(const Options& options, double lr, Array<T>& value,
                                    const Array<T>& gradient, typename Base::Memory& memory) const {
  const kernels::AdamPass pass{.lr = lr,
                               .beta1 = options.beta1,
                               .beta2 = options.beta2,
                               .epsilon = options.epsilon,
                               .t = memory.updates,
                               .weight_decay = options.weight_decay,
                               .decoupled = Options::decoupled};
  this->run(pass, value, gradient, memory);
}

template class AdamFamily<float, AdamOptions>;
template class AdamFamily<double, AdamOptions>;
template class AdamFamily<float, AdamWOptions>;
template class AdamFamily<double, AdamWOptions>;

}  // namespace detail

template class Adam<float>;
template class Adam<double>;
template class AdamW<float>;
template class AdamW<double>;

}  // namespace gradus::nn
