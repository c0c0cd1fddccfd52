#pragma once

#include <gradus/ops/math.hpp>
#include <gradus/ops/rule.hpp>

/// Powers and roots.
namespace gradus::rules {

// y = sqrt(x), dy/dx = 1/(2y): infinite at 0
struct Sqrt : Unary {
  static constexpr const char* name = "sqrt";
  static constexpr Reads reads = Reads::output;
  static constexpr Domain domain{0.1, 5};
  template <class T>
  static T forward(const T& x) {
    return math::sqrt(x);
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return T(0.5) / y;
  }
};

// y = 1/sqrt(x), dy/dx = -y^3/2: infinite at 0
struct Rsqrt : Unary {
  static constexpr const char* name = "rsqrt";
  static constexpr Reads reads = Reads::output;
  static constexpr Domain domain{0.3, 5};
  template <class T>
  static T forward(const T& x) {
    return T(1) / math::sqrt(x);
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return T(-0.5) * y * (y * y);
  }
};

// y = x^(1/3), the real root, also where x < 0; dy/dx = 1/(3 y^2): infinite at 0
struct Cbrt : Unary {
  static constexpr const char* name = "cbrt";
  static constexpr Reads reads = Reads::output;
  static constexpr Domain domain{0.1, 5};
  template <class T>
  static T forward(const T& x) {
    return math::cbrt(x);
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return T(1) / (T(3) * (y * y));
  }
};

// y = a^b, dy/da = b a^(b-1), dy/db = y ln a
// Where b = 0 the value is 1 for every a, so dy/da = 0 there, at a = 0 too. Where a = 0 and b >= 0, dy/db =
// 0, its limit. Where a < 0, dy/db is NaN: neighbouring exponents have no real value.
struct Pow : Binary {
  static constexpr const char* name = "pow";
  static constexpr Reads da_reads = Reads::first | Reads::second,
                         db_reads = Reads::first | Reads::second | Reads::output, reads = da_reads | db_reads;
  static constexpr Domain domain{0.3, 3}, second_domain{-2, 3};
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::pow(a, b);
  }
  template <class T>
  static T da(const T& a, const T& b, const T&) {
    return math::select(b == T(0), T(0), b * math::pow(a, b - T(1)));
  }
  template <class T>
  static T db(const T& a, const T& b, const T& y) {
    const T at_zero = math::select(b >= T(0), T(1), a);  // ln 1 = 0 makes the limit
    return y * math::log(math::select(a == T(0), at_zero, a));
  }
};

// y = sqrt(a^2 + b^2), dy/da = a/y, dy/db = b/y; kink: 0 at (0, 0). 1 or -1 along an infinite operand
struct Hypot : Binary {
  static constexpr const char* name = "hypot";
  static constexpr Reads da_reads = Reads::first | Reads::output, db_reads = Reads::second | Reads::output,
                         reads = da_reads | db_reads;
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::hypot(a, b);
  }
  template <class T>
  static T da(const T& a, const T&, const T& y) {
    return math::select(y == T(0), T(0), finite(a) / finite(y));
  }
  template <class T>
  static T db(const T& a, const T& b, const T& y) {
    return da(b, a, y);
  }
};

}  // namespace gradus::rules
