#pragma once

#include <gradus/ops/math.hpp>
#include <gradus/ops/rule.hpp>

/// Sums, products, quotients.
namespace gradus::rules {

// y = -x, dy/dx = -1
struct Neg : Unary {
  static constexpr const char* name = "neg";
  template <class T>
  static T forward(const T& x) {
    return T(-1) * x;  // -x of a SIMD batch is 0 - x, which loses the sign of 0
  }
  template <class T>
  static T dx(const T&, const T&) {
    return T(-1);
  }
};

// y = 1/x, dy/dx = -y^2
struct Reciprocal : Unary {
  static constexpr const char* name = "reciprocal";
  static constexpr Reads reads = Reads::output;
  static constexpr Domain domain{0.5, 3};
  template <class T>
  static T forward(const T& x) {
    return T(1) / x;
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return -(y * y);
  }
};

// y = x^2, dy/dx = 2x
struct Square : Unary {
  static constexpr const char* name = "square";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return x * x;
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(2) * x;
  }
};

// y = a + b, dy/da = dy/db = 1
struct Add : Binary {
  static constexpr const char* name = "add";
  static constexpr bool da_is_one = true, db_is_one = true;
  template <class T>
  static T forward(const T& a, const T& b) {
    return a + b;
  }
  template <class T>
  static T da(const T&, const T&, const T&) {
    return T(1);
  }
  template <class T>
  static T db(const T&, const T&, const T&) {
    return T(1);
  }
};

// y = a - b, dy/da = 1, dy/db = -1
struct Sub : Binary {
  static constexpr const char* name = "sub";
  static constexpr bool da_is_one = true;
  template <class T>
  static T forward(const T& a, const T& b) {
    return a - b;
  }
  template <class T>
  static T da(const T&, const T&, const T&) {
    return T(1);
  }
  template <class T>
  static T db(const T&, const T&, const T&) {
    return T(-1);
  }
};

// y = a b, dy/da = b, dy/db = a
struct Mul : Binary {
  static constexpr const char* name = "mul";
  static constexpr Reads da_reads = Reads::second, db_reads = Reads::first, reads = da_reads | db_reads;
  template <class T>
  static T forward(const T& a, const T& b) {
    return a * b;
  }
  template <class T>
  static T da(const T&, const T& b, const T&) {
    return b;
  }
  template <class T>
  static T db(const T& a, const T&, const T&) {
    return a;
  }
};

// y = a/b, dy/da = 1/b, dy/db = -y/b
struct Div : Binary {
  static constexpr const char* name = "div";
  static constexpr Reads da_reads = Reads::second, db_reads = Reads::second | Reads::output,
                         reads = da_reads | db_reads;
  static constexpr Domain second_domain{0.5, 3};
  template <class T>
  static T forward(const T& a, const T& b) {
    return a / b;
  }
  template <class T>
  static T da(const T&, const T& b, const T&) {
    return T(1) / b;
  }
  template <class T>
  static T db(const T&, const T& b, const T& y) {
    return -(y / b);
  }
};

// y = a - n b with n = a/b cut to a whole number, of the sign of a; dy/da = 1, dy/db = -n
// Where y jumps, at multiples of b, it is taken as it goes on from 0 outwards. NaN where b = 0 or a is
// infinite.
struct Fmod : Binary {
  static constexpr const char* name = "fmod";
  static constexpr Reads da_reads = Reads::none, db_reads = Reads::first | Reads::second | Reads::output,
                         reads = da_reads | db_reads;
  static constexpr Domain domain{4, 4.5}, second_domain{2.3, 3.9};
  static constexpr bool da_is_one = true;
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::fmod(a, b);
  }
  template <class T>
  static T da(const T&, const T&, const T&) {
    return T(1);
  }
  template <class T>
  static T db(const T& a, const T& b, const T& y) {
    return -math::round((a - y) / b);
  }
};

// y = g d, 0 where g = 0: how a gradient g passes a local derivative d. dy/dg = d, dy/dd = g
struct Flow : Binary {
  static constexpr const char* name = "flow";
  static constexpr Reads da_reads = Reads::second, db_reads = Reads::first, reads = da_reads | db_reads;
  template <class T>
  static T forward(const T& g, const T& d) {
    return math::flow(g, d);
  }
  template <class T>
  static T da(const T&, const T& d, const T&) {
    return d;
  }
  template <class T>
  static T db(const T& g, const T&, const T&) {
    return g;
  }
};

}  // namespace gradus::rules
