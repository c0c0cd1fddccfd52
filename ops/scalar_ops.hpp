#pragma once

#include <compare>

#include <gradus/ops/scalar_step.hpp>

/// Elementwise ops on Scalars. Each call is one step; numbers on either side are constants. Formulas, domains
/// and kinks stand with the rules (ops/rules.hpp).
namespace gradus {

/// Operands of a scalar op: Scalars and numbers, at least one of them a Scalar.
template <class A>
concept ScalarOperand = std::same_as<std::decay_t<A>, Scalar> || Number<std::decay_t<A>>;
template <class A, class B>
concept ScalarOperands = ScalarOperand<A> && ScalarOperand<B> &&
    (std::same_as<std::decay_t<A>, Scalar> || std::same_as<std::decay_t<B>, Scalar>);

namespace detail {

/// Without a copy of the handle, which may be of another thread.
inline double value_of(const Scalar& x) { return x.value(); }
template <Number N>
double value_of(N number) {
  return static_cast<double>(number);
}

}  // namespace detail

#define GRADUS_ALWAYS_INLINE [[gnu::always_inline]] inline

#define GRADUS_SCALAR_FUNCTION(function, Rule)                                                           \
  GRADUS_ALWAYS_INLINE Scalar function(const Scalar& x) { return detail::record_unary<rules::Rule>(x); } \
  GRADUS_ALWAYS_INLINE Scalar function(Scalar&& x) { return detail::record_unary<rules::Rule, Scalar>(x); }
GRADUS_UNARY_OPS(GRADUS_SCALAR_FUNCTION)
#undef GRADUS_SCALAR_FUNCTION

// `A` is const for what the caller keeps: only temporaries (Scalar itself) are consumed.
#define GRADUS_SCALAR_FUNCTION(function, Rule)                                         \
  template <class A, class B>                                                          \
  requires ScalarOperands<A, B> GRADUS_ALWAYS_INLINE Scalar function(A&& a, B&& b) {   \
    return detail::record_binary<rules::Rule, detail::Kept<A>, detail::Kept<B>>(a, b); \
  }
GRADUS_BINARY_OPS(GRADUS_SCALAR_FUNCTION)
#undef GRADUS_SCALAR_FUNCTION

/// min(max(x, lo), hi). The gradient passes where lo <= x <= hi. ValueError unless lo <= hi.
Scalar clip(const Scalar& x, double lo, double hi);

/// The one chosen, as it is: no step.
template <class A, class B>
requires ScalarOperands<A, B> Scalar where(bool condition, A&& a, B&& b) {
  return condition ? Scalar(std::forward<A>(a)) : Scalar(std::forward<B>(b));
}

/// The larger and the smaller of two; where they are equal each gets half of the gradient. Other names of
/// maximum and minimum, of which messages speak.
template <class A, class B>
requires ScalarOperands<A, B> Scalar max(A&& a, B&& b) {
  return maximum(std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
requires ScalarOperands<A, B> Scalar min(A&& a, B&& b) {
  return minimum(std::forward<A>(a), std::forward<B>(b));
}

inline Scalar operator-(const Scalar& x) { return neg(x); }
inline Scalar operator+(const Scalar& x) { return x; }

// Operators, and comparisons of values: control flow is ordinary C++.
#define GRADUS_OPERATOR(op, function)                                                                \
  template <class A, class B>                                                                        \
  requires ScalarOperands<A, B> GRADUS_ALWAYS_INLINE Scalar operator op(A&& a, B&& b) {              \
    return function(std::forward<A>(a), std::forward<B>(b));                                         \
  }                                                                                                  \
  template <class B>                                                                                 \
  requires ScalarOperands<Scalar, B> GRADUS_ALWAYS_INLINE Scalar& operator op##=(Scalar& a, B&& b) { \
    return a = function(std::move(a), std::forward<B>(b));                                           \
  }
GRADUS_OPERATOR(+, add)
GRADUS_OPERATOR(-, sub)
GRADUS_OPERATOR(*, mul)
GRADUS_OPERATOR(/, div)
#undef GRADUS_OPERATOR
#undef GRADUS_ALWAYS_INLINE

template <class B>
requires ScalarOperands<Scalar, B> std::partial_ordering operator<=>(const Scalar& a, const B& b) {
  return a.value() <=> detail::value_of(b);
}
template <class B>
requires ScalarOperands<Scalar, B>
bool operator==(const Scalar& a, const B& b) { return a.value() == detail::value_of(b); }

}  // namespace gradus
