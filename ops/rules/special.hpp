#pragma once

#include <gradus/ops/math.hpp>
#include <gradus/ops/rule.hpp>

/// The error function, and the gamma function with its derivatives.
namespace gradus::rules {

inline constexpr double two_over_root_pi = 1.12837916709551257390;

// y = erf(x), dy/dx = 2/sqrt(pi) e^(-x^2)
struct Erf : Unary {
  static constexpr const char* name = "erf";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return math::erf(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(two_over_root_pi) * math::exp(-(x * x));
  }
};

// y = 1 - erf(x), dy/dx = -2/sqrt(pi) e^(-x^2)
struct Erfc : Unary {
  static constexpr const char* name = "erfc";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{-1.5, 1.5};
  template <class T>
  static T forward(const T& x) {
    return math::erfc(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(-two_over_root_pi) * math::exp(-(x * x));
  }
};

// y = ln |gamma(x)|, dy/dx = digamma(x)
struct Lgamma : Unary {
  static constexpr const char* name = "lgamma";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{0.5, 5};
  template <class T>
  static T forward(const T& x) {
    return math::lgamma(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return math::digamma(x);
  }
};

// y = gamma'(x)/gamma(x), dy/dx = polygamma(1, x)
struct Digamma : Unary {
  static constexpr const char* name = "digamma";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{0.5, 5};
  template <class T>
  static T forward(const T& x) {
    return math::digamma(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return math::polygamma(T(1), x);
  }
};

// y = the derivative of digamma of the order n (a = n, b = x), which counts as the whole number below it:
// dy/dn = 0. dy/dx = polygamma(n + 1, x). NaN unless 0 <= n < 101.
struct Polygamma : Binary {
  static constexpr const char* name = "polygamma";
  static constexpr Reads da_reads = Reads::first, db_reads = Reads::first | Reads::second,
                         reads = da_reads | db_reads;
  static constexpr Domain domain{0.1, 0.9}, second_domain{0.5, 5};
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::polygamma(a, b);
  }
  template <class T>
  static T da(const T& a, const T&, const T&) {
    return keep_nan(a, T(0));
  }
  template <class T>
  static T db(const T& a, const T& b, const T&) {
    return math::polygamma(a + T(1), b);
  }
};

}  // namespace gradus::rules
