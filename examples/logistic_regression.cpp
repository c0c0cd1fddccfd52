// Binary logistic regression: p = sigmoid(w x + b), by gradient descent on its cross-entropy, whose gradient
// is (p - t) x, and by Newton's method, iteratively reweighted least squares (C. Bishop, "Pattern Recognition
// and Machine Learning", 4.3.3), with the Hessian from differentiating twice. Both find the same weights.
#include <cmath>
#include <cstdio>

#include <gradus/gradus.hpp>

using namespace gradus;
using Matrix = Tensor<double>;

namespace {

/// Points with a 1 behind them, for the bias, and classes drawn with the probability that the true weights
/// say.
void draw(Matrix& inputs, Matrix& classes) {
  Rng rng{11};
  xt::xarray<double> x = xt::ones<double>({200, 3}), t = xt::zeros<double>({200});
  for (std::size_t i = 0; i < 200; ++i) {
    x(i, 0) = rng.normal();
    x(i, 1) = rng.normal();
    t(i) = rng.uniform() < 1 / (1 + std::exp(-(2 * x(i, 0) - x(i, 1) + 0.5))) ? 1 : 0;
  }
  inputs = Matrix(x);
  classes = Matrix(t);
}

Matrix by_gradient_descent(const Matrix& x, const Matrix& t) {
  const Matrix w = variable(xt::xarray<double>{0, 0, 0});
  nn::SGD opt{{w}, {.lr = 1, .momentum = 0.9}};
  for (int step = 0; step < 300; ++step) {
    opt.zero_grad();
    nn::binary_cross_entropy_with_logits(matmul(x, w), t).backward();
    opt.step();
  }
  return w;
}

/// w <- w - H^-1 g; the rows of H are gradients of the elements of g.
Matrix by_newton(const Matrix& x, const Matrix& t) {
  const Matrix w = variable(xt::xarray<double>{0, 0, 0});
  for (int step = 1; step <= 7; ++step) {
    const Matrix loss = nn::binary_cross_entropy_with_logits(matmul(x, w), t);
    const Matrix g = grad(loss, {w}, {.create_graph = true})[0];
    std::vector<Matrix> rows;
    for (int i = 0; i < 3; ++i)
      rows.push_back(grad(sum(take(g, xt::xarray<int>{i}, 0)), {w}, {.retain_graph = true})[0]);
    std::printf("Newton step %d: loss %.10f, |gradient| %.1e\n", step, loss.item(), norm(g).item());
    w.set_value((w - solve(stack(rows), g)).value());
  }
  return w;
}

}  // namespace

int main() {
  Matrix x, t;
  draw(x, t);
  const Matrix newton = by_newton(x, t), descent = by_gradient_descent(x, t);
  const auto print = [](const char* name, const Matrix& w) {
    std::printf("%-17s %9.6f %9.6f %9.6f\n", name, w.value()(0), w.value()(1), w.value()(2));
  };
  print("gradient descent", descent);
  print("Newton", newton);
  print("truth", Matrix(xt::xarray<double>{2, -1, 0.5}));
  return max(abs(newton - descent)).item() < 1e-6 ? 0 : 1;
}
