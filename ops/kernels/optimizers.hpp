#pragma once

#include <array>
#include <cstddef>

#include <gradus/core/dispatch.hpp>

/// One pass of an optimizer over a parameter, for float and double. Numbers below the smallest normal one are
/// taken for 0.
namespace gradus::kernels {

// What a pass needs to know. `arrays` is how many arrays it may remember for a parameter; only the first,
// `required`, are always there: which of the others are given is part of what it does. In the formulas g
// stands for the gradient with that of the penalty, g + weight_decay p.

/// v = momentum v + toward_g g, d = g + momentum v (nesterov) or v, p -= lr d. Arrays: v; without, p -= lr g.
struct SGDPass {
  static constexpr std::size_t arrays = 1, required = 0;
  double lr, momentum = 0, toward_g = 1;
  bool nesterov = false, maximize = false;  ///< maximize: with -g, before the penalty
  double weight_decay = 0;
};

/// s += g^2, p -= lr g / (sqrt(s) + epsilon). Arrays: s.
struct AdaGradPass {
  static constexpr std::size_t arrays = 1, required = 1;
  double lr, epsilon, weight_decay = 0;
};

/// s = alpha s + (1 - alpha) g^2, a = alpha a + (1 - alpha) g, v = momentum v + g / (sqrt(s - a^2) +
/// epsilon), p -= lr v. Arrays: s, a, v; without a it is 0, without v so is momentum.
struct RMSPropPass {
  static constexpr std::size_t arrays = 3, required = 1;
  double lr, alpha, epsilon, momentum = 0, weight_decay = 0;
};

/// s = rho s + (1 - rho) g^2, d = sqrt(u + epsilon) / sqrt(s + epsilon) g, u = rho u + (1 - rho) d^2,
/// p -= lr d. Arrays: s, u.
struct AdadeltaPass {
  static constexpr std::size_t arrays = 2, required = 2;
  double lr, rho, epsilon, weight_decay = 0;
};

/// The t-th pass, t = 1, 2, ...: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2,
/// p -= lr m' / (sqrt(v') + epsilon), with the corrected moments m' = m / (1 - beta1^t) and
/// v' = v / (1 - beta2^t). Decoupled weight decay is left out of g; p is multiplied by 1 - lr weight_decay
/// first. Arrays: m, v, w; with w, which is AMSGrad, w = max(w, v) takes the place of v in v'.
struct AdamPass {
  static constexpr std::size_t arrays = 3, required = 2;
  double lr, beta1, beta2, epsilon, t;
  double weight_decay = 0;
  bool decoupled = false;
};

/// m and v as in AdamPass, p -= (rate_g g + rate_m m) / (sqrt(v / (1 - beta2^t)) + epsilon). Arrays: m, v.
struct NAdamPass {
  static constexpr std::size_t arrays = 2, required = 2;
  double rate_g, rate_m, beta1, beta2, epsilon, t, weight_decay = 0;
};

/// p -= lr (sign(beta1 m + (1 - beta1) g) + weight_decay p), m = beta2 m + (1 - beta2) g, here with g alone.
/// Arrays: m.
struct LionPass {
  static constexpr std::size_t arrays = 1, required = 1;
  double lr, beta1, beta2, weight_decay = 0;
};

/// Changes p with gradient g, and the arrays, of which those that are not required may be null.
template <class T, class Pass>
void optimizer_update(T* p, const T* g, std::array<T*, Pass::arrays> arrays, const Pass& pass,
                      std::size_t n) {
  dispatch<optimizer_update<T, Pass>>(p, g, arrays, pass, n);
}

}  // namespace gradus::kernels
