// A calculation step by step, and its gradients from the last step to the first, as in CS231n,
// "Backpropagation, Intuitions": f = (x + y) z, a sigmoid neuron of two inputs, and the staged expression
// f = (x + sigmoid(y)) / (sigmoid(x) + (x + y)^2). Draws each: product.dot, neuron.dot, staged.dot, and .svg
// where Gradus was built with libgraphviz.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <gradus/gradus.hpp>

using namespace gradus;

namespace {

void print_row(const Scalar& s) {
  std::printf("  %-22s %11.6f %11.6f\n", s.name().c_str(), s.value(), s.grad());
}

void draw(const Graph& whole, const std::string& name) {
  std::ofstream(name + ".dot") << whole.dot();
  try {
    std::ofstream(name + ".svg") << whole.svg();
  } catch (const DataError& error) {
    std::printf("no %s.svg: %s\n", name.c_str(), error.what());
  }
}

/// Sweeps from the last step and shows each with its value and df/d(step), then the leaves.
void print_backward(const char* name, const std::vector<Scalar>& steps, const std::vector<Scalar>& leaves) {
  const Graph whole = graph(steps.back());  // before the sweep, which releases it
  steps.back().backward();
  std::printf("     %-22s %11s %11s\n", "step", "value", "gradient");
  for (std::size_t i = steps.size(); i > 0; --i) {
    std::printf("(%zu)", i);
    print_row(steps[i - 1]);
  }
  for (const Scalar& x : leaves) std::printf("   "), print_row(x);
  draw(whole, name);
}

void product_of_a_sum() {
  std::puts("f = (x + y) z");
  const Scalar x = variable(-2).named("x"), y = variable(5).named("y"), z = variable(-4).named("z");
  const Scalar q = (x + y).named("q = x + y"), f = (q * z).named("f = q z");
  print_backward("product", {q, f}, {x, y, z});
}

void neuron() {
  std::puts("\nf = 1 / (1 + e^-(w0 x0 + w1 x1 + w2))");
  const Scalar w0 = variable(2).named("w0"), x0 = variable(-1).named("x0"), w1 = variable(-3).named("w1"),
               x1 = variable(-2).named("x1"), w2 = variable(-3).named("w2");
  const Scalar f = (1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))).named("f");
  print_backward("neuron", {f}, {w0, x0, w1, x1, w2});
}

void staged_expression() {
  std::puts("\nf = (x + sigmoid(y)) / (sigmoid(x) + (x + y)^2)");
  const Scalar x = variable(3).named("x"), y = variable(-4).named("y");
  const Scalar sigy = sigmoid(y).named("sigy = sigmoid(y)"), num = (x + sigy).named("num = x + sigy");
  const Scalar sigx = sigmoid(x).named("sigx = sigmoid(x)");
  const Scalar xpy = (x + y).named("xpy = x + y");
  const Scalar xpysqr = square(xpy).named("xpysqr = xpy^2");
  const Scalar den = (sigx + xpysqr).named("den = sigx + xpysqr");
  const Scalar invden = reciprocal(den).named("invden = 1 / den");
  const Scalar f = (num * invden).named("f = num invden");
  print_backward("staged", {sigy, num, sigx, xpy, xpysqr, den, invden, f}, {x, y});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1)
    return std::puts("usage: circuit (draws into this folder)"), argv[1] != std::string("--help") ? 2 : 0;
  product_of_a_sum();
  neuron();
  staged_expression();
}
