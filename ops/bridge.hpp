#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/core/tensor.hpp>

/// Where the scalar graph and the tensor graph meet: one backward() runs through both.
namespace gradus {

/// A tensor of one element as a Scalar of the same graph: one step. ShapeError for any other size.
template <class T>
Scalar to_scalar(const Tensor<T>& x);

/// A Scalar as a tensor of shape (), on the same wire: no step of its own. Its gradient is summed in double.
template <class T = double>
Tensor<T> to_tensor(const Scalar& x);

/// Scalars side by side as a tensor of shape (n): one step.
Tensor<double> stack(const std::vector<Scalar>& scalars);
inline Tensor<double> stack(std::initializer_list<Scalar> scalars) {
  return stack(std::vector<Scalar>(scalars));
}

}  // namespace gradus
