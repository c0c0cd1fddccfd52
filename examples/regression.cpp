// Regression: a network with one hidden layer of sigmoids and an identity output learns a sine from noisy
// samples by minimising the sum of squares (C. Bishop, "Pattern Recognition and Machine Learning", chapter
// 5).
#include <cmath>
#include <cstdio>
#include <numbers>

#include <gradus/gradus.hpp>

using namespace gradus;

int main() {
  constexpr std::size_t samples = 60;
  Rng rng{3};
  xt::xarray<double> x = xt::xarray<double>::from_shape({samples, 1}), t = x;
  for (std::size_t i = 0; i < samples; ++i) {
    x(i, 0) = rng.uniform(-1, 1);
    t(i, 0) = std::sin(std::numbers::pi * x(i, 0)) + rng.normal(0, 0.05);
  }

  nn::Sequential model{nn::Linear<double>{1, 8, rng, {.weight = nn::init::normal(2)}}, nn::Sigmoid{},
                       nn::Linear<double>{8, 1, rng}};
  nn::SGD opt{model.parameters(), {.lr = 0.005, .momentum = 0.9}};
  for (int step = 0; step <= 5000; ++step) {
    opt.zero_grad();
    const Tensor<double> loss = nn::sum_squared_error(model(x), t);
    loss.backward();
    opt.step();
    if (step % 1000 == 0) std::printf("step %4d  sum of squares / 2 = %.4f\n", step, loss.item());
  }

  std::puts("     x  sin(pi x)  network");
  double worst = 0;
  for (int i = -4; i <= 4; ++i) {
    const double at = 0.225 * i, sine = std::sin(std::numbers::pi * at);
    const double y = model(xt::xarray<double>({1, 1}, at)).item();
    std::printf("%6.3f  %9.3f  %7.3f\n", at, sine, y);
    worst = std::max(worst, std::abs(y - sine));
  }
  std::printf("largest error %.3f\n", worst);
  return worst < 0.1 ? 0 : 1;
}
