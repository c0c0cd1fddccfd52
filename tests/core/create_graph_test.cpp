#include <cmath>

#include <gtest/gtest.h>

#include <gradus/core/record_books.hpp>
#include <gradus/gradus.hpp>

// grad() with create_graph: what it returns, what it leaves, and derivatives of several orders.
namespace {

using namespace gradus;

TEST(CreateGraph, ScalarsToAnyOrder) {
  const Scalar x = variable(0.7);
  Scalar y = pow(x, 5);
  double expected = 5;
  for (int order = 1; order <= 5; ++order) {
    y = grad(y, {x}, {.create_graph = true})[0];
    EXPECT_NEAR(y.value(), expected * std::pow(0.7, 5 - order), 1e-12) << order;
    expected *= 5 - order;
  }
  EXPECT_FALSE(x.has_grad());
}

TEST(CreateGraph, TensorsToAnyOrder) {
  const Tensor<double> x = variable(xt::xarray<double>{0.3, -0.8});
  Tensor<double> y = sin(x);
  for (int order = 1; order <= 6; ++order) {
    y = grad(sum(y), {x}, {.create_graph = true})[0];
    for (std::size_t i = 0; i < 2; ++i)
      EXPECT_NEAR(y.value()(i), std::sin(x.value()(i) + order * std::acos(-1) / 2), 1e-14) << order;
  }
}

TEST(CreateGraph, KeepsTheGraph) {
  const Tensor<double> x = variable(xt::xarray<double>{1, 2});
  const Tensor<double> y = sum(x * x * x);
  const Tensor<double> g = grad(y, {x}, {.create_graph = true})[0];
  (y + sum(g)).backward();  // 3 x^2 + 6 x
  EXPECT_EQ(x.grad()(0), 9);
  EXPECT_EQ(x.grad()(1), 24);
}

TEST(CreateGraph, MixedGraphsAreDifferentiatedTwice) {
  const Tensor<double> w = variable(xt::xarray<double>{0.5, -1.5});
  const Scalar s = variable(0.8);
  const auto f = [](const Tensor<double>& tensor, const Scalar& scalar) {
    const Scalar norm = to_scalar(sum(tensor * tensor * scalar));
    return norm * norm + exp(scalar) * to_scalar(sum(stack({scalar, norm}) * 2));
  };
  const Scalar y = f(w, s);
  const Scalar slope = grad(y, {s}, {.create_graph = true})[0];
  slope.backward();
  // q = w.w; y = q^2 s^2 + 2 e^s (s + q s)
  const double q = 2.5, e = std::exp(0.8);
  EXPECT_NEAR(slope.value(), 2 * q * q * 0.8 + 2 * e * (1 + q) * (0.8 + 1), 1e-12);
  EXPECT_NEAR(s.grad(), 2 * q * q + 2 * e * (1 + q) * (0.8 + 2), 1e-12);
  const double by_q = 4 * q * 0.8 + 2 * e * 1.8;
  EXPECT_NEAR(w.grad()(0), by_q * 2 * 0.5, 1e-12);
  EXPECT_NEAR(w.grad()(1), by_q * 2 * -1.5, 1e-12);
  const Tensor<double> of_w = grad(f(w, s), {w}, {.create_graph = true})[0];
  EXPECT_TRUE(of_w.requires_grad());
  const double mixed = to_scalar(sum(of_w)).value();
  EXPECT_NEAR(mixed, (2 * q * 0.64 + 2 * e * 0.8) * 2 * (0.5 - 1.5), 1e-12);
}

TEST(CreateGraph, WithRespectToSteps) {
  const Tensor<double> x = variable(xt::xarray<double>{1, 2});
  const Tensor<double> h = x * x, y = sum(h * h);
  const Tensor<double> g = grad(y, {h}, {.create_graph = true})[0];  // 2 h
  EXPECT_EQ(g.value()(1), 8);
  EXPECT_EQ(grad(sum(g), {x})[0].value()(1), 8);  // 4 x
}

TEST(CreateGraph, OfALinearFunctionIsAConstant) {
  const Tensor<double> x = variable(xt::xarray<double>{1, 2});
  const Tensor<double> g = grad(sum(3 * x), {x}, {.create_graph = true})[0];
  EXPECT_EQ(g.value()(0), 3);
  EXPECT_FALSE(g.requires_grad());
  const Scalar s = variable(2.0);
  EXPECT_FALSE(grad(3 * s, {s}, {.create_graph = true})[0].requires_grad());
}

TEST(CreateGraph, ASeedMayLeadToVariablesToo) {
  const Tensor<double> x = variable(xt::xarray<double>{1, 2}), v = variable(xt::xarray<double>{3, 4});
  const Tensor<double> g = grad(x * x, {x}, v, {.create_graph = true})[0];  // 2 x v
  const Tensor<double> by_v = grad(sum(g), {v})[0];
  EXPECT_EQ(by_v.value()(1), 4);
}

TEST(CreateGraph, InsideNoGradGradientsAreConstants) {
  const Scalar x = variable(3.0), y = x * x * x;
  {
    const NoGrad off;
    const Scalar g = grad(y, {x}, {.create_graph = true})[0];
    EXPECT_EQ(g.value(), 27);
    EXPECT_FALSE(g.requires_grad());
  }
  EXPECT_EQ(grad(y, {x})[0].value(), 27);  // and the graph is still there
}

TEST(CreateGraph, AGradientOfZeroCanStillBeDifferentiated) {
  // d/dx of x^2 at 0 is 0; its derivative is 2, though the incoming gradients are 0.
  const Scalar x = variable(0.0);
  const Scalar g = grad(x * x, {x}, {.create_graph = true})[0];
  EXPECT_EQ(g.value(), 0);
  EXPECT_EQ(grad(g, {x})[0].value(), 2);
  const Tensor<double> t = variable(xt::xarray<double>{0.0});
  const Tensor<double> slope = grad(sum(square(square(t) + t)), {t}, {.create_graph = true})[0];
  EXPECT_EQ(grad(sum(slope), {t})[0].value()(0), 2);
}

// By itself: in a longer function GCC 12's check for null pointers fails falsely on the thread's record.
void add_variable(std::vector<Scalar>& list, double value) { list.push_back(variable(value)); }

// A recorded sweep takes handles of variables that have none any more.
TEST(CreateGraph, VariablesThatHaveEndedAreGivenAwayOnce) {
  const Scalar w = variable(2.0);
  for (int round = 0; round < 3; ++round) {
    Scalar y, g;
    {
      const Scalar x = variable(3.0);
      y = w * x * x;
    }
    g = grad(y, {w}, {.create_graph = true})[0];
    EXPECT_EQ(g.value(), 9);
    y = g = 0.0;
    std::vector<Scalar> fresh;
    for (int i = 0; i < 20; ++i) add_variable(fresh, i);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(fresh[static_cast<std::size_t>(i)].value(), i);
    fresh[3].set_value(70);
    EXPECT_EQ(fresh[4].value(), 4);
  }
}

TEST(CreateGraph, TheGradientOfAScalarIsSummedInDouble) {
  const Tensor<float> t = xt::xarray<float>{1e8F, 1, -1e8F, 3e7F, -3e7F, 0.5F};
  const Scalar s = variable(1.0);
  EXPECT_EQ(grad(sum(t * s), {s})[0].value(), 1.5);
  EXPECT_EQ(grad(sum(t * s), {s}, {.create_graph = true})[0].value(), 1.5);
}

TEST(CreateGraph, ManyTimesInBoundedMemory) {
  const Scalar x = variable(0.5);
  double total = 0;
  for (int i = 0; i < 20000; ++i) {
    Scalar y = x;
    for (int k = 0; k < 20; ++k) y = sin(y) * x;
    const Scalar g = grad(y, {x}, {.create_graph = true})[0];
    total += grad(g * g, {x})[0].value();
  }
  EXPECT_TRUE(std::isfinite(total));
  EXPECT_LT(detail::thread_record.books->chunks.size(), 256U);
}

}  // namespace
