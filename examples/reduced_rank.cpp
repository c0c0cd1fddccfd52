// Reduced-rank regression: y = V W x, a linear network with a bottleneck of two units, learnt by gradient
// descent. Its best is known in closed form: the regression Y = B X without a bottleneck, cut to the leading
// singular directions of what it predicts (A. Izenman, "Reduced-rank regression for the multivariate linear
// model", 1975).
#include <cmath>
#include <cstdio>

#include <gradus/gradus.hpp>

using namespace gradus;
using Matrix = Tensor<double>;

namespace {

Matrix normal_matrix(std::size_t rows, std::size_t columns, Rng& rng) {
  xt::xarray<double> x = xt::xarray<double>::from_shape({rows, columns});
  for (double& v : x) v = rng.normal();
  return Matrix(x);
}

/// The loss of the best map of rank two: of the regression's predictions its two leading singular directions
/// stay.
double closed_form_loss(const Matrix& x, const Matrix& y) {
  const Matrix b = solve(matmul(transpose(x), x), matmul(transpose(x), y)), fit = matmul(x, b);
  const Matrix directions = transpose(svd(fit).vh);  // the columns
  const Matrix two = take(directions, xt::xarray<int>{0, 1}, 1);
  return nn::mse_loss(matmul(matmul(fit, two), transpose(two)), y).item();
}

}  // namespace

int main() {
  Rng rng{7};
  const Matrix x = normal_matrix(100, 5, rng);
  const Matrix truth = matmul(normal_matrix(5, 2, rng), normal_matrix(2, 4, rng));  // of rank two
  const Matrix y = matmul(x, truth) + 0.5 * normal_matrix(100, 4, rng);
  const Matrix w = variable(normal_matrix(5, 2, rng).value()), v = variable(normal_matrix(2, 4, rng).value());

  nn::SGD opt{{w, v}, {.lr = 0.05, .momentum = 0.9}};
  double loss = 0;
  for (int step = 0; step <= 1000; ++step) {
    opt.zero_grad();
    const Matrix error = nn::mse_loss(matmul(matmul(x, w), v), y);
    error.backward();
    opt.step();
    loss = error.item();
    if (step % 200 == 0) std::printf("step %4d  mean squared error %.8f\n", step, loss);
  }
  const double best = closed_form_loss(x, y);
  std::printf("closed form, by svd      %.8f\n", best);
  return std::abs(loss - best) < 1e-6 ? 0 : 1;
}
