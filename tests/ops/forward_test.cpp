#include <cmath>
#include <limits>
#include <string>

#include "check_forward.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

namespace gradus::op_cases {
namespace {

using Tensors = std::vector<Tensor<double>>;

Tensors directions_of(const Tensors& inputs) {
  Rng rng{inputs.size()};
  Tensors directions;
  for (const Tensor<double>& x : inputs) {
    Array<double> values = empty_array<double>(x.shape());
    for (double& v : values) v = rng.uniform(-1, 1);
    directions.push_back(Tensor<double>(std::move(values)));
  }
  return directions;
}

Tensors moved(const Tensors& inputs, const Tensors& directions, double by) {
  Tensors result;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    result.push_back((inputs[i].detach() + directions[i] * by).detach());
  return result;
}

}  // namespace

void check_forward(const OfTensors& f, const Tensors& inputs) {
  const Tensors t = directions_of(inputs);
  const auto [y, tangent] = jvp(f, inputs, t);
  ASSERT_EQ(tangent.shape(), y.shape());
  const double h = 1e-5;
  const Tensor<double> above = f(moved(inputs, t, h)), below = f(moved(inputs, t, -h));
  for (std::size_t k = 0; k < y.size(); ++k) {
    Array<double> unit = full_array<double>(y.shape(), 0.0);
    unit.data()[k] = 1;
    const Tensors row = vjp(f, inputs, Tensor<double>(std::move(unit))).gradients;
    double expected = 0, size = 1;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      for (std::size_t j = 0; j < row[i].size(); ++j) {
        const double term = row[i].data()[j] * t[i].data()[j];
        expected += term;
        size += std::abs(term);
      }
    EXPECT_NEAR(tangent.data()[k], expected, 1e-12 * size) << "element " << k;
    const double numerical = (above.data()[k] - below.data()[k]) / (2 * h);
    EXPECT_NEAR(tangent.data()[k], numerical, 1e-5 * (size + std::abs(y.data()[k]))) << "element " << k;
  }
}

void check_forward(const OfScalars& f, const std::vector<Scalar>& inputs) {
  std::vector<Scalar> at, t;
  for (const Scalar& x : inputs) {
    at.push_back(variable(x.value()));
    t.push_back(0.7 - 0.4 * static_cast<double>(t.size()));
  }
  double expected = 0, size = 1;
  const std::vector<Scalar> slopes = grad(f(at), at);
  for (std::size_t i = 0; i < at.size(); ++i) {
    expected += slopes[i].value() * t[i].value();
    size += std::abs(slopes[i].value());
  }
  EXPECT_NEAR(jvp(f, inputs, t).tangent.value(), expected, 1e-12 * size);
}

}  // namespace gradus::op_cases

namespace {

using namespace gradus;
using namespace gradus::op_cases;
using Matrix = xt::xarray<double>;
const Tensor<double> three = Matrix{0.5, -1, 2}, direction = Matrix{1, 2, -1};

void expect_near(const Tensor<double>& got, const Matrix& expected, double tolerance = 1e-12) {
  ASSERT_EQ(got.value().shape(), expected.shape());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(got.data()[i], expected.data()[i], tolerance * std::max(1.0, std::abs(expected.data()[i])));
}

TEST(Jvp, OfClosedForms) {
  const auto [y, t] = jvp([](const Scalar& x) { return exp(x) * x; }, 2.0, 3.0);
  EXPECT_DOUBLE_EQ(y.value(), 2 * std::exp(2.0));
  EXPECT_NEAR(t.value(), 3 * 3 * std::exp(2.0), 1e-12);
  expect_near(jvp([](const Tensor<double>& x) { return x * x; }, three, direction).tangent, {1, -4, -4});
  const auto polar = [](const std::vector<Scalar>& v) { return stack({v[0] * cos(v[1]), v[0] * sin(v[1])}); };
  const std::vector<Scalar> at{2.0, 0.5};
  expect_near(jvp(polar, at, {1.0, 0.25}).tangent,
              {std::cos(0.5) - 0.5 * std::sin(0.5), std::sin(0.5) + 0.5 * std::cos(0.5)});
}

TEST(Jvp, OfLongScalarGraphs) {
  const auto f = [](const Scalar& x) {
    Scalar y = x;
    for (int i = 0; i < 10'000; ++i) y = y * 0.999 + x * 0.001;
    return y;
  };
  EXPECT_NEAR(jvp(f, 2.0, 1.0).tangent.value(), 1, 1e-9);
}

TEST(Jvp, OfMixedGraphs) {
  const auto f = [](const Tensor<double>& x) {
    const Scalar s = to_scalar(sum(x * x));
    const Scalar root = sqrt(s);
    return x * root + stack({s, root, s * root});
  };
  check_forward([&](const Tensors& in) { return f(in[0]); }, Tensors{three});
  check_forward([&](const Tensors& in) { return as_tensor<double>(to_scalar(prod(in[0])) * 2.0); },
                Tensors{three});
  const auto of_scalars = [](const std::vector<Scalar>& v) {
    return matmul(reshape(stack({v[0], v[1], v[0] * v[1]}), {1, 3}), reshape(exp(three) * v[1], {3, 1}));
  };
  const std::vector<Scalar> at{variable(1.5), variable(-0.5)};
  const auto y = to_scalar(of_scalars(at));
  const std::vector<Scalar> slopes = grad(y, at);
  EXPECT_NEAR(jvp(of_scalars, std::vector<Scalar>{1.5, -0.5}, {2.0, 3.0}).tangent.item(),
              2 * slopes[0].value() + 3 * slopes[1].value(), 1e-12);
}

TEST(Jvp, OfFloats) {
  const Tensor<float> x = xt::xarray<float>{1, 2}, t = xt::xarray<float>{3, -1};
  const Tensor<float> tangent = jvp([](const Tensor<float>& v) { return softmax(v * v); }, x, t).tangent;
  const auto wide = jvp([](const Tensor<double>& v) { return softmax(v * v); }, Tensor<double>(Matrix{1, 2}),
                        Matrix{3, -1});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(tangent.data()[i], wide.tangent.data()[i], 1e-6);
}

TEST(Jvp, TheSameInputTwice) {
  const auto f = [](const Tensors& in) { return in[0] * in[1]; };
  expect_near(jvp(f, Tensors{three, three}, {direction, three}).tangent, {0.5 + 0.25, -2 + 1, -2 + 4});
  const Tensor<double> x = variable(three.value());
  expect_near(jvp(f, Tensors{x, x}, {direction, 0.0 * direction}).tangent, {0.5, -2, -2});
}

TEST(Jvp, WhatIsUsedWithoutBeingGivenHasNoTangent) {
  const Tensor<double> w = variable(Matrix{1, 2, 3}), h = exp(w);
  const auto f = [&](const Tensor<double>& x) { return h * x; };
  expect_near(jvp(f, three, direction).tangent, {std::exp(1.0), 2 * std::exp(2.0), -std::exp(3.0)});
  EXPECT_FALSE(w.has_grad());
  sum(h).backward();  // the graph is still there
  EXPECT_TRUE(w.has_grad());
}

TEST(Jvp, ZeroTangentsAbsorb) {
  const Tensor<double> x = Matrix{0, 1, 4};
  expect_near(jvp([](const Tensor<double>& v) { return sqrt(v); }, x, Matrix{0, 0, 1}).tangent, {0, 0, 0.25});
  EXPECT_EQ(jvp([](const Scalar& v) { return log(v); }, 0.0, 0.0).tangent.value(), 0);
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor<double> factors = Matrix{inf, 1};
  const auto product = [&](const Tensor<double>& v) { return matmul(v, factors); };
  EXPECT_EQ(jvp(product, Tensor<double>(Matrix{1, 1}), Matrix{0, 3}).tangent.item(), 3);
}

TEST(Jvp, OfConstantsIsZero) {
  expect_near(jvp([](const Tensor<double>&) { return three; }, three, direction).tangent, {0, 0, 0});
  EXPECT_EQ(jvp([](const Scalar&) { return 3.0; }, 1.0, 1.0).tangent.value(), 0);
  const auto [y, t] = jvp([](const Scalar& x) { return x; }, 1.5, 2.5);
  EXPECT_EQ(y.value(), 1.5);
  EXPECT_EQ(t.value(), 2.5);
}

TEST(Jvp, WorksInsideNoGrad) {
  const Tensor<double> x = variable(three.value());
  const NoGrad off;
  const auto [y, t] = jvp([](const Tensor<double>& v) { return exp(v); }, x, direction);
  EXPECT_FALSE(y.requires_grad() || t.requires_grad());
  expect_near(t, {std::exp(0.5), 2 * std::exp(-1.0), -std::exp(2.0)});
}

TEST(Jvp, ConstantsInConstantsOut) {
  const auto [y, t] = jvp([](const Tensor<double>& v) { return softmax(exp(v)); }, three, direction);
  EXPECT_FALSE(y.requires_grad() || t.requires_grad());
  const auto [s, ds] = jvp([](const Scalar& v) { return exp(v); }, 1.0, 2.0);
  EXPECT_FALSE(s.requires_grad() || ds.requires_grad());
}

// Forward over reverse: H v, beside the two backward sweeps of hvp().
TEST(Jvp, OfAGradientMultipliesByTheHessian) {
  const auto f = [](const Tensor<double>& v) { return prod(v) + sum(v * v * v) + logsumexp(v) + norm(v); };
  const auto slope = [&](const Tensor<double>& v) { return grad(f(v), {v}, {.create_graph = true})[0]; };
  const Tensor<double> expected = hvp(f, three, direction);
  expect_near(jvp(slope, three, direction).tangent, expected.value());
  const auto of_scalar = [](const Scalar& v) { return sin(v) * v; };
  EXPECT_NEAR(jvp(grad(of_scalar), 0.5, 1.0).tangent.value(), 2 * std::cos(0.5) - 0.5 * std::sin(0.5), 1e-14);
}

// Forward over forward: d/dt d/dt f(x + t v).
TEST(Jvp, OfAJvp) {
  const auto f = [](const Tensor<double>& v) { return softmax(v * v); };
  const auto along = [&](const Tensor<double>& v) { return jvp(f, v, direction).tangent; };
  const double h = 1e-4;
  const Tensor<double> above = f(three + direction * h), middle = f(three), below = f(three - direction * h);
  const Tensor<double> second = (above - 2 * middle + below) / (h * h);
  expect_near(jvp(along, three, direction).tangent, second.value(), 1e-5);
  const auto cube = [](const Scalar& v) { return v * v * v; };
  const auto slope = [&](const Scalar& v) { return jvp(cube, v, 1.0).tangent; };
  EXPECT_DOUBLE_EQ(jvp(slope, 2.0, 1.0).tangent.value(), 12);
  // Each level differentiates by its own variable.
  const auto nested = [](const Scalar& outer) {
    return outer * jvp([&](const Scalar& y) { return outer * y; }, outer, 1.0).tangent;
  };
  EXPECT_DOUBLE_EQ(jvp(nested, 3.0, 1.0).tangent.value(), 6);
}

// Reverse over forward: gradients of a tangent, by the input, the tangent, and a parameter that f captures.
TEST(Jvp, CanBeDifferentiated) {
  const auto f = [](const Tensors& in) {
    const auto inner = [w = in[2]](const Tensor<double>& x) { return softmax(matmul(tanh(x), w)) + x * x; };
    return sum(square(jvp(inner, in[0], in[1]).tangent));
  };
  const Tensor<double> square_matrix = Matrix{{0.1, -0.7, 0.4}, {0.9, 0.2, -0.3}, {-0.5, 0.6, 0.8}};
  const GradientCheck check =
      check_gradients(f, Tensors{square_matrix, cos(square_matrix), exp(square_matrix)});
  EXPECT_TRUE(check.ok()) << check;
  const auto of_scalars = [](const std::vector<Scalar>& v) {
    return jvp([&](const Scalar& x) { return sin(x * v[2]); }, v[0], v[1]).tangent;
  };
  const GradientCheck scalars = check_gradients(of_scalars, std::vector<Scalar>{0.3, 1.2, -0.7});
  EXPECT_TRUE(scalars.ok()) << scalars;
}

TEST(Jvp, ThroughACheckpointThatCapturesTheInput) {
  const auto f = [](const Tensors& in) {
    const Tensor<double> h = exp(in[0]);
    return checkpoint([h, x = in[0]](const Tensors& v) { return v[0] * h + x; }, Tensors{in[1]});
  };
  check_forward(f, {three, direction});
  const Tensors variables{variable(three.value()), variable(direction.value())};
  const Tensors t = directions_of(variables);
  expect_near(jvp(f, variables, t).tangent, jvp(f, Tensors{three, direction}, t).tangent.value());
}

TEST(Jvp, WrongCallsAreErrors) {
  const auto f = [](const Tensors& in) { return in[0] * 2; };
  const auto of_one = [](const Tensor<double>& x) { return x * 2; };
  const auto of_scalars = [](const std::vector<Scalar>& v) { return v[0] * 2; };
  const auto message = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THROW(jvp(f, Tensors{three}, {}), ValueError);
  EXPECT_THROW(jvp(f, Tensors{three}, {direction, direction}), ValueError);
  EXPECT_THROW(jvp(f, Tensors{three}, {Matrix{1, 2}}), ShapeError);
  EXPECT_THROW(jvp(of_one, three, Matrix{{1, 2, 3}}), ShapeError);
  EXPECT_THROW(jvp(of_one, three, 1.0), ShapeError);
  EXPECT_THROW(jvp(of_scalars, std::vector<Scalar>{1.0, 2.0}, {1.0}), ValueError);
  const Tensor<double> w = variable(three.value()), h = exp(w);
  sum(h).backward();
  EXPECT_THROW(jvp([&](const Tensor<double>& x) { return x * h; }, three, direction), GraphError);
  EXPECT_EQ(message([&] {
              jvp(f, Tensors{three, three}, {direction});
            }),
            "[jvp] 1 tangents for 2 inputs: expected one for each");
  EXPECT_EQ(message([&] {
              jvp(f, Tensors{three}, {Matrix{1, 2}});
            }),
            "[jvp] tangent 0 of shape (2): expected (3), the shape of its input");
  EXPECT_NE(
      message([&] { jvp([&](const Tensor<double>& x) { return x * h; }, three, direction); }).find("[jvp]"),
      std::string::npos);
}

}  // namespace
