#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/record.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/scalar_ops.hpp>

// What a sweep may not get wrong where the two graphs, the lives of handles and failures meet.
namespace gradus {
namespace {

using Matrix = xt::xarray<double>;

/// The message of the GraphError that `f` must throw.
std::string failure(const std::function<void()>& f) {
  try {
    f();
  } catch (const GraphError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no GraphError";
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Reached, WithZeroIsNotUnreached) {
  const Scalar x = variable(-1.0), h = x * 1.0;
  backward(h * 5.0, {.retain_graph = true});
  EXPECT_EQ(h.grad(), 5);
  // Every way a zero can arrive replaces the 5: times a derivative of 0 on either side of 0, and absorbed.
  const std::vector<std::function<Scalar()>> zeros{
      [&] { return relu(h); },        [&] { return -relu(h); }, [&] { return sqrt(relu(h)) * 0.0; },
      [&] { return relu(h) * -0.0; }, [&] { return h - h; },    [&] { return maximum(h, 2.0) * -3.0; }};
  for (const auto& zero : zeros) {
    backward(h * 5.0, {.retain_graph = true});
    const Scalar y = variable(1.0);
    (zero() + 0.0 * y).backward();
    EXPECT_EQ(h.grad(), 0);
    EXPECT_TRUE(h.has_grad());
    EXPECT_TRUE(y.has_grad());
    (y * 2.0).backward();  // does not reach h
    EXPECT_TRUE(h.has_grad());
    EXPECT_EQ(h.grad(), 0);
  }
  h.zero_grad();
  EXPECT_FALSE(h.has_grad());
  EXPECT_FALSE(std::signbit(h.grad()));
}

TEST(Reached, WithZeroFromATensorToo) {
  for (const double zero : {0.0, -0.0}) {
    const Scalar x = variable(2.0), h = x * 3.0;
    backward(h, {.retain_graph = true});
    stack({h, x}).backward(Matrix{zero, zero});
    EXPECT_TRUE(h.has_grad());
    EXPECT_EQ(h.grad(), 0);
    EXPECT_EQ(x.grad(), 3);
    (to_tensor(h) * 2.0).backward(Matrix(zero));
    EXPECT_TRUE(h.has_grad());
  }
}

TEST(Reached, NaNIsPassedOnWhereTheGradientIsNotZero) {
  const Scalar x = variable(0.0);
  (log(x) * 2.0).backward();
  EXPECT_EQ(x.grad(), std::numeric_limits<double>::infinity());
  x.zero_grad();
  (log(x) - log(x)).backward();
  EXPECT_TRUE(std::isnan(x.grad()));
}

TEST(Lives, AVariableMayDieBeforeTheStepsThatUseIt) {
  const Scalar y = square(variable(3.0)), z = variable(5.0), w = variable(4.0) * variable(2.0);
  y.backward();
  w.backward();
  EXPECT_FALSE(z.has_grad());
  Scalar sum = 0;
  for (int i = 0; i < 300'000; ++i) sum += variable(1.0);  // must not look through all of them each time
  sum.backward();
  EXPECT_EQ(sum.value(), 300'000);
  EXPECT_FALSE(z.has_grad());
}

TEST(Lives, OneTemporaryMayBeBothOperands) {
  const auto square_of = [](Scalar&& x) { return std::move(x) * std::move(x); };
  const Scalar x = variable(3.0), kept = x * 1.0;
  const Scalar y = square_of(x * 2.0);
  y.backward();
  EXPECT_EQ(x.grad(), 8 * 3);
  kept.backward();
  EXPECT_EQ(x.grad(), 8 * 3 + 1);
}

TEST(Lives, TheLastHandlesMayGoDuringTheSweep) {
  // Chains that end just before, at and after the border between two chunks of the record.
  for (int border = 1; border <= 2; ++border)
    for (int offset = -2; offset <= 2; ++offset) {
      const Scalar x = variable(1.0);
      const Tensor<double> t = [&] {
        Scalar s = x;
        for (int i = 0; i < border * detail::chunk_size + offset; ++i) s = s * 1.0;
        return to_tensor(s) * 2.0;
      }();
      backward(t, {.retain_graph = true});
      EXPECT_EQ(x.grad(), 2);
      EXPECT_EQ(grad(t, std::vector<Scalar>{x}, {.retain_graph = true})[0].value(), 2);
      t.backward();
      EXPECT_EQ(x.grad(), 4);
    }
}

TEST(Lives, OldGradientsDoNotComeBackWhenTheRecordStartsAgain) {
  const Scalar x = variable(1.0);
  for (int i = 0; i < 3; ++i) {
    const Scalar a = x * 2.0, b = a * 3.0;
    EXPECT_FALSE(a.has_grad() || b.has_grad());
    EXPECT_EQ(a.name(), "");
    backward(b.named("b"), {.retain_graph = true});
    a.named("a").backward();
    EXPECT_EQ(b.grad(), 1);
  }
}

TEST(Changed, AScalarVariableUnderATensor) {
  const Tensor<double> w = variable(Matrix{1, 2});
  const std::vector<std::function<Tensor<double>(const Scalar&)>> uses{
      [&](const Scalar& x) { return w * x; },
      [&](const Scalar& x) {
        return stack({x, x * 2.0});
      },
      [&](const Scalar& x) { return to_tensor(x) * 2.0; },
  };
  for (const auto& use : uses) {
    const Scalar x = variable(2.0).named("rate"), other = variable(3.0);
    const Tensor<double> t = use(x) * other;
    x.set_value(2.0);
    const std::string message = failure([&] { sum(t).backward(); });
    EXPECT_TRUE(contains(message, "rate") && contains(message, "[backward]")) << message;
    EXPECT_FALSE(x.has_grad() || w.has_grad() || other.has_grad());
    EXPECT_TRUE(contains(failure([&] { (void)grad(sum(t), std::vector<Scalar>{x}); }), "rate"));
    sum(use(x)).backward();  // recorded afterwards
    EXPECT_TRUE(x.has_grad());
    w.zero_grad();
  }
}

TEST(Changed, ATensorVariableUnderAScalar) {
  const Tensor<double> w = variable(Matrix{3}).named("weight");
  const Scalar y = variable(2.0), s = to_scalar(w), f = s * s * y;
  w.set_value(Matrix{4});
  EXPECT_EQ(s.value(), 3);
  EXPECT_TRUE(contains(failure([&] { f.backward(); }), "weight"));
  EXPECT_FALSE(w.has_grad() || y.has_grad());
  const Scalar t = to_scalar(w), g = t * t;
  g.backward();
  (t * 3.0).backward();  // nothing was saved that a sweep lets go
  EXPECT_EQ(w.grad(), (Matrix{8 + 3}));
  EXPECT_EQ(t.stage(), 1u);
}

TEST(Changed, BetweenTwoSweepsOfARetainedGraph) {
  const Scalar x = variable(2.0), f = x * x;
  const Tensor<double> w = variable(Matrix{1, 2}), g = sum(w * w);
  backward(f, {.retain_graph = true});
  backward(g, {.retain_graph = true});
  x.set_value(3);
  w.set_value(Matrix{3, 4});
  EXPECT_TRUE(contains(failure([&] { f.backward(); }), "unnamed variable"));
  EXPECT_TRUE(contains(failure([&] { g.backward(); }), "variable"));
  EXPECT_EQ(x.grad(), 4);
  EXPECT_EQ(w.grad(), (Matrix{2, 4}));
}

TEST(FreeGrad, OfTheRootItselfAndOfOneInputTwice) {
  const Scalar x = variable(2.0), y = x * x;
  const std::vector<Scalar> g = grad(y, {y, x, x}, {.retain_graph = true});
  EXPECT_EQ(g[0].value(), 1);
  EXPECT_EQ(g[1].value(), 4);
  EXPECT_EQ(g[2].value(), 4);
  EXPECT_EQ(grad(x, {x})[0].value(), 1);
  const Tensor<double> t = variable(Matrix{3}), u = t * t;
  const std::vector<Tensor<double>> h = grad(u, {u, t, t});
  EXPECT_EQ(h[0].value(), (Matrix{1}));
  EXPECT_EQ(h[1].value(), (Matrix{6}));
  EXPECT_EQ(h[2].value(), (Matrix{6}));
  EXPECT_EQ(grad(t, {t})[0].value(), (Matrix{1}));
  const Tensor<double> v = t * 2.0, root = v * v;
  EXPECT_EQ(grad(root, {v, v}, {.retain_graph = true})[1].value(), (Matrix{12}));
  backward(root, {.retain_graph = true});
  EXPECT_FALSE(v.has_grad());  // asking for it once is no standing order
  t.zero_grad();
  EXPECT_FALSE(x.has_grad() || y.has_grad() || t.has_grad() || u.has_grad());
}

TEST(FreeGrad, TakesASeedForARootOfAnyShape) {
  const Scalar s = variable(3.0);
  const Tensor<double> x = variable(Matrix{1, 2});
  const Tensor<double> y = x * x * s;
  EXPECT_EQ(grad(y, {x}, Matrix{1, 10}, {.retain_graph = true})[0].value(), (Matrix{6, 120}));
  EXPECT_EQ(grad(y, {s}, Matrix{1, 10}, {.retain_graph = true})[0].value(), 41);
  EXPECT_TRUE(contains(failure([&] { (void)grad(y, {x}); }), "(2)"));
  try {
    (void)grad(y, {x}, Matrix{1, 2, 3});
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_TRUE(contains(error.what(), "(3)") && contains(error.what(), "(2)")) << error.what();
  }
  EXPECT_FALSE(x.has_grad() || s.has_grad());
}

TEST(FreeGrad, LeavesGradientsOfStepsThatWereKept) {
  const Scalar s = variable(3.0);
  const Tensor<double> x = variable(Matrix{1, 2}), kept = x * s;
  const Scalar f = to_scalar(sum(kept * kept));
  backward(f, {.retain_graph = true, .keep_grads = true});
  const Matrix before = kept.grad();
  const Scalar twice = f * 2.0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(grad(twice, {s}, {.retain_graph = true})[0].value(), 2 * 2 * 3 * 5);
    EXPECT_EQ(grad(twice, {kept}, {.retain_graph = true})[0].value(), 2 * before);
    EXPECT_EQ(kept.grad(), before);
    EXPECT_EQ(f.grad(), 1);
    EXPECT_EQ(s.grad(), 2 * 3 * 5);
    EXPECT_FALSE(twice.has_grad());
  }
}

TEST(FreeGrad, ThatFailsChangesNothing) {
  const Scalar x = variable(2.0), y = x * x;
  y.backward();
  EXPECT_TRUE(contains(failure([&] { (void)grad(y, {x}); }), "retain_graph"));
  EXPECT_TRUE(contains(failure([&] { (void)grad(y * 1.0, {Scalar(1)}); }), "constant"));
  EXPECT_TRUE(contains(failure([&] { (void)grad(Scalar(1), {x}); }), "[grad]"));
  EXPECT_EQ(x.grad(), 4);
  EXPECT_EQ(y.grad(), 1);
}

TEST(Failure, LeavesTheGraphUsable) {
  const Scalar x = variable(2.0), changed = variable(1.0);
  const Tensor<double> w = variable(Matrix{1, 2});
  const Scalar a = to_scalar(sum(w * x)), b = a * changed, c = a * 3.0;
  changed.set_value(5);
  (void)failure([&] { b.backward(); });
  c.backward();
  EXPECT_EQ(x.grad(), 9);
  EXPECT_EQ(w.grad(), (Matrix{6, 6}));
  (void)failure([&] { c.backward(); });
  (void)failure([&] { (a * 2.0).backward(); });
  EXPECT_EQ(x.grad(), 9);
  (x * 1.0).backward();
  EXPECT_EQ(x.grad(), 10);
}

// All of the record is swept where it is new; what the root does not depend on must not notice.
TEST(Reached, OnlyWhatTheRootDependsOn) {
  const Scalar x = variable(2.0), y = variable(3.0);
  const Scalar a = x * 2.0, unrelated = y * 5.0, b = a * a, later = b * 7.0;
  b.backward();
  EXPECT_EQ(a.grad(), 8);
  EXPECT_FALSE(unrelated.has_grad() || later.has_grad() || y.has_grad());
  later.backward();
  EXPECT_EQ(a.grad(), 56);
  EXPECT_EQ(b.grad(), 7);
  unrelated.backward();
  EXPECT_EQ(y.grad(), 5);
  EXPECT_EQ(b.grad(), 7);
}

}  // namespace
}  // namespace gradus
