#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Two million recorded steps per iteration, fifty iterations, in every shape of user code: memory stays
// bounded.
namespace {

using namespace gradus;

constexpr int iterations = 50, multiply_adds = 1'000'000;

double status_megabytes(const std::string& field) {
  double kilobytes = 0;
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == field) status >> kilobytes;
  return kilobytes / 1e3;
}

/// The most memory the process has had in use since the peak was restarted.
double peak_megabytes() { return status_megabytes("VmHWM:"); }
double megabytes_in_use() { return status_megabytes("VmRSS:"); }

/// The peak starts again at what is in use now. False where the system does not let it.
bool restart_peak() {
  std::ofstream clear("/proc/self/clear_refs");
  clear << 5 << std::flush;
  return clear.good();
}

/// A chain of two million steps.
Scalar chain(const Scalar& w) {
  Scalar y = w;
  for (int i = 0; i < multiply_adds; ++i) y = y * 0.999 + w;
  return y;
}

/// One graph is 36 MB, 52 with its adjoints; two may be alive at once, and chunks wait to be used again.
class Memory : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!restart_peak())
      GTEST_SKIP() << "/proc/self/clear_refs cannot be written: the peak would be that of earlier tests";
    before_ = peak_megabytes();
  }
  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_LT(peak_megabytes() - before_, 400);
  }

 private:
  double before_ = 0;
};

TEST_F(Memory, LossInsideTheLoop) {
  const Scalar w = variable(0.5);
  for (int i = 0; i < iterations; ++i) {
    const Scalar loss = chain(w);
    loss.backward();
  }
  EXPECT_GT(w.grad(), 0);
}

TEST_F(Memory, LossOutsideAndReassigned) {
  const Scalar w = variable(0.5);
  Scalar loss;
  for (int i = 0; i < iterations; ++i) {
    loss = chain(w);
    loss.backward();
  }
  EXPECT_GT(w.grad(), 0);
}

TEST_F(Memory, NoBackwardAtAll) {
  const Scalar w = variable(0.5);
  Scalar loss;
  for (int i = 0; i < iterations; ++i) loss = chain(w);
  EXPECT_FALSE(w.has_grad());
}

TEST_F(Memory, ParametersReplacedByNewVariables) {
  Scalar w = variable(0.5);
  for (int i = 0; i < iterations; ++i) {
    const Scalar loss = chain(w);
    loss.backward();
    w = variable(w.value() - 1e-9 * w.grad());
  }
  EXPECT_FALSE(w.has_grad());
}

TEST_F(Memory, RunningSumKeptWithValue) {
  const Scalar w = variable(0.5);
  double total = 0;
  Scalar loss;
  for (int i = 0; i < iterations; ++i) {
    loss = chain(w);
    total += loss.value();
  }
  EXPECT_NEAR(total, iterations * loss.value(), 1e-6 * total);
}

TEST_F(Memory, VectorOfOldLosses) {
  const Scalar w = variable(0.5);
  std::vector<Scalar> losses;
  for (int i = 0; i < iterations; ++i) {
    losses.push_back(chain(w));
    losses.back().backward();
  }
  for (const Scalar& loss : losses) {
    EXPECT_EQ(loss.value(), losses.front().value());
    EXPECT_EQ(loss.grad(), 1.0);
  }
}

TEST_F(Memory, OldStepsThatNeedLittleKeepLittle) {
  const Scalar w = variable(0.5);
  std::vector<Scalar> kept;
  for (int i = 0; i < iterations; ++i) {
    kept.push_back(square(w + i));
    (void)chain(w);  // recorded and forgotten
  }
  kept.back().backward();
  EXPECT_EQ(w.grad(), 2 * (0.5 + iterations - 1));
}

// Tensors of a forgotten graph must go, although it holds handles of scalar steps itself.
TEST_F(Memory, TensorsBetweenScalarsAreForgottenToo) {
  const Scalar x = variable(0.5);
  const Tensor<double> large = variable(xt::xarray<double>(xt::ones<double>({100'000})));
  for (int i = 0; i < 2000; ++i) {
    Scalar s = x * 2.0;
    for (int k = 0; k < 3; ++k) s = to_scalar(mean(square(large * s))) * 0.5;
  }
  EXPECT_FALSE(x.has_grad());
}

void large_graphs_between_small_ones() {
  const Scalar w = variable(0.5);
  const auto gradient = [&] {
    w.zero_grad();
    chain(w).backward();
    return w.grad();
  };
  const auto small_ones = [&] {
    for (int i = 0; i < 4096; ++i) (w * w).backward();
  };
  small_ones();
  const double before = megabytes_in_use();
  const double expected = gradient();
  EXPECT_GT(megabytes_in_use() - before, 30);
  small_ones();
  EXPECT_LT(megabytes_in_use() - before, 15);
  EXPECT_EQ(gradient(), expected);
}

TEST_F(Memory, WhatALargeGraphNeededIsGivenBackWhenSmallOnesFollow) {
  std::thread(large_graphs_between_small_ones).join();  // a record of its own
}

TEST_F(Memory, ManyHandlesOfOneStep) {
  const Scalar w = variable(0.5);
  for (int i = 0; i < 20; ++i) {
    const std::vector<Scalar> copies(100'000, w * 2.0);
    Scalar sum = 0;
    for (const Scalar& copy : copies) sum += copy;
    sum.backward();
  }
  EXPECT_EQ(w.grad(), 20 * 2.0 * 100'000);
}

}  // namespace
