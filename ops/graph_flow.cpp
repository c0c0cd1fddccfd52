#include <gradus/ops/maps.hpp>

namespace gradus::detail {

template <class T>
Tensor<T> undo_broadcast(const Tensor<T>& gradient, const Shape& to) {
  if (gradient.shape() == to) return gradient;
  return record_linear(SumOfCopies{.from = gradient.shape(), .to = to}, gradient);
}

template <class T>
void TangentFlow<T>::add(const Tensor<T>& contribution) const {
  const Shape& shape = this->step_.shape();
  const Tensor<T> fitting =
      contribution.shape() == shape
          ? contribution
          : record_linear(Stretching{.from = contribution.shape(), .to = shape}, contribution);
  const Tensor<T>* const before = tangents_.find(this->step_);
  tangents_.set(this->step_, before ? *before + fitting : fitting);
}
template class TangentFlow<float>;
template class TangentFlow<double>;

template Tensor<float> undo_broadcast(const Tensor<float>&, const Shape&);
template Tensor<double> undo_broadcast(const Tensor<double>&, const Shape&);

}  // namespace gradus::detail
