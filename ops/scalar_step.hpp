#pragma once

#include <type_traits>

#include <gradus/core/scalar.hpp>
#include <gradus/ops/op_codes.hpp>

/// How an op on Scalars becomes a step of the record. What is written here is compiled into every expression
/// of a program, so it is cut in two: the usual case, inlined, without a call; and everything else, in one
/// cold call (core/cold_call.hpp) that is handed all it needs by value. A handle of which a reference were
/// given away would lie in memory in the usual case as well. `thread_record` is written out there: the null
/// checks of the undefined behaviour sanitizer on references to a thread_local fail falsely (GCC 12 relies on
/// the flags of an `add` that the linker relaxes to a `lea`).
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

/// A usual operand: a number, or a Scalar of this thread and, if it is a temporary, a step that nobody else
/// holds.
struct Operand {
  Step step;
  double number;
};

/// Takes an operand apart; false if it is unusual.
template <class A>
[[gnu::always_inline]] inline bool read_operand(A& operand, Operand& result) {
  if constexpr (is_number<A>) {
    result = {0, static_cast<double>(operand)};
    return true;
  } else {
    const std::uint64_t seen = operand.wire().seen();
    result = {static_cast<Step>(seen), operand.wire().value};
    if constexpr (is_temporary<A>) {
      return thread_record.is_only_handle(seen);
    } else {
      if (Record::is_step(seen)) return true;
      if (!Record::is_inside(seen)) return false;
      result.number = thread_record.value[result.step];  // a variable: it may have changed since
      return true;
    }
  }
}

/// Whether two operands are one handle that ends with the op: std::move(x) * std::move(x), or x += x.
template <class A, class B>
[[gnu::always_inline]] inline bool are_one(A& a, B& b) {
  if constexpr (is_number<A> || is_number<B>)
    return false;
  else if constexpr (is_temporary<A> && is_temporary<B>)
    return a.step() == b.step();
  else if constexpr (is_temporary<A> || is_temporary<B>)
    return static_cast<const Scalar*>(&a) == static_cast<const Scalar*>(&b);
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

/// Whether a step made from this number of this thread is recorded.
inline bool is_recorded(const Wire& x) { return thread_record.recording && !x.is_constant(); }

/// An op in the unusual case: NoGrad, constants, the end of a chunk, operands with several handles, or an
/// error. What a cold call returns is the place; the number is in Record::cold_result.
inline constexpr std::uint64_t no_place = ~std::uint64_t{0};  ///< it has thrown

template <class Make>
std::uint64_t make_unusual(const Make& make) noexcept {
  try {
    const Wire wire = make();
    thread_record.cold_result = wire.value;
    return wire.place;
  } catch (...) {
    keep_exception();
    return no_place;
  }
}
[[gnu::always_inline]] inline Wire unusual_result(std::uint64_t place) {
  if (place == no_place) throw_kept();
  return {place, thread_record.cold_result};
}

template <class Rule>
Wire make_step(Wire x, bool is_temporary_x) {
  Record& record = thread_record;
  x.check_thread(Rule::name);
  Wire result{.value = Rule::forward(x.current_value())};
  if (is_recorded(x)) {
    record.make_room();
    result = push_step<Rule>(x.step(), x.step(), result.value);
  }
  if (is_temporary_x && !x.is_constant()) record.release(x.seen());
  return result;
}

template <class Rule>
Wire make_step(Wire a, bool is_temporary_a, Wire b, bool is_temporary_b) {
  Record& record = thread_record;
  a.check_thread(Rule::name);
  b.check_thread(Rule::name);
  const bool is_first = is_recorded(a), is_second = is_recorded(b);
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
  if (is_temporary_a && !a.is_constant()) record.release(a.seen());
  if (is_temporary_b && !b.is_constant()) record.release(b.seen());
  return result;
}

/// Operands are handed over as they are seen: so much is at hand.
inline Wire wire_seen(std::uint64_t seen, double value) { return {thread_record.seen(seen), value}; }

template <class Rule>
GRADUS_COLD_CALL std::uint64_t record_unusual(std::uint64_t seen, double value, bool is_temporary) noexcept {
  return make_unusual([=] { return make_step<Rule>(wire_seen(seen, value), is_temporary); });
}
template <class Rule>
GRADUS_COLD_CALL std::uint64_t record_unusual(std::uint64_t seen_a, double a, std::uint64_t seen_b, double b,
                                              bool is_temporary_a, bool is_temporary_b) noexcept {
  return make_unusual([=] {
    return make_step<Rule>(wire_seen(seen_a, a), is_temporary_a, wire_seen(seen_b, b), is_temporary_b);
  });
}

template <class Rule, class X>
[[gnu::always_inline]] inline Scalar record_unary(X& x) {
  Operand operand;
  if (!read_operand(x, operand) || !thread_record.has_room()) [[unlikely]] {
    Wire wire = x.wire();
    Wire result = unusual_result(record_unusual<Rule>(wire.seen(), wire.value, is_temporary<X>));
    drop(x);
    return Scalar(result);
  }
  Wire result = push_step<Rule>(operand.step, operand.step, Rule::forward(operand.number));
  use_up(x);
  return Scalar(result);
}

template <class Rule, class A, class B>
[[gnu::always_inline]] inline Wire push_binary(Operand a, Operand b) {
  const double y = Rule::forward(a.number, b.number);
  if constexpr (is_number<A>)
    return push_step_with_constant<Rule, first_constant>(b.step, a.number, y);
  else if constexpr (is_number<B>)
    return push_step_with_constant<Rule, second_constant>(a.step, b.number, y);
  else
    return push_step<Rule>(a.step, b.step, y);
}

/// The sum of the latest step, which only this temporary holds, and another Scalar takes its place, where it
/// can.
template <class Rule, class Latest, class Other>
[[gnu::always_inline]] inline bool try_fuse(Latest& latest, Other& other, Wire& result) {
  if constexpr (std::is_same_v<Rule, rules::Add> && is_temporary<Latest> && !is_number<Other>) {
    Operand input;
    if (!thread_record.can_fuse(latest.wire().place) || are_one(latest, other) || !read_operand(other, input))
      return false;
    result = {latest.wire().place, Rule::forward(latest.wire().value, input.number)};
    thread_record.fuse(latest.step(), input.step, result.value);
    use_up(other);
    latest.drop();
    return true;
  } else {
    return false;
  }
}

template <class Rule, class A, class B>
[[gnu::always_inline]] inline Scalar record_binary(A& a, B& b) {
  Wire result;
  if (try_fuse<Rule>(b, a, result)) [[likely]]
    return Scalar(result);
  if (try_fuse<Rule>(a, b, result)) [[likely]]
    return Scalar(result);
  Operand first, second;
  if (!read_operand(a, first) || !read_operand(b, second) || are_one(a, b) || !thread_record.has_room())
      [[unlikely]] {
    bool is_second_handle = is_temporary<B>;
    if constexpr (is_temporary<A> && is_temporary<B>) is_second_handle = &a != &b;
    Wire wire_a = wire_of(a), wire_b = wire_of(b);
    result = unusual_result(record_unusual<Rule>(wire_a.seen(), wire_a.value, wire_b.seen(), wire_b.value,
                                                 is_temporary<A>, is_second_handle));
    drop(a);
    drop(b);
    return Scalar(result);
  }
  result = push_binary<Rule, A, B>(first, second);
  use_up(a);
  use_up(b);
  return Scalar(result);
}

}  // namespace gradus::detail
