#pragma once

#include <cstddef>
#include <random>
#include <vector>

/// The three scalar workloads, over any differentiable number type V, so that every engine runs the same
/// text.
namespace workloads {

/// Parameters and data of the moons network 2-16-16-1, as plain numbers.
struct Moons {
  static constexpr std::size_t samples = 100, hidden = 16;
  std::vector<double> parameters;
  std::vector<double> x, label;  // (samples, 2) and (samples), labels -1 or 1

  Moons() {
    std::mt19937_64 generator(1);
    std::normal_distribution<double> normal;
    parameters.resize((2 + 1) * hidden + (hidden + 1) * hidden + hidden + 1);
    for (double& p : parameters) p = 0.5 * normal(generator);
    for (std::size_t i = 0; i < samples; ++i) {
      label.push_back(i % 2 == 0 ? 1 : -1);
      x.push_back(normal(generator) + label.back());
      x.push_back(normal(generator));
    }
  }
};

/// One layer: weights (out, in + 1), the bias last.
template <class V, class X, class Activation>
std::vector<V> layer(const V*& weights, const std::vector<X>& in, std::size_t out, Activation activation) {
  std::vector<V> result;
  result.reserve(out);
  for (std::size_t o = 0; o < out; ++o) {
    V sum = weights[in.size()];
    for (std::size_t i = 0; i < in.size(); ++i) sum = sum + weights[i] * in[i];
    weights += in.size() + 1;
    result.push_back(activation(sum));
  }
  return result;
}

/// Mean hinge loss of the network with ReLU over all samples: about 65,000 steps.
template <class V, class Relu>
V moons_loss(const Moons& data, const std::vector<V>& parameters, Relu relu) {
  V total = 0.0;
  for (std::size_t s = 0; s < Moons::samples; ++s) {
    const V* weights = parameters.data();
    const std::vector<double> x{data.x[2 * s], data.x[2 * s + 1]};
    const std::vector<V> first = layer(weights, x, Moons::hidden, relu);
    const std::vector<V> second = layer(weights, first, Moons::hidden, relu);
    const std::vector<V> score = layer(weights, second, 1, [](const V& v) { return v; });
    total = total + relu(1.0 - data.label[s] * score[0]);
  }
  return total / static_cast<double>(Moons::samples);
}
constexpr double moons_steps = 100 * (16 * (2 * 2 + 1) + 16 * (2 * 16 + 1) + 2 * 16 + 4);

/// CS231n's staged expression f = (x + sigmoid(y)) / (sigmoid(x) + (x + y)^2), summed 20,000 times.
constexpr std::size_t staged_repetitions = 20000;
constexpr double staged_steps = 8.0 * staged_repetitions;
template <class V, class Sigmoid, class Square>
V staged_sum(const V& x, const V& y, Sigmoid sigmoid, Square square) {
  V total = 0.0;
  for (std::size_t i = 0; i < staged_repetitions; ++i)
    total = total + (x + sigmoid(y)) / (sigmoid(x) + square(x + y));
  return total;
}

/// y <- y a + b, 500,000 times: a chain of 1,000,000 steps.
constexpr std::size_t chain_length = 500000;
constexpr double chain_steps = 2.0 * chain_length;
template <class V>
V chain(const V& a, const V& b) {
  V y = a;
  for (std::size_t i = 0; i < chain_length; ++i) y = y * a + b;
  return y;
}

}  // namespace workloads
