#include <string>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Scalars and tensors in one graph: one backward() runs through both.
namespace {

using namespace gradus;
using Matrix = xt::xarray<double>;

TEST(Mixed, AScalarTimesATensor) {
  const Scalar s = variable(3.0);
  const Tensor<double> x = variable(Matrix{1, 2});
  const Tensor<double> y = s * x;
  EXPECT_EQ(y.stage(), 1U);
  y.backward(Matrix{1, 10});
  EXPECT_EQ(s.grad(), 21.0);
  EXPECT_EQ(x.grad(), (Matrix{3, 30}));
}

TEST(Mixed, ATensorOfOneElementBecomesAScalar) {
  const Scalar s = variable(3.0);
  const Tensor<double> x = variable(Matrix{1, 2});
  const Scalar total = to_scalar(sum(x * x));
  EXPECT_EQ(total.stage(), 3U);
  const Scalar f = total * s + total;
  f.backward();
  EXPECT_EQ(f.value(), 20.0);
  EXPECT_EQ(s.grad(), 5.0);
  EXPECT_EQ(x.grad(), (Matrix{8, 16}));
  EXPECT_EQ(total.grad(), 4.0);
  EXPECT_THROW((void)to_scalar(x), ShapeError);
}

TEST(Mixed, ScalarsStackIntoATensor) {
  const Scalar a = variable(2.0), b = variable(3.0);
  const Tensor<double> v = stack({a * b, b, Scalar(7.0)});
  EXPECT_EQ(v.value(), (Matrix{6, 3, 7}));
  EXPECT_EQ(v.stage(), 2U);
  sum(v * v).backward();
  EXPECT_EQ(a.grad(), 2 * 6 * 3);
  EXPECT_EQ(b.grad(), 2 * 6 * 2 + 2 * 3);
}

TEST(Mixed, GradientsMeetWhereBothGraphsAlternate) {
  const Scalar s = variable(1.5);
  const Tensor<double> w = variable(Matrix{{1, 2}, {3, 4}});
  const auto f = [&](double sv, const Tensor<double>& wv, const Scalar& sc) {
    (void)sv;
    Scalar t = to_scalar(sum(tanh(wv * sc)));
    Tensor<double> u = wv * t + sc;
    t = to_scalar(mean(u * u)) * t + sc;
    return t * to_scalar(max(u));
  };
  f(1.5, w, s).backward();
  const double h = 1e-6;
  const auto value_at = [&](double sv) { return f(sv, w.detach(), Scalar(sv)).value(); };
  const double numerical = (value_at(1.5 + h) - value_at(1.5 - h)) / (2 * h);
  EXPECT_NEAR(s.grad(), numerical, 1e-6 * std::abs(numerical));
  for (std::size_t i = 0; i < 4; ++i) {
    const auto value_of = [&](double d) {
      Matrix moved = w.value();
      moved.data()[i] += d;
      return f(0, Tensor<double>(moved), Scalar(1.5)).value();
    };
    const double expected = (value_of(h) - value_of(-h)) / (2 * h);
    EXPECT_NEAR(w.grad().data()[i], expected, 1e-6 * std::abs(expected));
  }
}

TEST(Mixed, TheGradientOfAScalarIsSummedInDouble) {
  const Scalar s = variable(1.0);
  const std::size_t n = std::size_t{1} << 25;
  const Tensor<float> ones = full_array<float>({n}, 1.0F);
  backward(s * ones, full_array<float>({n}, 1.0F));
  EXPECT_EQ(s.grad(), static_cast<double>(n));
  const Tensor<float> pair = xt::xarray<float>{1e8F, 1.0F};
  s.zero_grad();
  backward(s * pair, xt::xarray<float>{1, 1});
  EXPECT_EQ(s.grad(), 100000001.0);
  static_assert(std::is_same_v<decltype(s * pair), Tensor<float>>);
}

TEST(Mixed, GradOfScalarRootsWithRespectToTensorsAndTheOtherWay) {
  const Scalar s = variable(3.0);
  const Tensor<double> x = variable(Matrix{1, 2});
  const Scalar root = to_scalar(sum(x * x)) * s;
  const std::vector<Tensor<double>> gx = grad(root, {x}, {.retain_graph = true});
  const std::vector<Scalar> gs = grad(root, {s});
  EXPECT_EQ(gx[0].value(), (Matrix{6, 12}));
  EXPECT_EQ(gs[0].value(), 5.0);
  EXPECT_EQ(grad(sum(x * s), {s})[0].value(), 3.0);
  EXPECT_FALSE(x.has_grad());
  EXPECT_FALSE(s.has_grad());
}

TEST(Mixed, ATensorStepSweptOnceFailsFromScalarRootsToo) {
  const Tensor<double> x = variable(Matrix{1, 2});
  const Scalar t = to_scalar(sum(x)), first = t * 2, second = t * 3;
  first.backward();
  EXPECT_THROW(second.backward(), GraphError);
  EXPECT_EQ(x.grad(), (Matrix{2, 2}));
}

TEST(Mixed, ABridgeIsARootOfItsOwn) {
  const Scalar s = variable(3.0);
  const Tensor<double> t = to_tensor(s * s);
  EXPECT_EQ(t.stage(), 1U);
  t.backward();
  EXPECT_EQ(s.grad(), 6.0);
  s.zero_grad();
  to_scalar(to_tensor(s)).backward();
  EXPECT_EQ(s.grad(), 1.0);
}

TEST(Mixed, ATensorOfVariablesMayBeSweptAgain) {
  const Scalar a = variable(2.0), b = variable(3.0);
  const Tensor<double> leaf = to_tensor(a), both = stack({a, b, 7.0}), step = stack({a, a * b});
  for (int i = 0; i < 2; ++i) {  // they save nothing that a sweep could release
    leaf.backward();
    both.backward(Matrix{1, 10, 100});
  }
  EXPECT_EQ(a.grad(), 4);
  EXPECT_EQ(b.grad(), 20);
  step.backward(Matrix{1, 1});
  EXPECT_THROW(step.backward(Matrix{1, 1}), GraphError);
  EXPECT_EQ(a.grad(), 8);
}

TEST(Mixed, TheVariableThatWasChangedIsNamed) {
  const Scalar a = variable(2.0).named("a"), b = variable(3.0).named("b");
  b.set_value(4.0);
  const Tensor<double> both = stack({b, a});
  a.set_value(5.0);
  try {
    sum(both).backward();
    ADD_FAILURE() << "it was swept";
  } catch (const GraphError& error) {
    EXPECT_NE(std::string(error.what()).find("the variable 'a' was changed"), std::string::npos)
        << error.what();
  }
}

TEST(Mixed, GradOfATensorWithRespectToTensorsOfTheOtherElementType) {
  const Tensor<double> x = variable(Matrix{1, 2});
  const Tensor<float> w = variable(xt::xarray<float>{3, 4});
  const auto loss = [&] { return sum(w * to_scalar(sum(x * x))); };  // 7 * |x|^2
  EXPECT_EQ(grad(loss(), {x})[0].value(), (Matrix{14, 28}));
  EXPECT_EQ(grad(loss(), {x}, Tensor<float>(2))[0].value(), (Matrix{28, 56}));
  EXPECT_EQ(grad(loss(), {w})[0].value(), (xt::xarray<float>{5, 5}));
  EXPECT_EQ(grad(sum(x * to_scalar(sum(w))), {w, w})[1].value(), (xt::xarray<float>{3, 3}));
  EXPECT_FALSE(x.has_grad() || w.has_grad());
}

}  // namespace
