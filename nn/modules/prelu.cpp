#include <string>

#include <gradus/nn/modules/prelu.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/layout.hpp>

namespace gradus::nn {

template <class T>
PReLU<T>::PReLU(std::size_t slopes, double initial) : initial_(initial) {
  if (slopes == 0) throw ValueError("[PReLU] 0 slopes: expected at least 1");
  weight_ = variable(full_array<T>({slopes}, static_cast<T>(initial)));
  name_variables(this->named_parameters());
}

template <class T>
Tensor<T> PReLU<T>::operator()(const Tensor<T>& x) const {
  const std::size_t slopes = weight_.size();
  if (slopes == 1) return leaky_relu(x, reshape(weight_, Shape{}));
  const Shape shape = x.shape();
  if (shape.size() < 2 || shape[1] != slopes)
    throw ShapeError("[PReLU] input " + to_string(shape) + ": expected axis 1 of extent " +
                     std::to_string(slopes));
  Shape along(shape.size() - 1, 1);
  along[0] = slopes;
  return leaky_relu(x, reshape(weight_, along));
}

template <class T>
ModuleParts<T> PReLU<T>::parts() const {
  return {.type = "PReLU",
          .attributes = {{"slopes", detail::attribute(weight_.size())}, {"initial", initial_}},
          .parameters = {{"weight", weight_}}};
}

template class PReLU<float>;
template class PReLU<double>;

}  // namespace gradus::nn
