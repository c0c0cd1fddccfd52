#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <gradus/ops/composed.hpp>
#include <gradus/ops/elementwise.hpp>

/// Forward mode: a value that carries its derivatives along, by the rules that backward sweeps use.
namespace gradus {
namespace detail {

/// Whether an op of tensors that is not made from a rule alone is elementwise all the same.
constexpr bool is_elementwise(std::string_view op) { return op == "clip" || op == "where"; }

}  // namespace detail

/// A value and its partial derivatives with respect to n inputs, over any number type V that rules are
/// written over: floats, SIMD batches, other duals (R. E. Wengert, "A simple automatic derivative evaluation
/// program", 1964). Every elementwise op works on it under the name it has for tensors, and by the same rule;
/// numbers mix in as constants on either side.
///
/// What does not depend on an input has no derivative with respect to it, rather than one of 0 that an
/// infinite local derivative further on would turn into NaN. A local derivative that is exactly 0 contributes
/// exactly 0, whatever it is multiplied by; unless `absorbs` is false, which saves time and leaves NaN where
/// infinity or NaN was to be absorbed.
template <class V, std::size_t n, bool absorbs = true>
class Dual {
 public:
  using value_type = V;

  /// Constants; 0 without an argument.
  Dual() : Dual(V(0)) {}
  explicit Dual(const V& value) : value_(value) { partial_.fill(V(0)), varies_.fill(false); }
  template <Number N>
  Dual(N number) : Dual(V(number)) {}
  /// Input number i.
  Dual(const V& value, std::size_t i) : Dual(value) { partial_[i] = V(1), varies_[i] = true; }

  const V& value() const { return value_; }
  /// The derivative with respect to input i.
  const V& partial(std::size_t i) const { return partial_[i]; }

#define GRADUS_DUAL(function, Rule) \
  friend Dual function(const Dual& x) { return unary(rules::Rule(), x); }
  GRADUS_UNARY_OPS(GRADUS_DUAL)
#undef GRADUS_DUAL

// With a number, overloads of their own: functions of the same names that accept anything (xsimd's, found
// beside V) would fit better than a conversion.
#define GRADUS_DUAL(function, Rule)                                                        \
  friend Dual function(const Dual& a, const Dual& b) { return binary<rules::Rule>(a, b); } \
  template <Number N>                                                                      \
  friend Dual function(const Dual& a, const N& b) {                                        \
    return binary<rules::Rule>(a, Dual(b));                                                \
  }                                                                                        \
  template <Number N>                                                                      \
  friend Dual function(const N& a, const Dual& b) {                                        \
    return binary<rules::Rule>(Dual(a), b);                                                \
  }
  GRADUS_BINARY_OPS(GRADUS_DUAL)
#undef GRADUS_DUAL

  /// ValueError unless lo <= hi.
  friend Dual clip(const Dual& x, double lo, double hi) { return unary(detail::checked_clip(lo, hi), x); }

  friend Dual operator-(const Dual& x) { return neg(x); }
  friend Dual operator+(const Dual& x) { return x; }
#define GRADUS_OPERATOR(op, function)                                              \
  friend Dual operator op(const Dual& a, const Dual& b) { return function(a, b); } \
  friend Dual& operator op##=(Dual& a, const Dual& b) { return a = function(a, b); }
  GRADUS_OPERATOR(+, add)
  GRADUS_OPERATOR(-, sub)
  GRADUS_OPERATOR(*, mul)
  GRADUS_OPERATOR(/, div)
#undef GRADUS_OPERATOR

// Comparisons of values, for where(); over SIMD batches, an answer for every lane.
#define GRADUS_OPERATOR(op) \
  friend auto operator op(const Dual& a, const Dual& b) { return a.value_ op b.value_; }
  GRADUS_OPERATOR(<)
  GRADUS_OPERATOR(>)
  GRADUS_OPERATOR(<=)
  GRADUS_OPERATOR(>=)
  GRADUS_OPERATOR(==)
#undef GRADUS_OPERATOR
  friend auto operator!=(const Dual& a, const Dual& b) { return !(a == b); }

  /// mask ? a : b; what was not chosen contributes nothing.
  template <class Mask>
  friend Dual where(const Mask& mask, const Dual& a, const Dual& b) {
    Dual y(math::select(mask, a.value_, b.value_));
    for_each_input([&](std::size_t i) {
      y.varies_[i] = a.varies_[i] || b.varies_[i];
      if (y.varies_[i]) y.partial_[i] = math::select(mask, a.partial_[i], b.partial_[i]);
    });
    return y;
  }

// What mixes elements has no meaning here, and says so.
#define GRADUS_NOT_ELEMENTWISE(function)                                                               \
  template <class... Rest>                                                                             \
  requires(!detail::is_elementwise(#function)) friend Dual function(const Dual& x, const Rest&...) {   \
    static_assert(sizeof...(Rest) > 99,                                                                \
                  "[fuse] " #function " is not elementwise: call it on the result of fuse() instead"); \
    return x;                                                                                          \
  }
  GRADUS_TENSOR_OPS(GRADUS_NOT_ELEMENTWISE)
#undef GRADUS_NOT_ELEMENTWISE

 private:
  /// Unrolled, so that the compiler sees for each input by itself what varies.
  template <class F>
  static void for_each_input(const F& f) {
    [&]<std::size_t... i>(std::index_sequence<i...>) { (f(i), ...); }
    (std::make_index_sequence<n>());
  }

  bool varies() const {
    bool result = false;
    for_each_input([&](std::size_t i) { result = result || varies_[i]; });
    return result;
  }

  template <class Rule>
  static Dual unary(const Rule& rule, const Dual& x) {
    Dual y(rule.forward(x.value_));
    if (x.varies()) y.add_along(rule.dx(x.value_, y.value_), x);
    return y;
  }

  template <class Rule>
  static Dual binary(const Dual& a, const Dual& b) {
    Dual y(Rule::forward(a.value_, b.value_));
    if (a.varies()) y.template add_along<Rule::da_is_one>(Rule::da(a.value_, b.value_, y.value_), a);
    if (b.varies()) y.template add_along<Rule::db_is_one>(Rule::db(a.value_, b.value_, y.value_), b);
    return y;
  }

  /// The chain rule: partials += local * the partials of an operand.
  template <bool local_is_one = false>
  void add_along(const V& local, const Dual& operand) {
    for_each_input([&](std::size_t i) {
      if (!operand.varies_[i]) return;
      V term = operand.partial_[i];
      if constexpr (!local_is_one) term = local * term;
      if constexpr (!local_is_one && absorbs) term = math::select(local == V(0), V(0), term);
      partial_[i] = varies_[i] ? partial_[i] + term : term;
      varies_[i] = true;
    });
  }

  V value_;
  std::array<V, n> partial_;    // 0 where the value does not vary
  std::array<bool, n> varies_;  // the same for all lanes, and known to the compiler once all is inlined
};

template <class V, std::size_t n, bool absorbs>
inline constexpr bool is_elementwise_operand<Dual<V, n, absorbs>> = true;

}  // namespace gradus
