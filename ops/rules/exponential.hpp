#pragma once

#include <gradus/ops/math.hpp>
#include <gradus/ops/rule.hpp>

/// Exponentials and logarithms.
namespace gradus::rules {

inline constexpr double ln_2 = 0.693147180559945309417, ln_10 = 2.30258509299404568402;

// y = e^x, dy/dx = y
struct Exp : Unary {
  static constexpr const char* name = "exp";
  static constexpr Reads reads = Reads::output;
  template <class T>
  static T forward(const T& x) {
    return math::exp(x);
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return y;
  }
};

// y = 2^x, dy/dx = y ln 2
struct Exp2 : Unary {
  static constexpr const char* name = "exp2";
  static constexpr Reads reads = Reads::output;
  template <class T>
  static T forward(const T& x) {
    return math::exp2(x);
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return T(ln_2) * y;
  }
};

// y = e^x - 1, dy/dx = e^x = y + 1
struct Expm1 : Unary {
  static constexpr const char* name = "expm1";
  static constexpr Reads reads = Reads::output;
  template <class T>
  static T forward(const T& x) {
    return math::expm1(x);
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return y + T(1);
  }
};

// y = ln x, dy/dx = 1/x
struct Log : Unary {
  static constexpr const char* name = "log";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{0.1, 5};
  template <class T>
  static T forward(const T& x) {
    return math::log(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / x;
  }
};

// y = log2 x, dy/dx = 1/(x ln 2)
struct Log2 : Unary {
  static constexpr const char* name = "log2";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{0.1, 5};
  template <class T>
  static T forward(const T& x) {
    return math::log2(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1 / ln_2) / x;
  }
};

// y = log10 x, dy/dx = 1/(x ln 10)
struct Log10 : Unary {
  static constexpr const char* name = "log10";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{0.1, 5};
  template <class T>
  static T forward(const T& x) {
    return math::log10(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1 / ln_10) / x;
  }
};

// y = ln(1 + x), dy/dx = 1/(1 + x)
struct Log1p : Unary {
  static constexpr const char* name = "log1p";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{-0.7, 3};
  template <class T>
  static T forward(const T& x) {
    return math::log1p(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / (T(1) + x);
  }
};

// y = ln(e^a + e^b) = max(a, b) + ln(1 + e^-|a - b|), dy/da = 1/(1 + e^(b-a)), dy/db = 1/(1 + e^(a-b))
// Two equal infinities share the gradient equally, as equal numbers do.
struct Logaddexp : Binary {
  static constexpr const char* name = "logaddexp";
  static constexpr Reads da_reads = Reads::first | Reads::second, db_reads = Reads::first | Reads::second,
                         reads = da_reads | db_reads;
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::maximum(a, b) + math::log1p(math::exp(-math::abs(finite(a) - finite(b))));
  }
  template <class T>
  static T da(const T& a, const T& b, const T&) {
    return T(1) / (T(1) + math::exp(finite(b) - finite(a)));
  }
  template <class T>
  static T db(const T& a, const T& b, const T& y) {
    return da(b, a, y);
  }
};

// y = ln(x/(1 - x)), the inverse of sigmoid; dy/dx = 1/(x (1 - x)): infinite at 0 and 1
struct Logit : Unary {
  static constexpr const char* name = "logit";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{0.1, 0.9};
  template <class T>
  static T forward(const T& x) {
    const T ratio = x / (T(1) - x), near_one = (T(2) * x - T(1)) / (T(1) - x);  // the ratio is 1 + near_one
    return math::select(math::abs(x - T(0.5)) < T(0.25), math::log1p(near_one), math::log(ratio));
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / (x * (T(1) - x));
  }
};

}  // namespace gradus::rules
