#pragma once

#include <compare>

#include <gradus/core/scalar.hpp>
#include <gradus/ops/op_codes.hpp>

/// Elementwise ops on Scalars. Each call is one step; numbers on either side are constants. Formulas, domains
/// and kinks stand with the rules (ops/rules.hpp).
namespace gradus {

/// Operands of a scalar op: Scalars and numbers, at least one of them a Scalar.
template <class A, class B>
concept ScalarOperands = (std::same_as<A, Scalar> || Number<A>) && (std::same_as<B, Scalar> || Number<B>) &&
                         (std::same_as<A, Scalar> || std::same_as<B, Scalar>);

namespace detail {

template <class Rule>
Scalar scalar_unary(const Scalar& x) {
  Record& record = thread_record;
  x.check_thread(Rule::name);
  const double y = Rule::forward(x.value());
  if (!x.requires_grad() || !record.recording) return Scalar(y);
  return Scalar::from_step(record.push(CodeOf<Rule>::value, x.step(), x.step(), y), y);
}

template <class Rule>
Scalar scalar_binary(const Scalar& a, const Scalar& b) {
  Record& record = thread_record;
  a.check_thread(Rule::name);
  b.check_thread(Rule::name);
  const double first = a.value(), second = b.value(), y = Rule::forward(first, second);
  constexpr OpCode code = CodeOf<Rule>::value;
  if (!record.recording) return Scalar(y);
  if (a.requires_grad() && b.requires_grad())
    return Scalar::from_step(record.push(code, a.step(), b.step(), y), y);
  if (a.requires_grad())
    return Scalar::from_step(record.push_with_constant(code + second_constant, a.step(), second, y), y);
  if (b.requires_grad())
    return Scalar::from_step(record.push_with_constant(code + first_constant, b.step(), first, y), y);
  return Scalar(y);
}

}  // namespace detail

#define GRADUS_SCALAR_FUNCTION(function, Rule) \
  inline Scalar function(const Scalar& x) { return detail::scalar_unary<rules::Rule>(x); }
GRADUS_UNARY_OPS(GRADUS_SCALAR_FUNCTION)
#undef GRADUS_SCALAR_FUNCTION

#define GRADUS_SCALAR_FUNCTION(function, Rule)                   \
  template <class A, class B>                                    \
    requires ScalarOperands<A, B>                                \
  Scalar function(const A& a, const B& b) {                      \
    return detail::scalar_binary<rules::Rule>(a, b);             \
  }
GRADUS_BINARY_OPS(GRADUS_SCALAR_FUNCTION)
#undef GRADUS_SCALAR_FUNCTION

/// The larger and the smaller of two; where they are equal each gets half of the gradient.
template <class A, class B>
  requires ScalarOperands<A, B>
Scalar max(const A& a, const B& b) {
  return maximum(a, b);
}
template <class A, class B>
  requires ScalarOperands<A, B>
Scalar min(const A& a, const B& b) {
  return minimum(a, b);
}

inline Scalar operator-(const Scalar& x) { return neg(x); }
inline Scalar operator+(const Scalar& x) { return x; }

// Operators, and comparisons of values: control flow is ordinary C++.
#define GRADUS_OPERATOR(op, function)                                       \
  template <class A, class B>                                               \
    requires ScalarOperands<A, B>                                           \
  Scalar operator op(const A& a, const B& b) {                              \
    return function(a, b);                                                  \
  }                                                                         \
  template <class B>                                                        \
    requires ScalarOperands<Scalar, B>                                      \
  Scalar& operator op##=(Scalar& a, const B& b) {                           \
    return a = function(a, b);                                              \
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
