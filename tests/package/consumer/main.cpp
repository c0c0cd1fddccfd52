// Somebody else's program: learns XOR with the installed library, and fuses an expression of its own.
#include <cstdio>

#include <gradus/gradus.hpp>

using namespace gradus;

namespace {

bool fuses() {
  const Tensor<double> x = variable(xt::xarray<double>{-1, 0, 2});
  sum(fuse([](auto v) { return square(v) + 3 * v; }, x)).backward();
  return x.grad() == xt::xarray<double>{1, 3, 7};
}

}  // namespace

int main() {
  const xt::xarray<float> corners{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  const xt::xarray<int> labels{0, 1, 1, 0};

  Rng rng{7};
  nn::Sequential model{nn::Linear{2, 8, rng}, nn::Tanh{}, nn::Linear{8, 2, rng}};
  nn::SGD optimizer{model.parameters(), {.lr = 0.5, .momentum = 0.9}};

  float first = 0, last = 0;
  for (int step = 0; step < 200; ++step) {
    optimizer.zero_grad();
    Tensor<float> loss = nn::cross_entropy(model(corners), labels);
    loss.backward();
    optimizer.step();
    last = loss.item();
    if (step == 0) first = last;
  }
  std::printf("loss %g -> %g\n", first, last);
  return fuses() && last < 0.1f * first ? 0 : 1;
}
