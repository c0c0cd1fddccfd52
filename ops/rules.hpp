#pragma once

#include <gradus/ops/math.hpp>
#include <gradus/ops/rule.hpp>

/// The elementwise rules: value and local derivatives, each written once, over any number type T.
/// forward() is the value y. dx(x, y) of one operand, da(a, b, y) and db(a, b, y) of two, are the local
/// derivatives; whatever a rule does not declare as read may be any value. A rule uses operators, T(constant)
/// and math:: only; a branch is math::select, of which both sides are computed. Values at kinks are chosen
/// and stated; NaN goes in and comes out, in the value and in the derivative.
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

// y = 1/(1 + e^-x), dy/dx = y (1 - y)
struct Sigmoid : Unary {
  static constexpr const char* name = "sigmoid";
  static constexpr Reads reads = Reads::output;
  template <class T>
  static T forward(const T& x) {
    return T(1) / (T(1) + math::exp(-x));  // finite everywhere: e^-x may be infinite, its reciprocal is 0
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return y * (T(1) - y);
  }
};

// y = max(x, 0), dy/dx = 1 where y > 0, else 0; kink: 0 at 0
struct Relu : Unary {
  static constexpr const char* name = "relu";
  static constexpr Reads reads = Reads::output;
  static constexpr std::array<double, 1> kinks{0};
  template <class T>
  static T forward(const T& x) {
    return math::maximum(x, T(0));
  }
  template <class T>
  static T dx(const T&, const T& y) {
    return math::select(y > T(0), T(1), T(0) * y);  // 0 * y keeps NaN
  }
};

// y = ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|), dy/dx = 1/(1 + e^-x)
struct Softplus : Unary {
  static constexpr const char* name = "softplus";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return math::maximum(x, T(0)) + math::log1p(math::exp(-math::abs(x)));
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / (T(1) + math::exp(-x));
  }
};

// y = ln sigmoid(x) = min(x, 0) - ln(1 + e^-|x|), dy/dx = sigmoid(-x) = 1/(1 + e^x)
struct LogSigmoid : Unary {
  static constexpr const char* name = "log_sigmoid";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return math::minimum(x, T(0)) - math::log1p(math::exp(-math::abs(x)));
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return T(1) / (T(1) + math::exp(x));
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
    const T inside = math::select(math::is_nan(x), x, T(1));
    return math::select(x < T(lo), T(0), math::select(x > T(hi), T(0), inside));
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
