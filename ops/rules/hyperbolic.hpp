#pragma once

#include <gradus/ops/math.hpp>
#include <gradus/ops/rule.hpp>

/// Hyperbolic functions and their inverses.
namespace gradus::rules {

// y = sinh(x), dy/dx = cosh(x)
struct Sinh : Unary {
  static constexpr const char* name = "sinh";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return math::sinh(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return math::cosh(x);
  }
};

// y = cosh(x), dy/dx = sinh(x)
struct Cosh : Unary {
  static constexpr const char* name = "cosh";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return math::cosh(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return math::sinh(x);
  }
};

// y = tanh(x), dy/dx = 1 - y^2
struct Tanh : Unary {
  static constexpr const char* name = "tanh";
  static constexpr Reads reads = Reads::output;
  template <class T>
  static T forward(const T& x) {
    return math::tanh(x);
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return T(1) - y * y;
  }
};

// y = arsinh(x), dy/dx = 1/sqrt(1 + x^2)
struct Asinh : Unary {
  static constexpr const char* name = "asinh";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return math::asinh(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / math::hypot(T(1), x);
  }
};

// y = arcosh(x), dy/dx = 1/sqrt(x^2 - 1): infinite at 1
struct Acosh : Unary {
  static constexpr const char* name = "acosh";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{1.2, 4};
  template <class T>
  static T forward(const T& x) {
    return math::acosh(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / (math::sqrt(x - T(1)) * math::sqrt(x + T(1)));
  }
};

// y = artanh(x), dy/dx = 1/(1 - x^2): infinite at -1 and 1
struct Atanh : Unary {
  static constexpr const char* name = "atanh";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{-0.9, 0.9};
  template <class T>
  static T forward(const T& x) {
    return math::atanh(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / ((T(1) - x) * (T(1) + x));
  }
};

}  // namespace gradus::rules
