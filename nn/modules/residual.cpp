#include <gradus/nn/modules/residual.hpp>
#include <gradus/ops/elementwise.hpp>

namespace gradus::nn {

template <class T>
Tensor<T> Residual<T>::operator()(const Tensor<T>& x) const {
  const Tensor<T> change = run_child(body_, "body", x);
  if (change.shape() != x.shape())
    throw ShapeError("[Residual] f made " + to_string(change.shape()) + " of " + to_string(x.shape()) +
                     ": expected the same shape");
  return x + change;
}

template class Residual<float>;
template class Residual<double>;

}  // namespace gradus::nn
