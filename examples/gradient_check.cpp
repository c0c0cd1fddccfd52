// The gradients of a network of two layers, found by the chain rule and by numerical differentiation, and how
// far they are apart (K. Saito, "Deep Learning from Scratch", 5.7.3: TwoLayerNet.gradient against
// numerical_gradient).
#include <cmath>
#include <cstdio>

#include <gradus/gradus.hpp>

using namespace gradus;

namespace {

struct TwoLayerNet {
  nn::Linear<double> first, second;

  Tensor<double> loss(const xt::xarray<double>& x, const xt::xarray<int>& t) const {
    return nn::cross_entropy(second(sigmoid(first(x))), t);
  }
};

/// (f(w + h) - f(w - h)) / 2h for every weight, one after the other.
xt::xarray<double> numerical_gradient(const TwoLayerNet& net, const xt::xarray<double>& x,
                                      const xt::xarray<int>& t, const Tensor<double>& w) {
  const NoGrad off;
  const xt::xarray<double> at = w.value();
  xt::xarray<double> gradient = xt::zeros_like(at), moved = at;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const auto f = [&](double v) {
      moved.data()[i] = v;
      w.set_value(moved);
      return net.loss(x, t).item();
    };
    gradient.data()[i] = numerical_derivative(f, at.data()[i], Stencil::central);
    moved.data()[i] = at.data()[i];
  }
  w.set_value(at);
  return gradient;
}

}  // namespace

int main() {
  Rng rng{1};
  const TwoLayerNet net{{20, 8, rng}, {8, 4, rng}};
  xt::xarray<double> x = xt::xarray<double>::from_shape({3, 20});
  for (double& pixel : x) pixel = rng.uniform();
  const xt::xarray<int> t{1, 3, 0};

  const char* const names[] = {"W1", "b1", "W2", "b2"};
  const Tensor<double> parameters[] = {net.first.weight(), net.first.bias(), net.second.weight(),
                                       net.second.bias()};
  net.loss(x, t).backward();
  double worst = 0;
  for (int i = 0; i < 4; ++i) {
    const xt::xarray<double> backprop = parameters[i].grad();
    const Tensor<double> difference =
        abs(Tensor<double>(backprop) - numerical_gradient(net, x, t, parameters[i]));
    std::printf("%s: mean |difference| %.1e, largest gradient %.3f\n", names[i], mean(difference).item(),
                max(abs(Tensor<double>(backprop))).item());
    worst = std::max(worst, max(difference).item());
  }
  return worst < 1e-8 ? 0 : 1;
}
