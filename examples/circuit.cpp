// A calculation step by step, and its gradients from the last step to the first, as in CS231n,
// "Backpropagation, Intuitions". Two circuits: f = (x + y) z, and f = (x + sigmoid(y)) / (sigmoid(x) + (x +
// y)^2).
#include <cstdio>
#include <vector>

#include <gradus/gradus.hpp>

using gradus::Scalar;
using gradus::variable;

namespace {

void print_row(const Scalar& s) {
  std::printf("  %-22s %11.6f %11.6f\n", s.name().c_str(), s.value(), s.grad());
}

/// Sweeps from the last step and shows each with its value and df/d(step), then the variables.
void print_backward(const std::vector<Scalar>& steps, const std::vector<Scalar>& variables) {
  steps.back().backward();
  std::printf("     %-22s %11s %11s\n", "step", "value", "gradient");
  for (std::size_t i = steps.size(); i > 0; --i) {
    std::printf("(%zu)", i);
    print_row(steps[i - 1]);
  }
  for (const Scalar& x : variables) {
    std::printf("   ");
    print_row(x);
  }
}

void product_of_a_sum() {
  std::puts("f = (x + y) z");
  const Scalar x = variable(-2).named("x"), y = variable(5).named("y"), z = variable(-4).named("z");
  const Scalar q = (x + y).named("q = x + y");
  const Scalar f = (q * z).named("f = q z");
  print_backward({q, f}, {x, y, z});
}

void staged_expression() {
  std::puts("\nf = (x + sigmoid(y)) / (sigmoid(x) + (x + y)^2)");
  const Scalar x = variable(3).named("x"), y = variable(-4).named("y");
  const Scalar sigy = sigmoid(y).named("sigy = sigmoid(y)");
  const Scalar num = (x + sigy).named("num = x + sigy");
  const Scalar sigx = sigmoid(x).named("sigx = sigmoid(x)");
  const Scalar xpy = (x + y).named("xpy = x + y");
  const Scalar xpysqr = square(xpy).named("xpysqr = xpy^2");
  const Scalar den = (sigx + xpysqr).named("den = sigx + xpysqr");
  const Scalar invden = reciprocal(den).named("invden = 1 / den");
  const Scalar f = (num * invden).named("f = num invden");
  print_backward({sigy, num, sigx, xpy, xpysqr, den, invden, f}, {x, y});
}

}  // namespace

int main() {
  product_of_a_sum();
  staged_expression();
}
