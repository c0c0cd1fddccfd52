#pragma once

#include <vector>

#include <gradus/core/tensor.hpp>

namespace gradus {

/// A function's value, and its derivative in the direction that was asked for, of the same shape.
template <class Y>
struct ValueAndTangent {
  Y value, tangent;
};

namespace detail {

inline Scalar zeros_like(const Scalar&) { return 0.0; }
template <class T>
Tensor<T> zeros_like(const Tensor<T>& x) {
  return full_array<T>(x.shape(), T(0));
}

/// One forward sweep: how y changes when `at`, variables or steps it was made from, change by the tangents.
/// Both results are steps where they lead to other variables and `may_record` says so, and constants
/// otherwise.
template <class Y, class X>
ValueAndTangent<Y> push_forward(const Y& y, const std::vector<X>& at, const std::vector<X>& tangents,
                                bool may_record);

void check_tangents(const std::vector<Scalar>& inputs, const std::vector<Scalar>& tangents);
template <class T>
void check_tangents(const std::vector<Tensor<T>>& inputs, const std::vector<Tensor<T>>& tangents);

}  // namespace detail
}  // namespace gradus
