#pragma once

#include <gradus/ops/operands.hpp>

/// Comparisons of values, element by element, broadcast by NumPy's rules: arrays of bool, masks for where().
/// No gradient flows through them. ShapeError when the shapes do not fit.
namespace gradus {
namespace detail {

enum class Comparison { equal, not_equal, less, less_equal, greater, greater_equal };

template <class T>
Array<bool> compare(Comparison comparison, const Tensor<T>& a, const Tensor<T>& b);

}  // namespace detail

// By forwarding reference, as xtensor's take anything.
#define GRADUS_COMPARISON(op, name)                                                        \
  template <class A, class B>                                                              \
  requires TensorOperands<A, B> Array<bool>                                                \
  operator op(A&& a, B&& b) {                                                              \
    using T = element_type_of<A, B>;                                                       \
    return detail::compare<T>(detail::Comparison::name, as_tensor<T>(a), as_tensor<T>(b)); \
  }
GRADUS_COMPARISON(==, equal)
GRADUS_COMPARISON(!=, not_equal)
GRADUS_COMPARISON(<, less)
GRADUS_COMPARISON(<=, less_equal)
GRADUS_COMPARISON(>, greater)
GRADUS_COMPARISON(>=, greater_equal)
#undef GRADUS_COMPARISON

}  // namespace gradus
