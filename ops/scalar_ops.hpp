#pragma once

#include <compare>

#include <gradus/core/scalar.hpp>
#include <gradus/ops/op_codes.hpp>

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

/// Ends the handle of an operand that is a temporary: the new step takes its place.
template <class A>
void consume(A&& operand) {
  if constexpr (std::is_same_v<A, Scalar>) operand.consume();
}

template <class Rule, class X>
[[gnu::always_inline]] inline Scalar scalar_unary(X&& x) {
  Record& record = thread_record;
  x.check_thread(Rule::name);
  const double y = Rule::forward(x.value());
  if (!x.requires_grad() || !record.recording) return Scalar(y);
  Scalar result = Scalar::from_step(record.push(CodeOf<Rule>::value, x.step(), x.step(), y), y);
  consume(std::forward<X>(x));
  return result;
}

/// A step of two operands, one of which may be a constant.
template <class Rule>
[[gnu::always_inline]] inline Step push_binary(Record& record, const Scalar& a, const Scalar& b, double first, double second, double y) {
  constexpr OpCode code = CodeOf<Rule>::value;
  if (!b.requires_grad()) return record.push_with_constant(code + second_constant, a.step(), second, y);
  if (!a.requires_grad()) return record.push_with_constant(code + first_constant, b.step(), first, y);
  return record.push(code, a.step(), b.step(), y);
}

template <class Rule, class A, class B>
[[gnu::always_inline]] inline Scalar scalar_binary(A&& left, B&& right) {
  Record& record = thread_record;
  // A number becomes a constant; what is a Scalar already stays where it is.
  const std::conditional_t<std::is_same_v<std::decay_t<A>, Scalar>, const Scalar&, Scalar> a = left;
  const std::conditional_t<std::is_same_v<std::decay_t<B>, Scalar>, const Scalar&, Scalar> b = right;
  a.check_thread(Rule::name);
  b.check_thread(Rule::name);
  const double first = a.value(), second = b.value(), y = Rule::forward(first, second);
  if (!(a.requires_grad() || b.requires_grad()) || !record.recording) return Scalar(y);
  Scalar result = Scalar::from_step(push_binary<Rule>(record, a, b, first, second, y), y);
  consume(std::forward<A>(left));
  consume(std::forward<B>(right));
  return result;
}

}  // namespace detail

#define GRADUS_SCALAR_FUNCTION(function, Rule)                                            \
  inline Scalar function(const Scalar& x) { return detail::scalar_unary<rules::Rule>(x); } \
  inline Scalar function(Scalar&& x) { return detail::scalar_unary<rules::Rule>(std::move(x)); }
GRADUS_UNARY_OPS(GRADUS_SCALAR_FUNCTION)
#undef GRADUS_SCALAR_FUNCTION

#define GRADUS_SCALAR_FUNCTION(function, Rule)                                           \
  template <class A, class B>                                                            \
    requires ScalarOperands<A, B>                                                        \
  Scalar function(A&& a, B&& b) {                                                        \
    return detail::scalar_binary<rules::Rule>(std::forward<A>(a), std::forward<B>(b));   \
  }
GRADUS_BINARY_OPS(GRADUS_SCALAR_FUNCTION)
#undef GRADUS_SCALAR_FUNCTION

/// The larger and the smaller of two; where they are equal each gets half of the gradient.
template <class A, class B>
  requires ScalarOperands<A, B>
Scalar max(A&& a, B&& b) {
  return maximum(std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B>
  requires ScalarOperands<A, B>
Scalar min(A&& a, B&& b) {
  return minimum(std::forward<A>(a), std::forward<B>(b));
}

inline Scalar operator-(const Scalar& x) { return neg(x); }
inline Scalar operator+(const Scalar& x) { return x; }

// Operators, and comparisons of values: control flow is ordinary C++.
#define GRADUS_OPERATOR(op, function)                                       \
  template <class A, class B>                                               \
    requires ScalarOperands<A, B>                                           \
  Scalar operator op(A&& a, B&& b) {                                        \
    return function(std::forward<A>(a), std::forward<B>(b));                \
  }                                                                         \
  template <class B>                                                        \
    requires ScalarOperands<Scalar, B>                                      \
  Scalar& operator op##=(Scalar& a, B&& b) {                                \
    return a = function(a, std::forward<B>(b));                             \
  }
GRADUS_OPERATOR(+, add)
GRADUS_OPERATOR(-, sub)
GRADUS_OPERATOR(*, mul)
GRADUS_OPERATOR(/, div)
#undef GRADUS_OPERATOR

template <class B>
  requires ScalarOperands<Scalar, B>
std::partial_ordering operator<=>(const Scalar& a, const B& b) {
  return a.value() <=> Scalar(b).value();
}
template <class B>
  requires ScalarOperands<Scalar, B>
bool operator==(const Scalar& a, const B& b) {
  return a.value() == Scalar(b).value();
}

}  // namespace gradus
