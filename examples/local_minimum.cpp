// Out of a local minimum: f(x) = x^4/4 - 2 x^2 + x has a shallow minimum on the right and a deep one on the
// left, and gradient descent starts on the right. Small learning rates stay there; a larger one leaps over
// the hill between; one that is too large diverges.
#include <cmath>
#include <cstdio>

#include <gradus/gradus.hpp>

using namespace gradus;

namespace {

Scalar f(const Scalar& x) { return pow(x, 4) / 4 - 2 * square(x) + x; }

/// Where x comes to in 100 steps from the right.
double descend(double eta) {
  const Scalar x = variable(3.0);
  std::printf("eta = %.2f:", eta);
  for (int step = 0; step < 100 && std::abs(x.value()) < 1e3; ++step) {
    if (step < 6) std::printf(" %7.3f", x.value());
    x.zero_grad();
    f(x).backward();
    x.set_value(x.value() - eta * x.grad());
  }
  const bool is_finite = std::abs(x.value()) < 1e3;
  std::printf("%s x = %.4f, f(x) = %.4f\n", is_finite ? " ... ->" : " ... diverges:", x.value(),
              f(x).value());
  return x.value();
}

}  // namespace

int main() {
  const double small = descend(0.02), medium = descend(0.18), large = descend(0.5);
  std::printf("minima: local at x = 1.8608, global at x = -2.1149\n");
  return small > 0 && medium < 0 && std::abs(large) > 1e3 ? 0 : 1;
}
