// A network of three layers by hand, and the same with other functions (K. Saito, "Deep Learning from
// Scratch", chapter 3): hidden layers of sigmoid, ReLU or tanh, an output that is taken as it is (regression)
// or made probabilities by softmax (classification).
#include <cstdio>
#include <string>
#include <vector>

#include <gradus/gradus.hpp>

using namespace gradus;

namespace {

struct Network {
  Tensor<double> w1, b1, w2, b2, w3, b3;
};

/// The weights of the book.
Network init_network() {
  return {variable(xt::xarray<double>{{0.1, 0.3, 0.5}, {0.2, 0.4, 0.6}}),
          variable(xt::xarray<double>{0.1, 0.2, 0.3}),
          variable(xt::xarray<double>{{0.1, 0.4}, {0.2, 0.5}, {0.3, 0.6}}),
          variable(xt::xarray<double>{0.1, 0.2}),
          variable(xt::xarray<double>{{0.1, 0.3}, {0.2, 0.4}}),
          variable(xt::xarray<double>{0.1, 0.2})};
}

template <class Hidden>
Tensor<double> forward(const Network& net, const Tensor<double>& x, const Hidden& hidden) {
  const Tensor<double> z1 = hidden(linear(x, net.w1, net.b1));
  const Tensor<double> z2 = hidden(linear(z1, net.w2, net.b2));
  return linear(z2, net.w3, net.b3);
}

template <class Hidden>
void show(const std::string& name, const Hidden& hidden) {
  const Network net = init_network();
  const xt::xarray<double> x{{1.0, 0.5}};
  const Tensor<double> y = forward(net, x, hidden), p = softmax(y);
  sum(y).backward();  // how the output would grow with each weight of the first layer
  const xt::xarray<double>& g = net.w1.grad();
  std::printf("%-8s %9.6f %9.6f  %8.6f %8.6f  %9.6f\n", name.c_str(), y.value()(0, 0), y.value()(0, 1),
              p.value()(0, 0), p.value()(0, 1), g(0, 0));
}

}  // namespace

int main() {
  std::puts("hidden      identity output     softmax output     d(y1 + y2)/dW1[0,0]");
  show("sigmoid", [](const auto& a) { return sigmoid(a); });
  show("relu", [](const auto& a) { return relu(a); });
  show("tanh", [](const auto& a) { return tanh(a); });
}
