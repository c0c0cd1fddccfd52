#pragma once

#include <gradus/ops/math.hpp>
#include <gradus/ops/rule.hpp>

/// What networks put between their layers. Values, and derivatives at kinks, are those of PyTorch.
namespace gradus::rules {

/// x, cut where every exponential of it is 0 or 1 beside 1: 0 times an infinite x would be NaN.
template <class T>
T above_tail(const T& x) {
  return math::maximum(x, T(-1e4));
}
template <class T>
T between_tails(const T& x) {
  return math::minimum(above_tail(x), T(1e4));
}

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

// y = a where a > 0, else b a, b being the slope; dy/da = 1 or b, dy/db = 0 or a; kink: b at 0
// Source: A. L. Maas et al., "Rectifier nonlinearities improve neural network acoustic models" (2013).
struct LeakyRelu : Binary {
  static constexpr const char* name = "leaky_relu";
  static constexpr Reads da_reads = Reads::first | Reads::second, db_reads = Reads::first,
                         reads = da_reads | db_reads;
  static constexpr Domain second_domain{0.05, 0.5};
  static constexpr std::array<double, 1> kinks{0};
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::select(a > T(0), a, b * a);
  }
  template <class T>
  static T da(const T& a, const T& b, const T&) {
    return math::select(a > T(0), T(1), keep_nan(a, b));
  }
  template <class T>
  static T db(const T& a, const T&, const T&) {
    return math::select(a > T(0), T(0), a);
  }
};

// y = a where a > 0, else b (e^a - 1); dy/da = 1 or b e^a, dy/db = 0 or e^a - 1; kink: b at 0
// Source: D.-A. Clevert et al., "Fast and accurate deep network learning by exponential linear units" (2016).
struct Elu : Binary {
  static constexpr const char* name = "elu";
  static constexpr Reads da_reads = Reads::first | Reads::second, db_reads = Reads::first,
                         reads = da_reads | db_reads;
  static constexpr Domain second_domain{0.5, 1.5};
  static constexpr std::array<double, 1> kinks{0};
  template <class T>
  static T forward(const T& a, const T& b) {
    return math::select(a > T(0), a, b * math::expm1(a));
  }
  template <class T>
  static T da(const T& a, const T& b, const T&) {
    return math::select(a > T(0), T(1), b * math::exp(a));
  }
  template <class T>
  static T db(const T& a, const T&, const T&) {
    return math::select(a > T(0), T(0), math::expm1(a));
  }
};

// y = s elu(x, r) with s = 1.0507 and r = 1.6733, which keep means at 0 and variances at 1; dy/dx = s where x
// > 0, else s r e^x; kink: s r at 0 Source: G. Klambauer et al., "Self-normalizing neural networks" (2017).
struct Selu : Unary {
  static constexpr const char* name = "selu";
  static constexpr Reads reads = Reads::first;
  static constexpr std::array<double, 1> kinks{0};
  static constexpr double scale = 1.0507009873554804934, scale_r = 1.6732632423543772848 * scale;
  template <class T>
  static T forward(const T& x) {
    return math::select(x > T(0), T(scale) * x, T(scale_r) * math::expm1(x));
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return math::select(x > T(0), T(scale), T(scale_r) * math::exp(x));
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

// y = x P(x), P the normal distribution function erfc(-x/sqrt 2)/2; dy/dx = P(x) + x p(x), p its density
// Source: D. Hendrycks, K. Gimpel, "Gaussian error linear units" (2016).
struct Gelu : Unary {
  static constexpr const char* name = "gelu";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return above_tail(x) * probability(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    const T c = between_tails(x);
    return probability(x) + c * (T(0.39894228040143267794) * math::exp(T(-0.5) * (c * c)));
  }

 private:
  template <class T>
  static T probability(const T& x) {
    return T(0.5) * math::erfc(T(-0.70710678118654752440) * x);  // keeps its digits in the tail
  }
};

// y = x (1 + tanh u)/2 = x s with s = sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3), which is close to gelu;
// dy/dx = s + x s (1 - s) d(2u)/dx
struct GeluTanh : Unary {
  static constexpr const char* name = "gelu_tanh";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return above_tail(x) * gate(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    const T c = between_tails(x), s = gate(x);
    return s + c * (s * (T(1) - s)) * (T(twice_root) + T(3 * 0.044715 * twice_root) * (c * c));
  }

 private:
  static constexpr double twice_root = 1.59576912160573071176;  // 2 sqrt(2/pi)
  template <class T>
  static T gate(const T& x) {
    return Sigmoid::forward(T(twice_root) * (x + T(0.044715) * (x * x * x)));
  }
};

// y = x s with s = sigmoid(x), dy/dx = s (1 + x (1 - s))
// Source: S. Elfwing et al., "Sigmoid-weighted linear units" (2018); also called swish.
struct Silu : Unary {
  static constexpr const char* name = "silu";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return above_tail(x) * Sigmoid::forward(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    const T s = Sigmoid::forward(x);
    return s * (T(1) + between_tails(x) * (T(1) - s));
  }
};

// y = x t with t = tanh(ln(1 + e^x)), dy/dx = t + x (1 - t^2) sigmoid(x)
// Source: D. Misra, "Mish: a self regularized non-monotonic activation function" (2019).
struct Mish : Unary {
  static constexpr const char* name = "mish";
  static constexpr Reads reads = Reads::first;
  template <class T>
  static T forward(const T& x) {
    return above_tail(x) * gate(x);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    const T t = gate(x);
    return t + between_tails(x) * (T(1) - t * t) * Sigmoid::forward(x);
  }

 private:
  /// With e = e^x: (e^2 + 2e)/(e^2 + 2e + 2), which is divided by e^2 where that may be infinite.
  template <class T>
  static T gate(const T& x) {
    const auto is_large = x > T(0);
    const T e = math::exp(math::select(is_large, -x, x));
    const T n = math::select(is_large, T(1) + T(2) * e, e * (e + T(2)));
    return n / (n + T(2) * math::select(is_large, e * e, T(1)));
  }
};

// y = x/(1 + |x|), dy/dx = 1/(1 + |x|)^2
struct Softsign : Unary {
  static constexpr const char* name = "softsign";
  static constexpr Reads reads = Reads::first;
  static constexpr std::array<double, 1> kinks{0};  // of the derivative
  template <class T>
  static T forward(const T& x) {
    const T c = math::minimum(math::maximum(x, T(-1e38)), T(1e38));  // infinity by itself would be NaN
    return c / (T(1) + math::abs(c));
  }
  template <class T>
  static T dx(const T& x, const T&) {
    const T r = T(1) / (T(1) + math::abs(x));
    return r * r;
  }
};

// y = min(max(x + 3, 0), 6)/6, dy/dx = 1/6 where -3 < x < 3, else 0; kinks: 0 at -3 and 3
struct HardSigmoid : Unary {
  static constexpr const char* name = "hard_sigmoid";
  static constexpr Reads reads = Reads::first;
  static constexpr Domain domain{-4, 4};
  static constexpr std::array<double, 2> kinks{-3, 3};
  template <class T>
  static T forward(const T& x) {
    return math::minimum(math::maximum(x + T(3), T(0)), T(6)) / T(6);
  }
  template <class T>
  static T dx(const T& x, const T&) {
    return math::select(math::abs(x) < T(3), T(1.0 / 6), keep_nan(x, T(0)));
  }
};

}  // namespace gradus::rules
