#pragma once

#include <concepts>
#include <string>
#include <utility>

#include <gradus/core/record.hpp>

namespace gradus {

template <class N>
concept Number = std::is_arithmetic_v<N>;

/// A number in a graph: a constant, a variable, or the result of a recorded step. A cheap handle (16 bytes):
/// copies share their step. It belongs to the thread that made it.
class Scalar {
 public:
  Scalar() : Scalar(0.0) {}
  /// A constant. Numbers convert implicitly.
  template <Number N>
  Scalar(N number) : value_(static_cast<double>(number)) {}  // NOLINT: implicit by design

  Scalar(const Scalar& other) : step_(other.step_), record_id_(other.record_id_), value_(other.value_) {
    if (is_counted()) record().retain(step_);
  }
  Scalar(Scalar&& other) noexcept
      : step_(std::exchange(other.step_, detail::no_step)), record_id_(other.record_id_), value_(other.value_) {}
  Scalar& operator=(const Scalar& other) { return *this = Scalar(other); }
  Scalar& operator=(Scalar&& other) noexcept {
    const detail::Step before = step_;
    const bool was_counted = is_counted();
    step_ = std::exchange(other.step_, detail::no_step);
    record_id_ = other.record_id_;
    value_ = other.value_;
    if (was_counted) record().release(before);
    return *this;
  }
  ~Scalar() {
    if (is_counted()) record().release(step_);
  }

  double value() const { return is_variable() ? record().value[step_] : value_; }
  /// The gradient: of a variable the sum of all that has reached it since zero_grad(), of a step that of the
  /// latest sweep that reached it; 0 where none has. GraphError for a constant.
  double grad() const;
  /// Whether a gradient has arrived.
  bool has_grad() const;
  bool requires_grad() const { return step_ != detail::no_step; }
  /// Differentiates this number with respect to every variable it was made from, once; see gradus::backward.
  void backward() const;
  /// Sets the gradient to 0 and forgets that any has arrived.
  void zero_grad() const;
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
  static Scalar from_step(detail::Step step, double value) {
    Scalar s(value);
    s.step_ = step;
    s.record_id_ = record().id;
    return s;
  }
  detail::Step step() const { return step_; }
  /// Lets go of a handle whose number a step just recorded has used up.
  void consume() {
    if (is_counted()) record().release_consumed(std::exchange(step_, detail::no_step));
  }
  /// GraphError when the handle belongs to another thread.
  void check_thread(const char* caller) const {
    if (requires_grad() && record_id_ != record().id) [[unlikely]] fail_in_thread(caller);
  }

 private:
  static detail::Record& record() { return detail::thread_record; }
  bool is_variable() const { return step_ < 0 && step_ != detail::no_step; }
  /// False for constants, and for handles that outlive their thread or stray into another.
  bool is_counted() const { return step_ != detail::no_step && record_id_ == record().id; }
  [[noreturn]] void fail_in_thread(const char* caller) const;

  detail::Step step_ = detail::no_step;
  std::uint32_t record_id_ = 0;
  double value_;
};

/// A variable: a number that collects a gradient.
template <Number N>
Scalar variable(N value) {
  const auto v = static_cast<double>(value);
  return Scalar::from_step(detail::thread_record.new_variable(v), v);
}

}  // namespace gradus
