#pragma once

#include <gradus/ops/math.hpp>
#include <gradus/ops/rule.hpp>

/// Functions of angles, and the angles of values.
namespace gradus::rules {

// y = sin(x), dy/dx = cos(x)
struct Sin : Unary {
  static constexpr const char* name = "sin";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return math::sin(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return math::cos(x);
  }
};

// y = cos(x), dy/dx = -sin(x)
struct Cos : Unary {
  static constexpr const char* name = "cos";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return math::cos(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return -math::sin(x);
  }
};

// y = tan(x), dy/dx = 1 + y^2
struct Tan : Unary {
  static constexpr const char* name = "tan";
  static constexpr Reads reads = Reads::output;
  static constexpr Domain domain{-1.3, 1.3};
  template <class T>
  static T forward(const T& x) {
    return math::tan(x);
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return T(1) + y * y;
  }
};

// y = arcsin(x), dy/dx = 1/sqrt(1 - x^2): infinite at -1 and 1
struct Asin : Unary {
  static constexpr const char* name = "asin";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{-0.9, 0.9};
  template <class T>
  static T forward(const T& x) {
    return math::asin(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / math::sqrt((T(1) - x) * (T(1) + x));
  }
};

// y = arccos(x), dy/dx = -1/sqrt(1 - x^2): infinite at -1 and 1
struct Acos : Unary {
  static constexpr const char* name = "acos";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{-0.9, 0.9};
  template <class T>
  static T forward(const T& x) {
    return math::acos(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(-1) / math::sqrt((T(1) - x) * (T(1) + x));
  }
};

// y = arctan(x), dy/dx = 1/(1 + x^2)
struct Atan : Unary {
  static constexpr const char* name = "atan";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return math::atan(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / (T(1) + x * x);
  }
};

// y = the angle of the point (b, a), in [-pi, pi]; dy/da = b/(a^2 + b^2), dy/db = -a/(a^2 + b^2); kink: 0 at
// (0, 0)
struct Atan2 : Binary {
  static constexpr const char* name = "atan2";
  static constexpr Reads da_reads = Reads::first | Reads::second, db_reads = Reads::first | Reads::second,
                         reads = da_reads | db_reads;
  static constexpr Domain domain{0.3, 3};
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::atan2(a, b);
  }
  template <class T>
  static T da(const T& a, const T& b, const T&) {
    return along(b, math::hypot(a, b));
  }
  template <class T>
  static T db(const T& a, const T& b, const T&) {
    return -along(a, math::hypot(a, b));
  }

 private:
  /// x/r^2, where r^2 may be beyond the largest number, or below the smallest.
  template <class T>
  static T along(const T& x, const T& r) {
    return math::select(r == T(0), T(0), finite(x) / r / r);
  }
};

}  // namespace gradus::rules
