#pragma once

#include <type_traits>

#include <gradus/core/scalar.hpp>
#include <gradus/ops/op_codes.hpp>

/// How an op on Scalars becomes a step of the record. What is written here is compiled into every expression
/// of a program, so it is cut in two: the usual case, inlined, without a call; and everything else, in one
/// call that is handed all it needs by value. A handle of which a reference were given away, or a number that
/// is alive across a call, would lie in memory in the usual case as well. `thread_record` is written out
/// there: the null checks of the undefined behaviour sanitizer on references to a thread_local fail falsely
/// (GCC 12 relies on the flags of an `add` that the linker relaxes to a `lea`).
namespace gradus::detail {

/// A as it is seen by an op: Scalar itself for a temporary, const for what somebody keeps.
template <class A>
using Kept = std::conditional_t<std::is_lvalue_reference_v<A>, const std::remove_reference_t<A>, A>;
template <class A>
inline constexpr bool is_number = std::is_arithmetic_v<std::remove_const_t<A>>;
/// Whether an operand is a temporary, which ends with the op.
template <class A>
inline constexpr bool is_temporary = std::is_same_v<A, Scalar>;

template <class A>
[[gnu::always_inline]] inline Wire wire_of(A& operand) {
  if constexpr (is_number<A>)
    return {.value = static_cast<double>(operand)};
  else
    return operand.wire();
}

/// Whether an operand asks for nothing unusual: a number, or a Scalar that is recorded and, if it is a
/// temporary, a step that nobody else holds.
template <class A>
[[gnu::always_inline]] inline bool is_usual(A& operand) {
  if constexpr (is_number<A>)
    return true;
  else if constexpr (is_temporary<A>)
    return operand.is_recordable() && thread_record.is_only_handle(operand.step());
  else
    return operand.is_recordable();
}

/// The number of a usual operand.
template <class A>
[[gnu::always_inline]] inline double number_of(A& operand) {
  if constexpr (is_number<A>)
    return static_cast<double>(operand);
  else if constexpr (is_temporary<A>)
    return operand.wire().value;
  else
    return thread_record.value[operand.step()];
}

/// Whether two operands are the same temporary, as in std::move(x) * std::move(x).
template <class A, class B>
[[gnu::always_inline]] inline bool are_one(A& a, B& b) {
  if constexpr (is_temporary<A> && is_temporary<B>)
    return a.step() == b.step();
  else
    return false;
}

/// Ends the handle of a usual operand, if it is a temporary.
template <class A>
[[gnu::always_inline]] inline void use_up(A& operand) {
  if constexpr (is_temporary<A>) {
    thread_record.use_up(operand.step());
    operand.drop();
  }
}
template <class A>
[[gnu::always_inline]] inline void drop(A& operand) {
  if constexpr (is_temporary<A>) operand.drop();
}

/// Records a step of Scalars only.
template <class Rule>
[[gnu::always_inline]] inline Wire push_step(Step a, Step b, double y) {
  const Wire result{thread_record.push(CodeOf<Rule>::value, a, b, y), y};
  if constexpr (fusing<Rule>().puts_output_aside()) thread_record.extra[result.step()] = y;
  return result;
}
/// Records a step of a Scalar and a number.
template <class Rule, std::uint8_t constant_operand>
[[gnu::always_inline]] inline Wire push_step_with_constant(Step input, double constant, double y) {
  constexpr OpCode code = CodeOf<Rule>::value;
  const Wire result{thread_record.push_with_constant(code + constant_operand, input, constant, y), y};
  if constexpr (!fusing<Rule>(constant_operand).is_possible()) thread_record.seal();
  return result;
}

/// An op in the unusual case: NoGrad, constants, the end of a chunk, operands with several handles, or an
/// error.
template <class Rule>
[[gnu::cold, gnu::noinline]] Wire record_unusual(Wire x, bool is_temporary_x) {
  Record& record = thread_record;
  x.check_thread(Rule::name);
  Wire result{.value = Rule::forward(x.current_value())};
  if (x.record_id() == record.open_id) {
    record.make_room();
    result = push_step<Rule>(x.step(), x.step(), result.value);
  }
  if (is_temporary_x && !x.is_constant()) record.release(x.step());
  return result;
}

template <class Rule>
[[gnu::noinline]] Wire record_unusual(Wire a, bool is_temporary_a, Wire b, bool is_temporary_b) {
  Record& record = thread_record;
  a.check_thread(Rule::name);
  b.check_thread(Rule::name);
  const bool is_first = a.record_id() == record.open_id, is_second = b.record_id() == record.open_id;
  Wire result{.value = Rule::forward(a.current_value(), b.current_value())};
  if (is_first || is_second) {
    record.make_room();
    if (is_first && is_second)
      result = push_step<Rule>(a.step(), b.step(), result.value);
    else if (is_first)
      result = push_step_with_constant<Rule, second_constant>(a.step(), b.value, result.value);
    else
      result = push_step_with_constant<Rule, first_constant>(b.step(), a.value, result.value);
  }
  if (is_temporary_a && !a.is_constant()) record.release(a.step());
  if (is_temporary_b && !b.is_constant()) record.release(b.step());
  return result;
}

template <class Rule, class X>
[[gnu::always_inline]] inline Scalar record_unary(X& x) {
  if (!is_usual(x) || !thread_record.has_room()) [[unlikely]] {
    Wire result = record_unusual<Rule>(x.wire(), is_temporary<X>);
    drop(x);
    return Scalar(result);
  }
  const double y = Rule::forward(number_of(x));
  Wire result = push_step<Rule>(x.step(), x.step(), y);
  use_up(x);
  return Scalar(result);
}

template <class Rule, class A, class B>
[[gnu::always_inline]] inline Wire push_binary(A& a, B& b) {
  const double first = number_of(a), second = number_of(b), y = Rule::forward(first, second);
  if constexpr (is_number<A>)
    return push_step_with_constant<Rule, first_constant>(b.step(), first, y);
  else if constexpr (is_number<B>)
    return push_step_with_constant<Rule, second_constant>(a.step(), second, y);
  else
    return push_step<Rule>(a.step(), b.step(), y);
}

/// Whether the sum of the latest step, which only this temporary holds, and another Scalar can take its
/// place.
template <class Rule, class Latest, class Other>
[[gnu::always_inline]] inline bool can_fuse(Latest& latest, Other& other) {
  if constexpr (std::is_same_v<Rule, rules::Add> && is_temporary<Latest> && !is_number<Other>)
    return thread_record.can_fuse(latest.wire().place) && is_usual(other) && !are_one(latest, other);
  else
    return false;
}
template <class Latest, class Other>
[[gnu::always_inline]] inline Wire fuse(Latest& latest, Other& other, double y) {
  if constexpr (is_temporary<Latest> && !is_number<Other>) {
    thread_record.fuse(latest.step(), other.step(), y);
    Wire result{latest.wire().place, y};
    use_up(other);
    latest.drop();
    return result;
  } else {
    return {};
  }
}

template <class Rule, class A, class B>
[[gnu::always_inline]] inline Scalar record_binary(A& a, B& b) {
  if (can_fuse<Rule>(b, a)) [[likely]]
    return Scalar(fuse(b, a, Rule::forward(number_of(a), number_of(b))));
  if (can_fuse<Rule>(a, b)) [[likely]]
    return Scalar(fuse(a, b, Rule::forward(number_of(a), number_of(b))));
  if (!is_usual(a) || !is_usual(b) || are_one(a, b) || !thread_record.has_room()) [[unlikely]] {
    bool is_second_handle = is_temporary<B>;
    if constexpr (is_temporary<A> && is_temporary<B>) is_second_handle = &a != &b;
    Wire result = record_unusual<Rule>(wire_of(a), is_temporary<A>, wire_of(b), is_second_handle);
    drop(a);
    drop(b);
    return Scalar(result);
  }
  Wire result = push_binary<Rule>(a, b);
  use_up(a);
  use_up(b);
  return Scalar(result);
}

}  // namespace gradus::detail
