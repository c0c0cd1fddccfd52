#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// What the API promises about tensors in a graph, sentence by sentence.
namespace {

using namespace gradus;
using Matrix = xt::xarray<double>;

Tensor<double> pair(double a, double b) { return variable(Matrix{a, b}); }

/// The message of the Error that `f` must throw.
template <class E>
std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another exception: " << error.what();
    return {};
  }
  ADD_FAILURE() << "no exception";
  return {};
}

#define EXPECT_ERROR(Type, expression, part)                                    \
  do {                                                                          \
    const std::string message = message_of<Type>([&] { expression; });          \
    EXPECT_NE(message.find(part), std::string::npos) << "message: " << message; \
  } while (false)

TEST(TensorGradients, AccumulateUntilZeroed) {
  const Tensor<double> x = pair(1, 2);
  EXPECT_FALSE(x.has_grad());
  EXPECT_EQ(x.grad(), (Matrix{0, 0}));
  sum(x * x).backward();
  sum(x * x).backward();
  EXPECT_TRUE(x.has_grad());
  EXPECT_EQ(x.grad(), (Matrix{4, 8}));
  x.zero_grad();
  EXPECT_FALSE(x.has_grad());
  EXPECT_EQ(x.grad(), (Matrix{0, 0}));
}

TEST(TensorGradients, AGradientOfZeroHasArrived) {
  const Tensor<double> x = pair(-1, -2);
  sum(relu(x)).backward();
  EXPECT_TRUE(x.has_grad());
  EXPECT_EQ(x.grad(), (Matrix{0, 0}));
}

TEST(TensorGradients, AConstantHasNone) {
  const Tensor<double> c = Matrix{1, 2};
  EXPECT_FALSE(c.requires_grad());
  EXPECT_FALSE(c.has_grad());
  EXPECT_ERROR(GraphError, (void)c.grad(), "variable()");
  EXPECT_ERROR(GraphError, sum(c).backward(), "[backward]");
}

TEST(TensorGradients, OfStepsAreDroppedUnlessAskedFor) {
  const Tensor<double> x = pair(1, 2);
  const Tensor<double> dropped = x * 2.0, retained = (x * 3.0).retain_grad();
  sum(dropped + retained).backward();
  EXPECT_FALSE(dropped.has_grad());
  EXPECT_ERROR(GraphError, (void)dropped.grad(), "retain_grad");
  EXPECT_EQ(retained.grad(), (Matrix{1, 1}));

  const Tensor<double> kept = x * 2.0;
  backward(sum(kept * kept), {.retain_graph = false, .keep_grads = true});
  EXPECT_EQ(kept.grad(), (Matrix{4, 8}));
}

TEST(TensorGradients, OfStepsStartAfreshInEachSweep) {
  const Tensor<double> x = pair(1, 2);
  const Tensor<double> y = x * 2.0, root = sum(y);
  for (int i = 0; i < 3; ++i) {
    backward(root, {.retain_graph = true, .keep_grads = true});
    EXPECT_EQ(y.grad(), (Matrix{1, 1}));
  }
  EXPECT_EQ(x.grad(), (Matrix{6, 6}));
}

TEST(FreeGrad, ReturnsGradientsAndLeavesEveryGradAlone) {
  const Tensor<double> x = pair(1, 2), unrelated = pair(5, 6);
  sum(x).backward();
  const Tensor<double> y = x * x;
  const auto g = grad(sum(y * 3.0), {x, unrelated, y});
  EXPECT_EQ(g[0].value(), (Matrix{6, 12}));
  EXPECT_EQ(g[1].value(), (Matrix{0, 0}));
  EXPECT_EQ(g[2].value(), (Matrix{3, 3}));
  EXPECT_FALSE(g[0].requires_grad());
  EXPECT_EQ(x.grad(), (Matrix{1, 1}));
  EXPECT_FALSE(unrelated.has_grad());
  EXPECT_FALSE(y.has_grad());
}

TEST(FreeGrad, ReleasesTheGraphUnlessRetained) {
  const Tensor<double> x = pair(1, 2), root = sum(x * x);
  (void)grad(root, {x}, {.retain_graph = true});
  (void)grad(root, {x});
  EXPECT_ERROR(GraphError, (void)grad(root, {x}), "retain_graph");
  EXPECT_ERROR(GraphError, (void)grad(sum(x), {Tensor<double>(1.0)}), "constant");
}

TEST(SweepingTwice, FailsAndAddsNothing) {
  const Tensor<double> x = pair(1, 2);
  const Tensor<double> shared = x * x, first = sum(shared), second = sum(shared + x);
  first.backward();
  EXPECT_ERROR(GraphError, first.backward(), "retain_graph");
  EXPECT_ERROR(GraphError, second.backward(), "retain_graph");  // through a released step
  EXPECT_EQ(x.grad(), (Matrix{2, 4}));
}

TEST(SweepingTwice, WorksWhenRetained) {
  const Tensor<double> x = pair(1, 2), root = sum(x * x);
  backward(root, {.retain_graph = true});
  root.backward();
  EXPECT_EQ(x.grad(), (Matrix{4, 8}));
}

TEST(Roots, OfOneElementAndAnyShapeAreSeededWithOne) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{1, 1, 1}}) {
    const Tensor<double> x = variable(xt::xarray<double>(xt::xarray<double>::shape_type(shape), 3.0));
    (x * x).backward();
    EXPECT_EQ(x.grad().data()[0], 6.0);
    x.zero_grad();
    x.backward();  // a variable as its own root
    x.backward();
    EXPECT_EQ(x.grad().data()[0], 2.0);
  }
}

TEST(Roots, OfOtherShapesNeedASeedOfTheirShape) {
  const Tensor<double> x = pair(1, 2);
  EXPECT_ERROR(GraphError, (x * x).backward(), "[backward]");
  EXPECT_ERROR(GraphError, (x * x).backward(), "(2)");
  EXPECT_ERROR(ShapeError, (x * x).backward(Matrix{1, 2, 3}), "[backward]");
  EXPECT_ERROR(ShapeError, (x * x).backward(Matrix{1, 2, 3}), "(3)");
  EXPECT_ERROR(ShapeError, (x * x).backward(Matrix{1, 2, 3}), "(2)");
  EXPECT_FALSE(x.has_grad());
  (x * x).backward(Matrix{1, 10});
  EXPECT_EQ(x.grad(), (Matrix{2, 40}));
  backward(x * x, Matrix{1, 1}, {.retain_graph = true});
  EXPECT_EQ(x.grad(), (Matrix{4, 44}));
}

TEST(Roots, TakeATensorAsSeedToo) {
  const Tensor<double> x = variable(Matrix{1, 2}), seed = variable(Matrix{10, 100});
  (x * x).backward(seed * 2.0);
  EXPECT_EQ(x.grad(), (Matrix{40, 800}));
  EXPECT_FALSE(seed.has_grad());
  EXPECT_THROW((x * x).backward(sum(seed)), ShapeError);
}

TEST(Stages, AreOneMoreThanTheLargestInput) {
  const Tensor<double> x = pair(1, 2);
  const Tensor<double> c = Matrix{1, 2};
  EXPECT_EQ(x.stage(), 0U);
  EXPECT_EQ(c.stage(), 0U);
  EXPECT_EQ((c + c).stage(), 0U);
  const Tensor<double> y = tanh(x * c);
  EXPECT_EQ(y.stage(), 2U);
  EXPECT_EQ((x + y).stage(), 3U);
}

TEST(ChangingAVariable, MakesPendingGraphsFail) {
  const Tensor<double> x = pair(1, 2).named("weights"), y = pair(3, 4);
  const Tensor<double> product = x * y, before = x.detach(), root = sum(product);
  x.set_value(Matrix{7, 8});
  EXPECT_EQ(product.value(), (Matrix{3, 8}));  // what was recorded or detached keeps its value
  EXPECT_EQ(before.value(), (Matrix{1, 2}));
  EXPECT_EQ(x.value(), (Matrix{7, 8}));
  EXPECT_ERROR(GraphError, root.backward(), "weights");
  EXPECT_FALSE(y.has_grad());
  sum(x * y).backward();
  EXPECT_EQ(y.grad(), (Matrix{7, 8}));
}

TEST(ChangingAVariable, TheErrorNamesTheOneThatWasChanged) {
  const Tensor<double> x = pair(1, 2).named("first"), y = pair(3, 4).named("second");
  const auto message_after_changing = [&](const Tensor<double>& changed) {
    const Tensor<double> root = sum(concatenate({x * y, y}, 0));
    changed.set_value(Matrix{7, 8});
    try {
      root.backward();
    } catch (const GraphError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  for (const auto& [changed, other] : {std::pair(x, y), std::pair(y, x)}) {
    const std::string message = message_after_changing(changed);
    EXPECT_NE(message.find(changed.name()), std::string::npos) << message;
    EXPECT_EQ(message.find(other.name()), std::string::npos) << message;
  }
}

TEST(ChangingAVariable, KeepsTheShapeAndIsForVariablesOnly) {
  const Tensor<double> x = pair(1, 2);
  EXPECT_ERROR(ShapeError, x.set_value(Matrix{1, 2, 3}), "(2)");
  EXPECT_EQ(x.value(), (Matrix{1, 2}));
  EXPECT_ERROR(GraphError, (x + 1).set_value(Matrix{1, 2}), "[set_value]");
  EXPECT_ERROR(GraphError, Tensor<double>(Matrix{1, 2}).set_value(Matrix{1, 2}), "[set_value]");
}

TEST(Handles, ShareTheirNodeAndRebind) {
  Tensor<double> x = pair(1, 2);
  const Tensor<double> same = x;
  x += 1;
  EXPECT_EQ(same.value(), (Matrix{1, 2}));
  EXPECT_EQ(x.value(), (Matrix{2, 3}));
  x *= x;
  x -= Matrix{1, 1};
  x /= 2;
  EXPECT_EQ(x.stage(), 4U);
  sum(x).backward();
  EXPECT_EQ(same.grad(), (Matrix{2, 3}));
  EXPECT_EQ(same.named("a").name(), "a");
}

TEST(Handles, ThatWereMovedFromAreTheConstantZero) {
  for (Tensor<double> x : {pair(1, 2), pair(1, 2) * 2, Tensor<double>(Matrix{1, 2})}) {
    const Tensor<double> taken = std::move(x);
    EXPECT_EQ(taken.size(), 2U);
    for (const Tensor<double>& left : {x, Tensor<double>()}) {
      EXPECT_FALSE(left.requires_grad());
      EXPECT_EQ(left.shape(), Shape{});
      EXPECT_EQ(left.item(), 0);
      EXPECT_EQ((left + 1).item(), 1);
      EXPECT_EQ(left.detach().item(), 0);
      EXPECT_ERROR(GraphError, left.backward(), "constant");
    }
    x = pair(5, 6);
    EXPECT_EQ(x.value(), (Matrix{5, 6}));
  }
}

TEST(Handles, PrintTheirValue) {
  std::ostringstream out;
  out << variable(2.5) << ' ' << Scalar(-1) << ' ' << pair(1, 2) << ' '
      << Tensor<float>(xt::xarray<float>{{1, 2}, {3, 4}}) << ' ' << Tensor<double>();
  EXPECT_EQ(out.str(), "2.5 -1 { 1.,  2.} {{ 1.,  2.},\n { 3.,  4.}}  0.");
}

TEST(NoGradScope, RecordsNothing) {
  const Tensor<double> x = pair(1, 2);
  const Scalar s = variable(2.0);
  {
    const NoGrad off;
    EXPECT_FALSE((x * x).requires_grad());
    EXPECT_FALSE((s * s).requires_grad());
    EXPECT_FALSE(to_scalar(sum(x)).requires_grad());
    EXPECT_TRUE(variable(1.0).requires_grad());
  }
  EXPECT_TRUE((x * x).requires_grad());
  EXPECT_TRUE((s * s).requires_grad());
}

TEST(ZeroAbsorbs, InTensors) {
  const Tensor<double> x = pair(0, 4);
  sum(where(xt::xarray<bool>{false, true}, sqrt(x), x * 0.0)).backward();  // sqrt'(0) is infinite
  EXPECT_EQ(x.grad(), (Matrix{0, 0.25}));
  const Tensor<double> m = variable(Matrix{{1, 2}, {3, 4}});
  Matrix infinite{{INFINITY, 1}, {1, 1}};
  matmul(m, infinite).backward(Matrix{{0, 1}, {0, 1}});
  EXPECT_EQ(m.grad(), (Matrix{{1, 1}, {1, 1}}));
}

TEST(Item, IsForOneElement) {
  EXPECT_EQ(Tensor<double>(5).item(), 5);
  EXPECT_ERROR(ShapeError, (void)pair(1, 2).item(), "(2)");
}

TEST(Values, ConvertFromAndToXtensor) {
  const Tensor<double> x = pair(1, 2);
  const xt::xarray<double>& value = x.value();
  const Matrix copy = (x * 2).value();
  EXPECT_EQ(value, (Matrix{1, 2}));
  EXPECT_EQ(copy, (Matrix{2, 4}));
  const Tensor<float> f = variable(xt::xarray<float>{1, 2});
  static_assert(std::is_same_v<decltype(f * 2.0), Tensor<float>>);
  static_assert(std::is_same_v<decltype(variable(xt::xarray<int>{1, 2})), Tensor<double>>);
  EXPECT_EQ(f.ndim(), 1U);
  EXPECT_EQ(f.size(), 2U);
  EXPECT_EQ(f.shape(), Shape{2});
}

}  // namespace
