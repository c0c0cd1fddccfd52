#pragma once

#include <initializer_list>
#include <type_traits>
#include <vector>

#include <gradus/core/tensor.hpp>

/// Where the scalar graph and the tensor graph meet: one backward() runs through both.
namespace gradus {

namespace detail {

/// GraphError, naming the op, when one of its operands is a Scalar of another thread.
template <class A, class... Rest>
void check_threads(const char* op, const A& operand, const Rest&... rest) {
  if constexpr (std::is_same_v<A, Scalar>) operand.check_thread(op);
  if constexpr (sizeof...(rest) > 0) check_threads(op, rest...);
}

}  // namespace detail

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
