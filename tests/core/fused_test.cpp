#include <cmath>
#include <vector>

#include "../elementwise_ops.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/dual.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/scalar_ops.hpp>

// A step that a sum uses up shares its place with the sum; nobody may notice.
namespace gradus {
namespace {

TEST(Fused, StagesCountBothGates) {
  const Scalar a = variable(2.0), b = variable(3.0), deep = sin(sin(sin(a)));
  EXPECT_EQ((a * b + a).stage(), 2u);
  EXPECT_EQ((a + a * b).stage(), 2u);
  EXPECT_EQ((a * b + deep).stage(), 4u);
  EXPECT_EQ((deep * b + a).stage(), 5u);
  EXPECT_EQ((a * b + a * b).stage(), 2u);
  Scalar y = a;
  for (int i = 0; i < 10'000; ++i) y = y * 0.5 + b * y;
  EXPECT_EQ(y.stage(), 20'000u);
}

TEST(Fused, GradientsOfEveryArrangement) {
  const Scalar a = variable(2.0), b = variable(3.0);
  const Scalar c = a * 7.0;
  const struct {
    Scalar y;
    double value, da, db;
  } table[] = {{a * b + c, 20, 3 + 7, 2},     {c + a * b, 20, 7 + 3, 2},
               {a * b + a * b, 12, 6, 4},     {a * a + a, 6, 5, 0},
               {(a * b + c) * b, 60, 30, 26}, {a * b + (a + b), 11, 4, 3},
               {(a + b) + a * b, 11, 4, 3},   {b * c + b * c, 84, 42, 28},
               {a * b + sin(a - a), 6, 3, 2}, {(a * b + c) * a + a, 42, 41, 4}};
  for (const auto& row : table) {
    EXPECT_EQ(row.y.value(), row.value);
    backward(row.y, {.retain_graph = true});
    EXPECT_EQ(a.grad(), row.da) << row.value;
    EXPECT_EQ(b.grad(), row.db) << row.value;
    a.zero_grad();
    b.zero_grad();
    const std::vector<Scalar> g = grad(row.y, {a, b, c});
    EXPECT_EQ(g[0].value(), row.da) << row.value;
    EXPECT_EQ(g[1].value(), row.db) << row.value;
  }
}

TEST(Fused, NotWhenSomebodyHasLookedAtTheProduct) {
  const Scalar a = variable(2.0), b = variable(3.0), c = variable(4.0);
  {
    Scalar product = a * b;
    (void)product.named("product");
    const Scalar sum = std::move(product) + c;
    EXPECT_EQ(sum.name(), "");
  }
  {
    Scalar product = a * b;
    product.backward();
    const Scalar sum = std::move(product) + c;
    EXPECT_FALSE(sum.has_grad());
    sum.backward();  // has not been swept before
    EXPECT_EQ(a.grad(), 3 + 3);
  }
  {
    Scalar product = a * b;
    EXPECT_EQ(product.stage(), 1u);
    EXPECT_EQ((std::move(product) + c).stage(), 2u);
  }
  {
    Scalar product = a * b;
    const Tensor<double> t = to_tensor(product);
    const Scalar sum = std::move(product) + c;
    t.backward();
    EXPECT_FALSE(sum.has_grad());
    EXPECT_EQ(sum.value(), 10);
  }
  {
    Scalar product = a * b;
    const Scalar used = product * 10.0, sum = std::move(product) + c;
    a.zero_grad();
    used.backward();
    EXPECT_EQ(a.grad(), 30);
    EXPECT_FALSE(sum.has_grad());
  }
  {
    Scalar product = a * b;
    const Scalar held = product, sum = std::move(product) + c;
    (sum * 5.0).backward();
    EXPECT_EQ(held.grad(), 5);
    EXPECT_EQ(held.value(), 6);
  }
}

TEST(Fused, AVariableMayChangeBetweenTheGates) {
  const Scalar a = variable(2.0), b = variable(3.0), c = variable(4.0);
  Scalar product = a * b;
  c.set_value(5);
  const Scalar sum = std::move(product) + c;
  EXPECT_EQ(sum.value(), 11);
  sum.backward();
  EXPECT_EQ(c.grad(), 1);
  Scalar other = a * b;
  a.set_value(7);
  const Scalar second = std::move(other) + c;
  EXPECT_THROW(second.backward(), GraphError);
  EXPECT_EQ(c.grad(), 1);
}

// A sum that takes the place of a step must give what it gives where that step is kept.
struct Sum {
  double value, da, db, dc;
  std::uint32_t stage;
  bool operator==(const Sum&) const = default;
};
template <class Op>
Sum sum_of(const Op& op, double at, bool keeps_inner, bool comes_first) {
  const Scalar a = variable(at), b = variable(0.75), c = variable(3.0);
  Scalar y;
  if (keeps_inner) {
    const Scalar inner = op(a, b);
    y = comes_first ? inner + c : c + inner;
  } else {
    y = comes_first ? op(a, b) + c : c + op(a, b);
  }
  const std::uint32_t stage = y.stage();
  (y * 2.0).backward();
  return {y.value(), a.grad(), b.grad(), c.grad(), stage};
}
template <class Op>
void expect_the_same_sums(const char* name, const Op& op, double at = 0.5) {
  for (const bool comes_first : {false, true}) {
    const Sum fused = sum_of(op, at, false, comes_first);
    EXPECT_EQ(fused, sum_of(op, at, true, comes_first)) << name;
    EXPECT_EQ(fused.dc, 2) << name;
    EXPECT_EQ(fused.stage, 2u) << name;
  }
}

TEST(Fused, EveryOpBeforeASum) {
  for (const testing::UnaryOp& op : testing::unary_ops())
    expect_the_same_sums(
        op.name, [&op](const Scalar& a, const Scalar&) { return op(a); },
        0.3 * op.domain.low + 0.7 * op.domain.high);
  for (const testing::BinaryOp& op : testing::binary_ops()) {
    expect_the_same_sums(op.name, [&op](const Scalar& a, const Scalar& b) { return op(a, b); });
    expect_the_same_sums(op.name, [&op](const Scalar& a, const Scalar&) { return op(a, 0.25); });
    expect_the_same_sums(op.name, [&op](const Scalar&, const Scalar& b) { return op(0.25, b); });
  }
}

// Runs of multiply-adds, swept together, beside forward mode. `start` is a step that every link may use.
template <class Link>
void expect_the_same_gradients(const char* name, const Link& link) {
  using D = Dual<double, 2>;
  const Scalar x = variable(0.75), c = variable(0.25);
  const D dx(0.75, 0), dc(0.25, 1);
  for (const int links : {1, 2, 3, 8}) {
    const D dual_start = dx * dc;
    D dual = dual_start;
    for (int i = 0; i < links; ++i) dual = link(dual, dx, dc, dual_start, i);
    for (const bool is_start_kept : {false, true}) {
      const Scalar start = x * c;
      Scalar y = is_start_kept ? start + 0.0 : start;
      for (int i = 0; i < links; ++i) y = link(y, x, c, start, i);
      const std::vector<Scalar> g = grad(y, {x, c});
      EXPECT_DOUBLE_EQ(y.value(), dual.value()) << name << links;
      EXPECT_NEAR(g[0].value(), dual.partial(0), 1e-13 * std::abs(dual.partial(0))) << name << links;
      EXPECT_NEAR(g[1].value(), dual.partial(1), 1e-13 * std::abs(dual.partial(1))) << name << links;
    }
  }
}

TEST(Fused, RunsOfMultiplyAdds) {
#define GRADUS_EXPECT(link)                                                                        \
  expect_the_same_gradients(#link,                                                                 \
                            []([[maybe_unused]] const auto& y, [[maybe_unused]] const auto& x,     \
                               [[maybe_unused]] const auto& c, [[maybe_unused]] const auto& start, \
                               [[maybe_unused]] int i) -> std::decay_t<decltype(y)> { return link; });
  GRADUS_EXPECT(y * x + c)
  GRADUS_EXPECT(x * y + c)
  GRADUS_EXPECT(y + x * c)
  GRADUS_EXPECT(x * x + y)
  GRADUS_EXPECT(y * x + x)
  GRADUS_EXPECT(y * x + y)
  GRADUS_EXPECT(y * y + c)
  GRADUS_EXPECT(y * y + y)
  GRADUS_EXPECT(y * start + start)
  GRADUS_EXPECT(start * c + y)
  GRADUS_EXPECT(y * start + c)
  GRADUS_EXPECT(y * (i % 3 == 0 ? x : c) + (i % 2 == 0 ? start : x))
  GRADUS_EXPECT(i % 4 == 0 ? y * x + c : x * c + y)
#undef GRADUS_EXPECT
}

TEST(Fused, ZeroAbsorbsThroughRuns) {
  for (const bool is_sum : {false, true}) {
    const Scalar a = variable(0.0), b = variable(3.0), c = variable(4.0), infinite = log(a);
    Scalar y = b;
    for (int i = 0; i < 5; ++i) y = is_sum ? y + infinite * b : y * infinite + c;
    (0.0 * y).backward();
    for (const Scalar& x : {a, b, c}) {
      EXPECT_EQ(x.has_grad(), !is_sum || x.wire().place != c.wire().place);
      EXPECT_EQ(x.grad(), 0);
    }
  }
}

TEST(Fused, ThreeGatesAreTwoSteps) {
  const Scalar a = variable(2.0), b = variable(3.0), c = variable(4.0);
  const Scalar y = a * b + c + b + sigmoid(c) + a / b;
  EXPECT_EQ(y.stage(), 5u);
  y.backward();
  const double s = 1 / (1 + std::exp(-4.0));
  EXPECT_DOUBLE_EQ(y.value(), 6 + 4 + 3 + s + 2.0 / 3);
  EXPECT_DOUBLE_EQ(a.grad(), 3 + 1.0 / 3);
  EXPECT_DOUBLE_EQ(b.grad(), 2 + 1 - 2.0 / 9);
  EXPECT_DOUBLE_EQ(c.grad(), 1 + s * (1 - s));
}

TEST(Fused, NotInsideNoGrad) {
  const Scalar a = variable(2.0), b = variable(3.0);
  Scalar product = a * b;
  const NoGrad off;
  const Scalar sum = std::move(product) + a;
  EXPECT_FALSE(sum.requires_grad());
  EXPECT_EQ(sum.value(), 8);
}

TEST(Fused, NotWhenAnotherHandleHasTheInnerStep) {
  const Scalar a = variable(2.0), b = variable(3.0);
  Scalar product = a * b;
  const Scalar other = product;
  const Scalar sum = std::move(product) + a;
  EXPECT_EQ(other.value(), 6);
  other.backward();
  EXPECT_EQ(a.grad(), 3);
  EXPECT_EQ(other.stage(), 1u);
}

TEST(Fused, ZeroAbsorbsThroughBothGates) {
  const Scalar a = variable(0.0), b = variable(3.0), c = variable(4.0);
  (0.0 * (log(a) * b + c)).backward();
  for (const Scalar& x : {a, b, c}) {
    EXPECT_TRUE(x.has_grad());
    EXPECT_EQ(x.grad(), 0);
  }
}

}  // namespace
}  // namespace gradus
