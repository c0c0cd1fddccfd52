#include <algorithm>

#include <gradus/core/backward.hpp>
#include <gradus/core/step_observer.hpp>
#include <gradus/core/tensor.hpp>

namespace gradus {

template <class T>
const Array<T>& Tensor<T>::zero() {
  static const Array<T> value = full_array<T>({}, T(0));
  return value;
}

template <class T>
T Tensor<T>::item() const {
  if (size() != 1)
    throw ShapeError("[item] shape " + to_string(shape()) + " has " + std::to_string(size()) +
                     " elements: a single one is needed");
  return data()[0];
}

template <class T>
const Array<T>& Tensor<T>::grad() const {
  if (!node_) throw GraphError("[grad] a constant has no gradient: make it with variable()");
  if (node_->grad) return node_->whole_gradient()->array;
  if (is_variable()) return variable_node().no_gradient();
  throw GraphError("[grad] the gradient of " + node_->text() +
                   " is not there: a sweep drops the gradients of steps as soon as they are used; call "
                   "retain_grad() on it before backward(), or pass {.keep_grads = true}");
}

template <class T>
void Tensor<T>::backward() const {
  gradus::backward(*this);
}

template <class T>
void Tensor<T>::backward(const Tensor& seed) const {
  gradus::backward(*this, seed);
}

template <class T>
Tensor<T> Tensor<T>::detach() const {
  if (!detail::step_observer || !node_) return Tensor(shared_value(), nullptr);
  return Tensor(detail::step_observer->detached(*node_, shared_value()), nullptr);
}

template <class T>
void Tensor<T>::zero_grad() const {
  if (node_) node_->clear_gradient();
}

template <class T>
const Tensor<T>& Tensor<T>::retain_grad() const {
  if (!node_) throw GraphError("[retain_grad] a constant has no gradient: make it with variable()");
  node_->retain_grad = true;
  return *this;
}

template <class T>
Array<T>& Tensor<T>::change(const char* caller) const {
  if (!is_variable())
    throw GraphError(std::string("[") + caller + "] only a variable can be changed; this is " +
                     (node_ ? node_->text() : "a constant"));
  return variable_node().change();
}

template <class T>
void Tensor<T>::replace_value(Array<T> array) const {
  if (is_variable() && array.shape() != value().shape())
    throw ShapeError("[set_value] " + to_string(shape_of(array)) + " for a variable of shape " +
                     to_string(shape()) + ": the shape must stay the same");
  std::copy(array.begin(), array.end(), change("set_value").begin());
}

template <class T>
Tensor<T> Tensor<T>::named(std::string name) const {
  if (node_) node_->set_name(std::move(name));
  return *this;
}

template class Tensor<float>;
template class Tensor<double>;

}  // namespace gradus
