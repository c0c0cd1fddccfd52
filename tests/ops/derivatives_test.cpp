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

// f may use its argument and what that was made from.
TEST(Derivatives, TellTheArgumentFromWhatItLeadsTo) {
  const Scalar x = variable(3.0);
  EXPECT_EQ(grad([&](const Scalar& y) { return x * y; })(x).value(), 3);
  const auto nested = [](const Scalar& outer) {
    return outer * grad([&](const Scalar& y) { return outer * y; })(outer);
  };
  EXPECT_EQ(grad(nested)(3.0).value(), 6);
}

TEST(Derivatives, AreZeroWhereTheyVanish) {
  const auto f = [](const Scalar& x) { return x * x; };
  EXPECT_EQ(grad(grad(grad(grad(f))))(0.5).value(), 0);
  EXPECT_EQ(grad([](const Scalar&) { return Scalar(3.0); })(variable(0.5)).value(), 0);
  const auto flat = [](const Tensor<double>&) { return Tensor<double>(2.0); };
  expect_near(hessian(flat, Tensor<double>(xt::xarray<double>{1, 2})), {{0, 0}, {0, 0}});
}

TEST(Derivatives, LeaveGraphsThatAreCapturedAlone) {
  const Tensor<double> w = variable(xt::xarray<double>{1, 2});
  const Tensor<double> h = exp(w);
  const auto of_tensor = [&](const Tensor<double>& x) { return sum(h * x * x); };
  const auto of_tensors = [&](const std::vector<Tensor<double>>& x) { return sum(h * x[0] * x[0]); };
  const auto df = grad([&](const Scalar& x) { return to_scalar(sum(h * x * x)); });
  const Tensor<double> x = xt::xarray<double>{3, 4};
  for (int i = 0; i < 2; ++i) {
    (void)df(3.0);
    (void)vjp(of_tensors, std::vector<Tensor<double>>{x}, 1.0);
    (void)hvp(of_tensor, x, x);
    (void)hessian(of_tensor, x);
    EXPECT_TRUE(check_gradients(of_tensors, {x}).ok());
  }
  sum(h).backward();
  EXPECT_TRUE(w.has_grad());
}

TEST(Derivatives, WrongShapesAreErrors) {
  const std::vector<Tensor<double>> x{xt::xarray<double>{1, 2, 3}};
  const auto three = [](const std::vector<Tensor<double>>& in) { return in[0] * 2; };
  const auto constant = [](const std::vector<Tensor<double>>&) {
    return Tensor<double>(xt::xarray<double>{1, 2, 3});
  };
  const auto none = [](const std::vector<Tensor<double>>&) {
    return Tensor<double>(xt::xarray<double>(xt::zeros<double>({0})));
  };
  EXPECT_THROW(value_and_grad(three, x), ShapeError);
  EXPECT_THROW(value_and_grad(none, x), ShapeError);
  EXPECT_THROW(vjp(constant, x, xt::xarray<double>{1, 2}), ShapeError);
  EXPECT_THROW(hessian([](const Tensor<double>& v) { return v; }, x[0]), ShapeError);
}

TEST(Derivatives, WorkInsideNoGrad) {
  const Scalar x = variable(2.0);
  const NoGrad off;
  EXPECT_DOUBLE_EQ(grad(grad([](const Scalar& v) { return v * v * v; }))(2.0).value(), 12);
  EXPECT_FALSE(grad([](const Scalar& v) { return v * v; })(x).requires_grad());
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
