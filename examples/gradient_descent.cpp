// Full-batch, stochastic and mini-batch gradient descent side by side: linear regression on 200 points, the
// same number of passes over them. One step on all points is exact and slow; one point a step is quick and
// noisy; 20 points a step lie between. Draws the losses into gradient_descent.svg.
#include <cstdio>
#include <string>
#include <vector>

#include <gradus/gradus.hpp>

using namespace gradus;

namespace {

constexpr std::size_t points = 200;
constexpr int epochs = 20;

/// y = 2 x1 - 3 x2 + 1 + noise.
nn::Dataset<float> draw_points() {
  Rng rng{3};
  nn::Dataset<float> set{xt::xarray<float>::from_shape({points, 2}),
                         xt::xarray<float>::from_shape({points, 1})};
  for (std::size_t i = 0; i < points; ++i) {
    const double a = rng.normal(), b = rng.normal();
    set.inputs(i, 0) = static_cast<float>(a);
    set.inputs(i, 1) = static_cast<float>(b);
    set.targets(i, 0) = static_cast<float>(2 * a - 3 * b + 1 + rng.normal(0, 0.5));
  }
  return set;
}

/// The loss over all points after each epoch, of steps on so many points at a time.
nn::Curve descend(const nn::Dataset<float>& set, std::size_t batch_size, double lr, const std::string& name) {
  Rng rng{1};
  const nn::Linear model{2, 1, rng};
  nn::SGD opt{model.parameters(), {.lr = lr}};
  nn::DataLoader<float, float> loader{set, {.batch_size = batch_size, .shuffle = true, .seed = 5}};
  nn::Curve curve{.name = name};
  for (int epoch = 0; epoch <= epochs; ++epoch) {
    if (epoch > 0)
      for (const auto& batch : loader) {
        opt.zero_grad();
        nn::mse_loss(model(batch.inputs), batch.targets).backward();
        opt.step();
      }
    const NoGrad off;
    curve.x.push_back(epoch);
    curve.y.push_back(nn::mse_loss(model(set.inputs), set.targets).item());
  }
  return curve;
}

}  // namespace

int main() {
  const nn::Dataset<float> set = draw_points();
  const std::vector<nn::Curve> curves{descend(set, points, 0.1, "full batch: 1 step an epoch"),
                                      descend(set, 1, 0.02, "stochastic: 200 steps an epoch"),
                                      descend(set, 20, 0.05, "mini-batches: 10 steps an epoch")};
  std::puts("epoch  full batch  stochastic  mini-batch   (mean squared error; noise alone: 0.25)");
  for (const std::size_t epoch : {0, 1, 2, 5, 10, 20})
    std::printf("%5zu  %10.4f  %10.4f  %10.4f\n", epoch, curves[0].y[epoch], curves[1].y[epoch],
                curves[2].y[epoch]);
  nn::write_svg("gradient_descent.svg",
                {{.title = "mean squared error", .x_label = "epoch", .curves = curves}});
}
