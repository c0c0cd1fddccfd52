#pragma once

#include <gradus/ops/op_list.hpp>
#include <gradus/ops/operands.hpp>
#include <gradus/ops/rules.hpp>

/// Elementwise ops on tensors. Each call is one step; operands are broadcast by NumPy's rules (ShapeError
/// when they do not fit). Formulas, domains and kinks stand with the rules (ops/rules/).
namespace gradus {
namespace detail {

// Operands come by value: an array that nobody else holds, and no gradient will read, becomes the result.
template <class Rule, class T>
Tensor<T> tensor_unary(const Rule& rule, Tensor<T> x);
template <class Rule, class T>
Tensor<T> tensor_binary(Tensor<T> a, Tensor<T> b);

[[noreturn]] void fail_clip(double lo, double hi);

inline rules::Clip checked_clip(double lo, double hi) {
  if (!(lo <= hi)) fail_clip(lo, hi);
  return {lo, hi};
}

}  // namespace detail

#define GRADUS_TENSOR_FUNCTION(function, Rule)                      \
  template <AnyTensor X>                                            \
  auto function(X&& x) {                                            \
    return detail::tensor_unary(rules::Rule(), std::forward<X>(x)); \
  }
GRADUS_UNARY_OPS(GRADUS_TENSOR_FUNCTION)
#undef GRADUS_TENSOR_FUNCTION

#define GRADUS_TENSOR_FUNCTION(function, Rule)                                      \
  template <class A, class B>                                                       \
  requires TensorOperands<A, B>                                                     \
  auto function(A&& a, B&& b) {                                                     \
    using T = element_type_of<A, B>;                                                \
    detail::check_threads(#function, a, b);                                         \
    return detail::tensor_binary<rules::Rule, T>(as_tensor<T>(std::forward<A>(a)),  \
                                                 as_tensor<T>(std::forward<B>(b))); \
  }
GRADUS_BINARY_OPS(GRADUS_TENSOR_FUNCTION)
#undef GRADUS_TENSOR_FUNCTION

/// min(max(x, lo), hi). The gradient passes where lo <= x <= hi. ValueError unless lo <= hi.
template <class T>
Tensor<T> clip(const Tensor<T>& x, double lo, double hi) {
  return detail::tensor_unary(detail::checked_clip(lo, hi), x);
}

template <class T>
Tensor<T> operator-(Tensor<T> x) {
  return neg(std::move(x));
}
template <class T>
Tensor<T> operator+(const Tensor<T>& x) {
  return x;
}

// `a += b` makes `a` the handle of a new step.
#define GRADUS_OPERATOR(op, function)                                                         \
  template <class A, class B>                                                                 \
  requires TensorOperands<A, B>                                                               \
  auto operator op(A&& a, B&& b) { return function(std::forward<A>(a), std::forward<B>(b)); } \
  template <class T, class B>                                                                 \
  requires TensorOperands<Tensor<T>, B> Tensor<T>                                             \
  &operator op##=(Tensor<T>& a, B&& b) { return a = function(a, b); }
GRADUS_OPERATOR(+, add)
GRADUS_OPERATOR(-, sub)
GRADUS_OPERATOR(*, mul)
GRADUS_OPERATOR(/, div)
#undef GRADUS_OPERATOR

}  // namespace gradus
