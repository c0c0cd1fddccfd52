#include <cmath>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

namespace {

using namespace gradus;

void expect_near(const Tensor<double>& got, const xt::xarray<double>& expected, double tolerance = 1e-12) {
  ASSERT_EQ(got.value().shape(), expected.shape());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(got.data()[i], expected.data()[i], tolerance * std::max(1.0, std::abs(expected.data()[i])));
}

TEST(Derivatives, OfFunctionsOfOneScalar) {
  const auto f = [](const Scalar& x) { return sin(x) * x; };
  const auto df = grad(f);
  const auto d2f = grad(df);
  const auto d3f = grad(d2f);
  for (const double x : {-2.0, 0.0, 0.5, 3.0}) {
    EXPECT_DOUBLE_EQ(df(x).value(), std::cos(x) * x + std::sin(x));
    EXPECT_NEAR(d2f(x).value(), 2 * std::cos(x) - x * std::sin(x), 1e-14);
    EXPECT_NEAR(d3f(x).value(), -3 * std::sin(x) - x * std::cos(x), 1e-14);
    EXPECT_FALSE(d2f(x).requires_grad());
  }
  const auto [y, slope] = value_and_grad(f)(0.5);
  EXPECT_DOUBLE_EQ(y.value(), f(0.5).value());
  EXPECT_DOUBLE_EQ(slope.value(), df(0.5).value());
  EXPECT_EQ(grad([](const Scalar&) { return Scalar(3.0); })(1.0).value(), 0);
}

TEST(Derivatives, OfAnArgumentInAGraphStayInIt) {
  const Scalar x = variable(0.3);
  const auto df = grad([](const Scalar& v) { return exp(2 * v); });
  Scalar y = df(x * x);  // 2 e^(2 x^2)
  EXPECT_DOUBLE_EQ(y.value(), 2 * std::exp(0.18));
  y.backward();
  EXPECT_NEAR(x.grad(), 2 * std::exp(0.18) * 4 * 0.3, 1e-12);
}

TEST(Derivatives, WorkInsideNoGrad) {
  const NoGrad off;
  EXPECT_DOUBLE_EQ(grad(grad([](const Scalar& x) { return x * x * x; }))(2.0).value(), 12);
}

TEST(Derivatives, RosenbrocksHessian) {
  const auto rosenbrock = [](const std::vector<Scalar>& v) {
    return square(1 - v[0]) + 100 * square(v[1] - v[0] * v[0]);
  };
  const double x = -1.2, y = 1;
  const xt::xarray<double> expected{{2 - 400 * (y - 3 * x * x), -400 * x}, {-400 * x, 200}};
  expect_near(hessian(rosenbrock, std::vector<Scalar>{x, y}), expected);
}

TEST(Derivatives, JacobianHessianAndProductsOfTensors) {
  const xt::xarray<double> values{0.5, -1, 2};
  const Tensor<double> x = values;
  const auto f = [](const Tensor<double>& v) { return stack({sum(square(v)), prod(v)}); };
  expect_near(jacobian(f, x), {{1, -2, 4}, {-2, 1, -0.5}});
  const auto g = [](const Tensor<double>& v) { return prod(v) + sum(v * v * v); };
  const xt::xarray<double> h{{3, 2, -1}, {2, -6, 0.5}, {-1, 0.5, 12}};
  expect_near(hessian(g, x), h);
  expect_near(hvp(g, x, xt::xarray<double>{1, 2, -1}), {3 + 4 + 1, 2 - 12 - 0.5, -1 + 1 - 12});
  const auto pair = [](const std::vector<Tensor<double>>& in) { return in[0] * in[1]; };
  const auto [y, gradients] =
      vjp(pair, std::vector<Tensor<double>>{x, x + 1}, xt::xarray<double>{1, 10, 100});
  expect_near(y, {0.75, 0, 6});
  expect_near(gradients[0], {1.5, 0, 300});
  expect_near(gradients[1], {0.5, -10, 200});
  EXPECT_THROW(hvp(g, x, xt::xarray<double>{1, 2}), ShapeError);
}

// Nothing is left behind in the graphs of the arguments.
TEST(Derivatives, LeaveGradientsAlone) {
  const Tensor<double> x = variable(xt::xarray<double>{1, 2});
  const Scalar s = variable(2.0);
  (void)hessian([](const Tensor<double>& v) { return sum(exp(v)); }, x);
  (void)grad([](const Scalar& v) { return v * v; })(s);
  EXPECT_FALSE(x.has_grad());
  EXPECT_FALSE(s.has_grad());
}

}  // namespace
