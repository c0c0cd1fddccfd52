#pragma once

#include <concepts>
#include <iosfwd>
#include <string>
#include <utility>

#include <gradus/core/hook.hpp>
#include <gradus/core/record.hpp>

namespace gradus {

namespace detail {

/// What a Scalar holds, as plain data: functions that are not inlined pass it in registers, so that the
/// handles of an expression never need to lie in memory.
struct Wire {
  /// The record and the step in it, as one number, so that they move as one; 0: a constant.
  std::uint64_t place = 0;
  double value = 0;

  static Wire of(std::uint32_t record_id, Step step, double value) {
    return {std::uint64_t{record_id} << 32 | static_cast<std::uint32_t>(step), value};
  }
  Step step() const { return static_cast<Step>(place); }
  std::uint32_t record_id() const { return static_cast<std::uint32_t>(place >> 32); }
  bool is_constant() const { return record_id() == 0; }

  /// The place, seen from the origin of this thread's record.
  std::uint64_t seen() const { return thread_record.seen(place); }

  /// Of a number of this thread.
  double current_value() const { return is_variable(step()) ? thread_record.value[step()] : value; }
  /// GraphError when it belongs to another thread.
  void check_thread(const char* caller) const {
    if (!is_constant() && record_id() != thread_record.id) [[unlikely]]
      fail_in_thread(caller);
  }
};

}  // namespace detail

template <class N>
concept Number = std::is_arithmetic_v<N>;

/// A number in a graph: a constant, a variable, or the result of a recorded step. A cheap handle (16 bytes):
/// copies share their step. It belongs to the thread that made it: in another one it may be moved, and end,
/// but a copy is a GraphError while its own thread lives.
class Scalar {
 public:
  Scalar() : Scalar(0.0) {}
  /// A constant. Numbers convert implicitly.
  template <Number N>
  Scalar(N number) : wire_{.value = static_cast<double>(number)} {}  // NOLINT: implicit by design

  Scalar(const Scalar& other) : wire_(other.wire_) {
    if (!wire_.is_constant()) detail::thread_record.retain(wire_.seen());
  }
  Scalar(Scalar&& other) noexcept : wire_(std::exchange(other.wire_, other.constant())) {}
  Scalar& operator=(const Scalar& other) { return *this = Scalar(other); }
  Scalar& operator=(Scalar&& other) noexcept {
    detail::Wire moved = std::exchange(other.wire_, other.constant());
    detail::thread_record.release(wire_.seen());
    wire_ = moved;
    return *this;
  }
  [[gnu::always_inline]] ~Scalar() { detail::thread_record.release(wire_.seen()); }

  /// A step's value lies in the handle and can be read in any thread, a variable's only in its own.
  double value() const {
    if (is_variable()) check_thread("value");
    return wire_.current_value();
  }
  /// The gradient: of a variable the sum of all that has reached it since zero_grad(), of a step that of the
  /// latest sweep that reached it; 0 where none has. GraphError for a constant.
  double grad() const;
  /// Whether a gradient has arrived.
  bool has_grad() const;
  bool requires_grad() const { return !wire_.is_constant(); }
  /// Differentiates this number with respect to every variable it was made from, once; see gradus::backward.
  void backward() const;
  /// Sets the gradient to 0 and forgets that any has arrived.
  void zero_grad() const;
  /// Calls f(g) in every sweep with the complete gradient of this variable or step, before it flows on: f
  /// reads it and returns nothing, or returns the one to go on with. For a variable that is once a sweep,
  /// with what this sweep has found, before it is added to grad(). g is a constant, or a part of the graph
  /// where the sweep is recorded (create_graph). Hooks are called in the order in which they were registered,
  /// until remove(). If f throws, the sweep fails and nothing has changed. GraphError for a constant.
  template <GradientHook<Scalar> F>
  HookHandle register_hook(F f) const {
    return add_hook(detail::hook_function<Scalar>(std::move(f)));
  }
  /// Changes a variable; steps recorded before keep their values and can no longer be swept. GraphError for
  /// anything but a variable.
  void set_value(double v) const;
  /// The same number as a constant.
  Scalar detach() const { return Scalar(value()); }
  /// 1 + the largest stage of what it was made from; variables and constants are at stage 0.
  std::uint32_t stage() const;
  /// Names the variable or step and returns the handle; a constant keeps no name.
  Scalar named(const std::string& name) const;
  std::string name() const;

  /// The handle of a step just recorded (or a variable), taking over its count.
  explicit Scalar(detail::Wire wire) : wire_(wire) {}
  static Scalar from_step(detail::Step step, double value) {
    return Scalar(detail::Wire::of(detail::thread_record.id, step, value));
  }
  const detail::Wire& wire() const { return wire_; }
  detail::Step step() const { return wire_.step(); }
  /// Lets go of the number without counting: whoever calls has ended the handle.
  void drop() { wire_ = constant(); }
  /// Prints the value.
  friend std::ostream& operator<<(std::ostream& out, const Scalar& x);

  /// GraphError when the handle belongs to another thread.
  void check_thread(const char* caller) const { wire_.check_thread(caller); }

 private:
  static detail::Record& record() { return detail::thread_record; }
  bool is_variable() const { return detail::is_variable(step()); }

  HookHandle add_hook(std::function<Scalar(const Scalar&)> hook) const;
  detail::Wire constant() const { return {.value = wire_.value}; }

  detail::Wire wire_;
};

/// A variable: a number that collects a gradient.
template <Number N>
Scalar variable(N value) {
  const auto v = static_cast<double>(value);
  return Scalar::from_step(detail::thread_record.new_variable(v), v);
}

}  // namespace gradus
