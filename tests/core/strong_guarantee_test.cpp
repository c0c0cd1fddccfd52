#include <stdexcept>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// A sweep that fails half way: every gradient is as before, and the graph can be swept again.
namespace {

using namespace gradus;
using Matrix = xt::xarray<double>;

/// A step whose rule throws as long as `fails` says so.
Tensor<double> fragile(const Tensor<double>& x, const bool& fails) {
  return custom_op(
      "fragile", {x}, [](const auto& in) { return in[0] * 1.0; },
      [&fails](const auto& g, const auto&, const auto&) {
        if (fails) throw std::runtime_error("not now");
        return std::vector{g * 1.0};
      });
}

/// Variables, tensors and Scalars around a fragile step.
struct Graph {
  bool fails = true;
  Tensor<double> x = variable(Matrix{1, 2, 3}), w = variable(Matrix{0.5, -1, 2});
  Scalar s = variable(1.5), t = s * s;
  Tensor<double> h = tanh(x * w), y = fragile(h, fails), loss = sum(exp(y * t) + y * x) + h * s;

  explicit Graph(bool has_gradients) {
    h.retain_grad();
    if (!has_gradients) return;
    sum(x * w).backward();
    (s * 3.0).backward();
    backward(t, {.retain_graph = true});
    backward(h, Matrix{1, 2, 3}, {.retain_graph = true});
  }
  void sweep() { backward(loss, Matrix{1, 1, 1}); }
};

void expect_equal(const Graph& a, const Graph& b) {
  EXPECT_EQ(a.x.grad(), b.x.grad());
  EXPECT_EQ(a.w.grad(), b.w.grad());
  EXPECT_EQ(a.h.has_grad(), b.h.has_grad());
  if (a.h.has_grad() && b.h.has_grad()) {
    EXPECT_EQ(a.h.grad(), b.h.grad());
  }
  EXPECT_EQ(a.s.grad(), b.s.grad());
  EXPECT_EQ(a.s.has_grad(), b.s.has_grad());
  EXPECT_EQ(a.t.grad(), b.t.grad());
  EXPECT_EQ(a.t.has_grad(), b.t.has_grad());
}

TEST(StrongGuarantee, AFailedSweepChangesNothing) {
  for (const bool has_gradients : {false, true}) {
    Graph failing(has_gradients), other(has_gradients);
    for (int i = 0; i < 2; ++i) {
      EXPECT_THROW(failing.sweep(), std::runtime_error);
      expect_equal(failing, other);
      EXPECT_THROW((void)grad(failing.loss, {failing.x}, Matrix{1, 1, 1}), std::runtime_error);
      EXPECT_THROW((void)grad(failing.loss, {failing.s}, Matrix{1, 1, 1}), std::runtime_error);
      EXPECT_THROW((void)grad(sum(failing.loss), {failing.x}, {.create_graph = true}), std::runtime_error);
      expect_equal(failing, other);
    }
    failing.fails = other.fails = false;
    failing.sweep();
    other.sweep();
    EXPECT_TRUE(failing.h.has_grad());
    expect_equal(failing, other);
    EXPECT_THROW(failing.sweep(), GraphError);  // released
    EXPECT_THROW(other.sweep(), GraphError);
    expect_equal(failing, other);
  }
}

TEST(StrongGuarantee, ASecondSweepAddsToTheFirst) {
  Graph graph(false);
  graph.fails = false;
  backward(graph.loss, Matrix{1, 1, 1}, {.retain_graph = true});
  const Matrix once = graph.x.grad();
  const double scalar = graph.s.grad();
  graph.fails = true;
  EXPECT_THROW(graph.sweep(), std::runtime_error);
  EXPECT_EQ(graph.x.grad(), once);
  graph.fails = false;
  graph.sweep();
  EXPECT_EQ(graph.x.grad(), Matrix(2 * once));
  EXPECT_EQ(graph.s.grad(), 2 * scalar);
}

// The gradient of one sum is one array for both of its operands: what is added later must not show in both.
TEST(StrongGuarantee, GradientsThatShareAnArrayAreAddedToApart) {
  const Tensor<double> a = variable(Matrix{1, 2}), b = variable(Matrix{3, 4});
  sum(a * 2).backward();
  (a + b).backward(Matrix{1, 1});
  EXPECT_EQ(a.grad(), (Matrix{3, 3}));
  EXPECT_EQ(b.grad(), (Matrix{1, 1}));
  (a + b).backward(Matrix{10, 10});
  EXPECT_EQ(a.grad(), (Matrix{13, 13}));
  EXPECT_EQ(b.grad(), (Matrix{11, 11}));
}

// Whoever holds what grad() returned sees it grow.
TEST(StrongGuarantee, SumsStayInTheirArray) {
  const Tensor<double> x = variable(Matrix{1, 2});
  sum(x * 3).backward();
  const auto& gradient = x.grad();
  sum(x * x).backward();
  EXPECT_EQ(&gradient, &x.grad());
  EXPECT_EQ(gradient, (Matrix{5, 7}));
}

// A step may sweep Scalars of its own in the middle of a sweep of Scalars.
TEST(StrongGuarantee, ScalarsInsideACheckpoint) {
  const Scalar s = variable(2.0);
  const Tensor<double> x = variable(Matrix{3});
  const auto f = [](const std::vector<Tensor<double>>& in) {
    const Scalar v = to_scalar(in[0]);
    return to_tensor(v * v) * in[0];
  };
  const Scalar before = s * 3.0;
  const Scalar y = to_scalar(checkpoint(f, std::vector<Tensor<double>>{x * before}));
  (y * s).backward();  // (3 s x)^3 s
  EXPECT_DOUBLE_EQ(x.grad()[0], 81 * 16 * 9);
  EXPECT_DOUBLE_EQ(s.grad(), 4 * 27 * 27 * 8);
}

}  // namespace
