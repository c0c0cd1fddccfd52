// An MLP of single numbers, each with a gradient of its own, tells two half-moons apart (after micrograd).
#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

#include <gradus/gradus.hpp>

using namespace gradus;
using Vector = std::vector<Scalar>;
using Layer = std::vector<Vector>;  // of each neuron its weights, the bias last

Layer make_layer(std::size_t in, std::size_t out, Rng& rng, Vector& parameters) {
  Layer layer(out);
  for (Vector& neuron : layer) {
    for (std::size_t i = 0; i <= in; ++i) neuron.push_back(variable(i < in ? rng.uniform(-1, 1) : 0.0));
    parameters.insert(parameters.end(), neuron.begin(), neuron.end());  // handles of the same numbers
  }
  return layer;
}

Vector feed(const Layer& layer, const Vector& x, bool with_relu = true) {
  Vector y;
  for (const Vector& neuron : layer) {
    Scalar sum = neuron.back();
    for (std::size_t i = 0; i < x.size(); ++i) sum += neuron[i] * x[i];
    y.push_back(with_relu ? relu(sum) : sum);
  }
  return y;
}

int main() {
  Rng rng{1337};
  Vector parameters;
  const Layer first = make_layer(2, 16, rng, parameters), second = make_layer(16, 16, rng, parameters),
              last = make_layer(16, 1, rng, parameters);
  std::vector<Vector> points;
  for (int i = 0; i < 100; ++i) {  // even ones on the upper moon, odd ones on the lower
    const double angle = std::numbers::pi * rng.uniform(), x = std::cos(angle), y = std::sin(angle);
    points.push_back({(i % 2 ? 1 - x : x) + rng.normal(0, 0.1), (i % 2 ? 0.5 - y : y) + rng.normal(0, 0.1)});
  }

  int right = 0;  // of the 100 points
  for (int step = 1; step <= 100; ++step) {
    Scalar loss = 0;  // mean hinge loss, and the squares of all parameters to keep them small
    right = 0;
    for (int i = 0; i < 100; ++i) {
      const Scalar margin = (i % 2 ? 1 : -1) * feed(last, feed(second, feed(first, points[i])), false)[0];
      loss += relu(1 - margin) / 100;
      right += margin > 0;
    }
    for (const Scalar& p : parameters) loss += 1e-4 * square(p);
    for (const Scalar& p : parameters) p.zero_grad();
    loss.backward();
    for (const Scalar& p : parameters) p.set_value(p.value() - (1 - 0.009 * step) * p.grad());
    if (step % 10 == 0) std::printf("step %3d  loss %.4f  accuracy %d%%\n", step, loss.value(), right);
  }
  return right == 100 ? 0 : 1;
}
