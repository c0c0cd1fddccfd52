// A learning rate that decays: stochastic gradient descent on the mean of noisy samples. A constant rate
// keeps jumping about the minimum; with eta_t = eta_0 / (1 + t/tau), whose sum diverges while that of its
// squares converges, it settles (H. Robbins, S. Monro, "A stochastic approximation method", 1951).
#include <cmath>
#include <cstdio>
#include <functional>

#include <gradus/gradus.hpp>

using namespace gradus;

namespace {

constexpr double truth = 3;
constexpr int steps = 5000, last = 1000;

/// Minimises E (w - sample)^2 / 2. Returns the root mean square of w - truth over the last steps.
double descend(const char* name, const std::function<double(int)>& eta) {
  Rng rng{9};
  const Scalar w = variable(0.0);
  double squares = 0;
  for (int t = 0; t < steps; ++t) {
    if (t % 1000 == 0) std::printf("%-10s t = %4d  eta = %.4f  w = %.4f\n", name, t, eta(t), w.value());
    const Scalar loss = 0.5 * square(w - rng.normal(truth, 1));
    w.zero_grad();
    loss.backward();
    w.set_value(w.value() - eta(t) * w.grad());
    if (t >= steps - last) squares += (w.value() - truth) * (w.value() - truth);
  }
  return std::sqrt(squares / last);
}

}  // namespace

int main() {
  const double constant = descend("constant", [](int) { return 0.2; });
  const double decaying = descend("decaying", [](int t) { return 0.2 / (1 + t / 20.0); });
  std::printf("distance from the minimum in the last %d steps: constant %.4f, decaying %.4f\n", last,
              constant, decaying);
  return decaying < constant / 5 ? 0 : 1;
}
