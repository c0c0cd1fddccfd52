#pragma once

#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/scalar_ops.hpp>

/// Other names of ops, and ops with parameters that are usually the same: for Scalars, for tensors, and
/// inside fuse(). Each is one step but for lerp.
namespace gradus {

/// What elementwise ops work on: Scalars, tensors, and what fuse() hands on (ops/dual.hpp).
template <class X>
inline constexpr bool is_elementwise_operand = is_tensor<X> || std::same_as<X, Scalar>;
template <class X>
concept ElementwiseOperand = is_elementwise_operand<std::decay_t<X>>;

/// x where x > 0, else 0.01 x. With two arguments the slope may be any operand; it has a gradient too.
template <ElementwiseOperand X>
auto leaky_relu(X&& x) {
  return leaky_relu(std::forward<X>(x), 0.01);
}

/// x where x > 0, else e^x - 1. With two arguments the factor of e^x - 1 may be any operand; it has a
/// gradient too.
template <ElementwiseOperand X>
auto elu(X&& x) {
  return elu(std::forward<X>(x), 1);
}

/// clip() under the name that networks know it by: min(max(x, lo), hi). The gradient passes where lo <= x <=
/// hi, other than PyTorch's, which is 0 at the bounds. ValueError unless lo <= hi.
template <ElementwiseOperand X>
auto hardtanh(X&& x, double lo = -1, double hi = 1) {
  return clip(std::forward<X>(x), lo, hi);
}

/// a + t (b - a), from a at t = 0 to b at t = 1: three steps. Any operands, broadcast.
template <class A, class B, class C>
requires(ElementwiseOperand<A> || ElementwiseOperand<B> || ElementwiseOperand<C>) auto lerp(A&& a, B&& b,
                                                                                            C&& t) {
  return a + t * (b - a);
}

}  // namespace gradus
