#pragma once

#include <array>

#include <gradus/ops/math.hpp>

/// What every elementwise rule says of itself; the rules are in ops/rules.hpp.
namespace gradus::rules {

/// What a derivative reads, so that nothing else is kept for it.
enum class Reads : unsigned { none = 0, first = 1, second = 2, output = 4 };

constexpr Reads operator|(Reads a, Reads b) {
  return static_cast<Reads>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool reads(Reads all, Reads one) {
  return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

/// Where tests and benchmarks sample an operand.
struct Domain {
  double low, high;
};

/// What most rules of one operand share.
struct Unary {
  static constexpr Reads reads = Reads::none;
  static constexpr Domain domain{-3, 3};
  static constexpr std::array<double, 0> kinks{};  // where numerical differentiation is meaningless
  static constexpr bool keeps_nan = true;
};

/// What most rules of two operands share. `reads` is the union of what the two derivatives read.
struct Binary {
  static constexpr Reads da_reads = Reads::none, db_reads = Reads::none, reads = Reads::none;
  static constexpr Domain domain{-3, 3}, second_domain{-3, 3};
  static constexpr std::array<double, 0> kinks{};              // of the first operand
  static constexpr bool da_is_one = false, db_is_one = false;  // then the gradient is passed on as it is
  static constexpr bool kink_at_equal = false;
};

/// A derivative that does not depend on x: c, but NaN where x is.
template <class T>
T keep_nan(const T& x, const T& c) {
  return math::select(math::is_nan(x), x, c);
}

/// x, with the largest finite numbers in place of the infinities: differences and quotients of two are not
/// NaN.
template <class T>
T finite(const T& x) {
  return math::minimum(math::maximum(x, -math::largest<T>()), math::largest<T>());
}

}  // namespace gradus::rules
