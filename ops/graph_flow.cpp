#include <gradus/ops/maps.hpp>

namespace gradus::detail {

template <class T>
Tensor<T> undo_broadcast(const Tensor<T>& gradient, const Shape& to) {
  if (gradient.shape() == to) return gradient;
  return record_linear(SumOfCopies{.from = gradient.shape(), .to = to}, gradient);
}
template Tensor<float> undo_broadcast(const Tensor<float>&, const Shape&);
template Tensor<double> undo_broadcast(const Tensor<double>&, const Shape&);

}  // namespace gradus::detail
