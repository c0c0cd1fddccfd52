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

/// A as it is seen by an op: Scalar itself for a temporary, const for what somebody keeps.
template <class A>
using Kept = std::conditional_t<std::is_lvalue_reference_v<A>, const std::remove_reference_t<A>, A>;

/// Ends the handle of an operand that is a temporary: the new step takes its place.
template <class A>
[[gnu::always_inline]] inline std::uint32_t consume(A& operand) {
  if constexpr (std::is_same_v<A, Scalar>)
    return operand.consume();
  else
    return 0;  // a number, or a Scalar that somebody keeps
}

/// The result of an op where nothing is recorded: NoGrad, constants only, or an error.
template <class Rule>
[[gnu::cold, gnu::noinline]] Wire unrecorded_unary(Wire x) {
  x.check_thread(Rule::name);
  return {.value = Rule::forward(x.current_value())};
}
template <class Rule>
[[gnu::cold, gnu::noinline]] Wire unrecorded_binary(Wire a, Wire b) {
  a.check_thread(Rule::name);
  b.check_thread(Rule::name);
  return {.value = Rule::forward(a.current_value(), b.current_value())};
}

template <class Rule, class X>
[[gnu::always_inline]] inline Scalar scalar_unary(X& x) {
  Record& record = thread_record;
  if (!x.is_recordable()) [[unlikely]]
    return Scalar(unrecorded_unary<Rule>(x.wire()));
  const double y = Rule::forward(x.wire().current_value());
  Scalar result = Scalar::from_step(record.push(CodeOf<Rule>::value, x.step(), x.step(), y), y);
  record.live += 1 - consume(x);
  return result;
}

/// One operand is a constant: the step has one input, and the code says which it is.
template <class Rule>
[[gnu::noinline]] Wire scalar_binary_with_constant(Wire a, Wire b) {
  Record& record = thread_record;
  constexpr OpCode code = CodeOf<Rule>::value;
  const bool is_first = a.record_id == record.open_id, is_second = b.record_id == record.open_id;
  if (!(is_first && b.record_id == 0) && !(is_second && a.record_id == 0))
    return unrecorded_binary<Rule>(a, b);
  const double y = Rule::forward(a.current_value(), b.current_value());
  const Step s = is_first ? record.push_with_constant(code + second_constant, a.step, b.value, y)
                          : record.push_with_constant(code + first_constant, b.step, a.value, y);
  ++record.live;
  return {s, record.id, y};
}

/// The step of an operand and a number, which is known to be a constant when the program is compiled.
template <class Rule, class X>
[[gnu::always_inline]] inline Scalar push_with_number(X& x, double number, double y, std::uint8_t which) {
  Record& record = thread_record;
  const auto code = static_cast<std::uint8_t>(CodeOf<Rule>::value + which);
  Scalar result = Scalar::from_step(record.push_with_constant(code, x.step(), number, y), y);
  record.live += 1 - consume(x);
  return result;
}

template <class Rule, class A, class B>
[[gnu::always_inline]] inline Scalar scalar_binary(A& a, B& b) {
  if constexpr (Number<B>) {
    const auto number = static_cast<double>(b);
    if (!a.is_recordable()) [[unlikely]]
      return Scalar(unrecorded_binary<Rule>(a.wire(), {.value = number}));
    return push_with_number<Rule>(a, number, Rule::forward(a.wire().current_value(), number),
                                  second_constant);
  } else if constexpr (Number<A>) {
    const auto number = static_cast<double>(a);
    if (!b.is_recordable()) [[unlikely]]
      return Scalar(unrecorded_binary<Rule>({.value = number}, b.wire()));
    return push_with_number<Rule>(b, number, Rule::forward(number, b.wire().current_value()), first_constant);
  } else {
    Record& record = thread_record;
    if (!(a.is_recordable() && b.is_recordable())) [[unlikely]]
      return Scalar(scalar_binary_with_constant<Rule>(a.wire(), b.wire()));
    const double y = Rule::forward(a.wire().current_value(), b.wire().current_value());
    Scalar result = Scalar::from_step(record.push(CodeOf<Rule>::value, a.step(), b.step(), y), y);
    record.live += 1 - consume(a);
    if (static_cast<const void*>(&a) != &b)
      record.live -= consume(b);  // x * x of one temporary has one handle
    return result;
  }
}

}  // namespace detail

#define GRADUS_ALWAYS_INLINE [[gnu::always_inline]] inline

#define GRADUS_SCALAR_FUNCTION(function, Rule)                                                           \
  GRADUS_ALWAYS_INLINE Scalar function(const Scalar& x) { return detail::scalar_unary<rules::Rule>(x); } \
  GRADUS_ALWAYS_INLINE Scalar function(Scalar&& x) { return detail::scalar_unary<rules::Rule, Scalar>(x); }
GRADUS_UNARY_OPS(GRADUS_SCALAR_FUNCTION)
#undef GRADUS_SCALAR_FUNCTION

// `A` is const for what the caller keeps: only temporaries (Scalar itself) are consumed.
#define GRADUS_SCALAR_FUNCTION(function, Rule)                                         \
  template <class A, class B>                                                          \
  requires ScalarOperands<A, B> GRADUS_ALWAYS_INLINE Scalar function(A&& a, B&& b) {   \
    return detail::scalar_binary<rules::Rule, detail::Kept<A>, detail::Kept<B>>(a, b); \
  }
GRADUS_BINARY_OPS(GRADUS_SCALAR_FUNCTION)
#undef GRADUS_SCALAR_FUNCTION

/// The larger and the smaller of two; where they are equal each gets half of the gradient.
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
  return a.value() <=> Scalar(b).value();
}
template <class B>
requires ScalarOperands<Scalar, B>
bool operator==(const Scalar& a, const B& b) { return a.value() == Scalar(b).value(); }

}  // namespace gradus
