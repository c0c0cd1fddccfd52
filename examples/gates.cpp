// Logic gates from perceptrons. AND, OR and NOT need one each, with weights set by hand (K. Saito, "Deep
// Learning from Scratch", chapter 2). No single one can do XOR; two layers can, and learn how.
#include <cstdio>
#include <vector>

#include <gradus/gradus.hpp>

using namespace gradus;

namespace {

/// Fires where x w + b > 0.
bool perceptron(const std::vector<double>& x, const std::vector<double>& w, double b) {
  double sum = b;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * w[i];
  return sum > 0;
}

/// A two-layer perceptron that has learned the outputs t (n, 1) for the inputs x (n, 2).
nn::Sequential<double> train(const Tensor<double>& x, const Tensor<double>& t) {
  Rng rng{1};
  nn::Sequential model{nn::Linear<double>{2, 4, rng}, nn::Sigmoid{}, nn::Linear<double>{4, 1, rng}};
  nn::SGD opt{model.parameters(), {.lr = 1, .momentum = 0.9}};
  for (int step = 0; step < 500; ++step) {
    opt.zero_grad();
    nn::binary_cross_entropy_with_logits(model(x), t).backward();
    opt.step();
  }
  return model;
}

}  // namespace

int main() {
  const xt::xarray<double> x{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  xt::xarray<double> t{0, 1, 1, 0};
  t.reshape({4, 1});
  const Tensor<double> y = sigmoid(train(x, t)(x));
  std::puts("a b | AND OR XOR   (certainty of XOR = 1)");
  bool is_right = true;
  for (std::size_t i = 0; i < 4; ++i) {
    const double a = x(i, 0), b = x(i, 1), certainty = y.value()(i, 0);
    const bool all = perceptron({a, b}, {0.5, 0.5}, -0.7), any = perceptron({a, b}, {0.5, 0.5}, -0.2);
    std::printf("%g %g |  %d   %d   %d    (%.3f)\n", a, b, all, any, certainty > 0.5, certainty);
    is_right &= all == (a && b) && any == (a || b) && (certainty > 0.5) == (a != b);
  }
  for (const double a : {0, 1}) std::printf("NOT %g = %d\n", a, perceptron({a}, {-1}, 0.5));
  return is_right ? 0 : 1;
}
