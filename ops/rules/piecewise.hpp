#pragma once

#include <gradus/ops/math.hpp>
#include <gradus/ops/rule.hpp>

/// Functions made of pieces: what is the larger, where a number lies.
namespace gradus::rules {

// y = |x|, dy/dx = sign(x); kink: 0 at 0
struct Abs : Unary {
  static constexpr const char* name = "abs";
  static constexpr Reads reads = Reads::first;
  static constexpr std::array<double, 1> kinks{0};
  template <class T>
  static T forward(const T& x) {
    return math::abs(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return math::select(x > T(0), T(1), math::select(x < T(0), T(-1), T(0) * x));  // 0 * x keeps NaN
  }
};

// y = -1, 0 or 1, by the sign of x; dy/dx = 0, at 0 too
struct Sign : Unary {
  static constexpr const char* name = "sign";
  static constexpr Reads reads = Reads::first;
  static constexpr std::array<double, 1> kinks{0};
  template <class T>
  static T forward(const T& x) {
    return math::select(x > T(0), T(1), math::select(x < T(0), T(-1), keep_nan(x, T(0))));
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return keep_nan(x, T(0));
  }
};

// y = the largest whole number <= x, dy/dx = 0, at whole numbers too
struct Floor : Unary {
  static constexpr const char* name = "floor";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{0.1, 0.9};
  template <class T>
  static T forward(const T& x) {
    return math::floor(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return keep_nan(x, T(0));
  }
};

// y = the smallest whole number >= x, dy/dx = 0, at whole numbers too
struct Ceil : Unary {
  static constexpr const char* name = "ceil";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{0.1, 0.9};
  template <class T>
  static T forward(const T& x) {
    return math::ceil(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return keep_nan(x, T(0));
  }
};

// y = the nearest whole number, the even one of two; dy/dx = 0, in the middle too
struct Round : Unary {
  static constexpr const char* name = "round";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{0.6, 1.4};
  template <class T>
  static T forward(const T& x) {
    return math::round(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return keep_nan(x, T(0));
  }
};

// y = x where it is finite; 0 for NaN, the largest and the smallest finite number for the infinities.
// dy/dx = 1 where x is finite, else 0
struct NanToNum : Unary {
  static constexpr const char* name = "nan_to_num";
  static constexpr Reads reads = Reads::first;
  static constexpr bool keeps_nan = false;
  template <class T>
  static T forward(const T& x) {
    return math::select(math::is_nan(x), T(0), finite(x));
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return math::select(math::abs(x) <= math::largest<T>(), T(1), T(0));
  }
};

// y = min(max(x, lo), hi), dy/dx = 1 where lo <= x <= hi, else 0; kinks: 1 at lo and hi
struct Clip {
  static constexpr const char* name = "clip";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{-3, 3};

  Clip(double low, double high) : lo(low), hi(high), kinks{low, high} {}
  double lo, hi;
  std::array<double, 2> kinks;

  template <class T>
  T forward(const T& x) const {
    return math::select(x < T(lo), T(lo), math::select(x > T(hi), T(hi), x));
  }
  template <class T>
  T dx(const T& x, const T&) const {
    const T inside = keep_nan(x, T(1));
    return math::select(x < T(lo), T(0), math::select(x > T(hi), T(0), inside));
  }
};

// y = 0 where a < 0, b where a = 0, 1 where a > 0; dy/da = 0, at 0 too; dy/db = 1 where a = 0, else 0
struct Heaviside : Binary {
  static constexpr const char* name = "heaviside";
  static constexpr Reads da_reads = Reads::first, db_reads = Reads::first, reads = da_reads | db_reads;
  static constexpr std::array<double, 1> kinks{0};
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::select(a > T(0), T(1), math::select(a < T(0), T(0), math::select(a == T(0), b, a)));
  }
  template <class T>
  static T da(const T& a, const T&, const T&) {
    return keep_nan(a, T(0));
  }
  template <class T>
  static T db(const T& a, const T&, const T&) {
    return math::select(a == T(0), T(1), keep_nan(a, T(0)));
  }
};

// y = max(a, b), the derivative is 1 for the larger, 0 for the smaller; kink: 1/2 each where they are equal
struct Maximum : Binary {
  static constexpr const char* name = "maximum";
  static constexpr Reads da_reads = Reads::first | Reads::second, db_reads = da_reads, reads = da_reads;
  static constexpr bool kink_at_equal = true;
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::maximum(a, b);
  }
  template <class T>
  static T da(const T& a, const T& b, const T&) {
    const T tie_or_nan = math::select(a == b, T(0.5), a + b);
    return math::select(a > b, T(1), math::select(a < b, T(0), tie_or_nan));
  }
  template <class T>
  static T db(const T& a, const T& b, const T& y) {
    return da(b, a, y);
  }
};

// y = min(a, b), the derivative is 1 for the smaller, 0 for the larger; kink: 1/2 each where they are equal
struct Minimum : Binary {
  static constexpr const char* name = "minimum";
  static constexpr Reads da_reads = Reads::first | Reads::second, db_reads = da_reads, reads = da_reads;
  static constexpr bool kink_at_equal = true;
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::minimum(a, b);
  }
  template <class T>
  static T da(const T& a, const T& b, const T& y) {
    return Maximum::da(b, a, y);
  }
  template <class T>
  static T db(const T& a, const T& b, const T& y) {
    return da(b, a, y);
  }
};

}  // namespace gradus::rules
