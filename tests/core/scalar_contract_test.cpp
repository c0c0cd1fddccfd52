#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// What the API promises about Scalars in a graph, sentence by sentence.
namespace {

using namespace gradus;

TEST(ScalarContract, StagedExpressionOfCs231n) {
  const Scalar x = variable(3.0), y = variable(-4.0);
  const Scalar f = (x + sigmoid(y)) / (sigmoid(x) + pow(x + y, 2));
  f.backward();
  EXPECT_NEAR(x.grad(), 2.0595697955721652, 1e-14);
  EXPECT_NEAR(y.grad(), 1.5922327514838093, 1e-14);
  EXPECT_EQ(f.stage(), 4U);
  EXPECT_EQ(f.grad(), 1.0);
}

TEST(ScalarContract, GradientsAccumulateUntilZeroed) {
  const Scalar x = variable(3);
  EXPECT_FALSE(x.has_grad());
  EXPECT_EQ(x.grad(), 0.0);
  (x * x).backward();
  (x * x).backward();
  EXPECT_EQ(x.grad(), 12.0);
  x.zero_grad();
  EXPECT_FALSE(x.has_grad());
  relu(x * -1).backward();
  EXPECT_TRUE(x.has_grad());  // 0 has arrived
  EXPECT_EQ(x.grad(), 0.0);
  const Scalar c = 3.0;
  EXPECT_THROW((void)c.grad(), GraphError);
  EXPECT_THROW(c.backward(), GraphError);
  EXPECT_FALSE(c.has_grad());
}

TEST(ScalarContract, StepsKeepTheGradientOfTheLatestSweepThatReachedThem) {
  const Scalar x = variable(2.0);
  const Scalar a = x * 3, b = x * 5;
  backward(a * b, {.retain_graph = true});
  EXPECT_EQ(a.grad(), 10.0);
  EXPECT_EQ(b.grad(), 6.0);
  (a * 7).backward();
  EXPECT_EQ(a.grad(), 7.0);
  EXPECT_EQ(b.grad(), 6.0);  // not reached: as it was
  (x * 1).backward();
  EXPECT_EQ(a.grad(), 7.0);
  EXPECT_EQ(x.grad(), 30 + 30 + 21 + 1);
}

TEST(ScalarContract, ASecondSweepFailsAndAddsNothing) {
  const Scalar x = variable(2.0);
  const Scalar shared = x * x, first = shared * 3, second = shared * 5;
  first.backward();
  try {
    first.backward();
    FAIL();
  } catch (const GraphError& error) {
    EXPECT_NE(std::string(error.what()).find("retain_graph"), std::string::npos);
  }
  EXPECT_EQ(x.grad(), 12.0);
  second.backward();  // other roots over shared steps still work
  EXPECT_EQ(x.grad(), 12.0 + 20.0);
  const Scalar third = shared * 7;
  for (int i = 0; i < 3; ++i) backward(third, {.retain_graph = true});
  EXPECT_EQ(x.grad(), 32.0 + 3 * 28.0);
}

TEST(ScalarContract, AVariableIsItsOwnRoot) {
  const Scalar x = variable(2.0);
  x.backward();
  x.backward();
  EXPECT_EQ(x.grad(), 2.0);
}

TEST(ScalarContract, FreeGradLeavesEveryGradAlone) {
  const Scalar x = variable(2.0), y = variable(3.0), unrelated = variable(4.0);
  (x * 10).backward();
  const Scalar a = x * y;
  backward(a * 2, {.retain_graph = true});
  const std::vector<Scalar> g = grad(a * a, {x, y, unrelated, a});
  EXPECT_EQ(g[0].value(), 2 * 6 * 3);
  EXPECT_EQ(g[1].value(), 2 * 6 * 2);
  EXPECT_EQ(g[2].value(), 0.0);
  EXPECT_EQ(g[3].value(), 12.0);
  EXPECT_FALSE(g[0].requires_grad());
  EXPECT_EQ(x.grad(), 10.0 + 6.0);
  EXPECT_EQ(y.grad(), 4.0);
  EXPECT_EQ(a.grad(), 2.0);
  EXPECT_FALSE(unrelated.has_grad());
}

TEST(ScalarContract, ChangingAVariableMakesPendingGraphsFail) {
  const Scalar x = variable(2.0).named("rate"), y = variable(3.0);
  const Scalar product = x * y, before = x.detach();
  x.set_value(7);
  EXPECT_EQ(product.value(), 6.0);
  EXPECT_EQ(before.value(), 2.0);
  EXPECT_EQ(x.value(), 7.0);
  try {
    (product * 2).backward();
    FAIL();
  } catch (const GraphError& error) {
    EXPECT_NE(std::string(error.what()).find("rate"), std::string::npos);
  }
  EXPECT_FALSE(y.has_grad());
  (x * y).backward();
  EXPECT_EQ(y.grad(), 7.0);
  EXPECT_THROW(product.set_value(1), GraphError);
  EXPECT_THROW(Scalar(1.0).set_value(1), GraphError);
}

TEST(ScalarContract, ClipIsOneStepWithTheGradientInside) {
  const double infinity = std::numeric_limits<double>::infinity();
  struct Case {
    double x, y, dx;
  };
  for (const Case& c :
       {Case{-3, -1, 0}, {-1, -1, 1}, {0.5, 0.5, 1}, {2, 2, 1}, {2.5, 2, 0}, {infinity, 2, 0}}) {
    const Scalar x = variable(c.x), y = clip(x, -1, 2);
    EXPECT_EQ(y.value(), c.y);
    EXPECT_EQ(y.stage(), 1U);
    y.backward();
    EXPECT_EQ(x.grad(), c.dx) << "at " << c.x;
  }
  const Scalar x = variable(0.5);
  (x * clip(x * 3, -1, 2) + clip(clip(x, 0, 1) * x, 0, 1) + x).backward();  // sums take the place of steps
  EXPECT_EQ(x.grad(), 2 * 0.5 * 3 + 2 * 0.5 + 1);
  EXPECT_TRUE(std::isnan(clip(variable(std::nan("")), -1, 2).value()));
  EXPECT_FALSE(clip(Scalar(5), 0, 1).requires_grad());
  const NoGrad off;
  EXPECT_FALSE(clip(x, 0, 1).requires_grad());
  EXPECT_THROW((void)clip(x, 2, 1), ValueError);
}

TEST(ScalarContract, NumbersStandOnBothSides) {
  const Scalar x = variable(2.0f);
  const struct {
    Scalar y;
    double value, slope;
  } table[] = {{x * 2, 4, 2},
               {2 * x, 4, 2},
               {x + 1, 3, 1},
               {1 + x, 3, 1},
               {x - 1, 1, 1},
               {1 - x, -1, -1},
               {x / 4, 0.5, 0.25},
               {4.0 / x, 2, -1},
               {pow(x, 3), 8, 12},
               {pow(3, x), 9, 9 * std::log(3)},
               {max(x, 1.0), 2, 1},
               {min(x, 1), 1, 0},
               {maximum(2, x), 2, 0.5},
               {minimum(x, 2.0), 2, 0.5},
               {-x, -2, -1},
               {+x, 2, 1}};
  for (const auto& row : table) {
    EXPECT_EQ(row.y.value(), row.value);
    row.y.backward();
    EXPECT_NEAR(x.grad(), row.slope, 1e-13);
    x.zero_grad();
  }
}

// An operand that is both what the op uses up and what it reads.
TEST(ScalarContract, CompoundAssignmentWithItself) {
  const auto slope = [](auto&& change) {
    const Scalar x = variable(3.0);
    Scalar y = x * x;  // nobody else holds it, and it is the latest step
    change(y);
    y.backward();
    return x.grad();
  };
  EXPECT_EQ(slope([](Scalar& y) { y += y; }), 12);
  EXPECT_EQ(slope([](Scalar& y) { y -= y; }), 0);
  EXPECT_EQ(slope([](Scalar& y) { y *= y; }), 108);
  EXPECT_EQ(slope([](Scalar& y) { y /= y; }), 0);
  EXPECT_EQ(slope([](Scalar& y) { y = std::move(y) + y; }), 12);
  EXPECT_EQ(slope([](Scalar& y) { y = y + std::move(y); }), 12);
  EXPECT_EQ(slope([](Scalar& y) { y = std::move(y) + std::move(y); }), 12);
  EXPECT_EQ(slope([](Scalar& y) {
              for (int i = 0; i < 20; ++i) y += y;
            }),
            6.0 * (1 << 20));
  // And nothing is left in the record for those who come later.
  const Scalar k = variable(2.0);
  (k * 5.0 + 1.0).backward();
  EXPECT_EQ(k.grad(), 5);
}

TEST(ScalarContract, CompoundAssignmentRebinds) {
  Scalar x = variable(2.0);
  const Scalar same = x;
  x += 1;
  x *= x;
  x -= same;
  x /= 2;
  EXPECT_EQ(same.value(), 2.0);
  EXPECT_EQ(x.value(), 3.5);
  EXPECT_EQ(x.stage(), 4U);
  x.backward();
  EXPECT_EQ(same.grad(), 2.5);
}

TEST(ScalarContract, ComparisonsCompareValues) {
  const Scalar x = variable(2.0), y = 3.0;
  EXPECT_TRUE(x < y && y > x && x <= 2 && 2 >= x && x == 2.0 && x != y && 1 < x);
  EXPECT_FALSE(variable(std::nan("")) == variable(std::nan("")));
}

TEST(ScalarContract, ZeroAbsorbs) {
  const Scalar x = variable(0.0);
  (sqrt(x) * 0.0).backward();
  EXPECT_EQ(x.grad(), 0.0);
  x.zero_grad();
  (0.0 * log(x) + x).backward();
  EXPECT_EQ(x.grad(), 1.0);
}

TEST(ScalarContract, HandlesMayBeCopiedMovedAndSwapped) {
  Scalar x = variable(2.0), y = x * 3;
  Scalar& alias = y;
  y = alias;
  y = std::move(alias);
  EXPECT_EQ(y.value(), 6.0);
  std::swap(x, y);
  std::vector<Scalar> many(1000, x);
  many.erase(many.begin(), many.end() - 1);
  many.back().backward();
  EXPECT_EQ(y.grad(), 3.0);
}

TEST(ScalarContract, NamesStayWithTheStep) {
  const Scalar x = variable(2.0).named("x"), y = (x * 2).named("double");
  const Scalar again = y;
  EXPECT_EQ(x.name(), "x");
  EXPECT_EQ(again.name(), "double");
  EXPECT_EQ((x + 1).name(), "");
}

TEST(ScalarThreads, AScalarOfAnotherThreadIsAnError) {
  const Scalar x = variable(2.0);
  const Scalar y = x * 2;
  std::thread([&] {
    const Scalar mine = variable(1.0);
    EXPECT_THROW((void)(mine * y), GraphError);
    EXPECT_THROW((void)(y * 2), GraphError);
    EXPECT_THROW((void)(x + 1), GraphError);
    EXPECT_THROW(y.backward(), GraphError);
    EXPECT_THROW((void)x.grad(), GraphError);
  }).join();
  y.backward();
  EXPECT_EQ(x.grad(), 2.0);
}

TEST(ScalarThreads, IndependentGraphsNeedNoLock) {
  std::vector<double> results(4);
  std::vector<std::thread> threads;
  for (double& result : results)
    threads.emplace_back([&result] {
      const Scalar x = variable(0.5);
      for (int i = 0; i < 50; ++i) {
        Scalar y = x;
        for (int k = 0; k < 10'000; ++k) y = y * 0.999 + x;
        y.backward();
      }
      result = x.grad();
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(results[0], 0);
  for (const double result : results) EXPECT_EQ(result, results[0]);
}

TEST(ScalarThreads, AHandleMayOutliveItsThread) {
  std::vector<Scalar> kept;
  std::thread([&] {
    const Scalar x = variable(2.0);
    kept.push_back(x * x);
  }).join();
  EXPECT_EQ(kept.back().value(), 4.0);
  EXPECT_THROW(kept.back().backward(), GraphError);
  const Scalar mine = variable(1.0);
  kept.clear();
  (mine * 2).backward();
  EXPECT_EQ(mine.grad(), 2.0);
}

}  // namespace
