#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Run on a stack of 256 kB (see tests/CMakeLists.txt): nothing here may recurse with the depth of the graph.
namespace {

using namespace gradus;

TEST(Deep, TenMillionScalarStepsInOneChain) {
  const Scalar x = variable(1.0);
  {
    Scalar y = x;
    for (int i = 0; i < 10'000'000; ++i) y = y + 1e-7;
    EXPECT_NEAR(y.value(), 2.0, 1e-6);
    y.backward();
    EXPECT_EQ(y.stage(), 10'000'000U);
  }
  EXPECT_EQ(x.grad(), 1.0);
}

TEST(Deep, OneMillionTensorStepsInOneChain) {
  const Tensor<double> x = variable(xt::xarray<double>{1.0, 2.0});
  {
    Tensor<double> y = x;
    for (int i = 0; i < 1'000'000; ++i) y = y + 1e-6;
    EXPECT_EQ(y.stage(), 1'000'000U);
    y.backward(xt::xarray<double>{1.0, 3.0});
  }
  EXPECT_EQ(x.grad()(0), 1.0);
  EXPECT_EQ(x.grad()(1), 3.0);
}

TEST(Deep, AMillionTensorStepsDestroyedWithoutASweep) {
  const Tensor<double> x = variable(xt::xarray<double>{1.0, 2.0});
  Tensor<double> y = x;
  for (int i = 0; i < 1'000'000; ++i) y = neg(y);
  y = x;
  EXPECT_FALSE(x.has_grad());
}

TEST(Deep, DoublingSixtyTimes) {
  const Scalar s = variable(1.0);
  Scalar t = s;
  for (int i = 0; i < 60; ++i) t = t + t;
  t.backward();
  EXPECT_EQ(s.grad(), 0x1p60);

  const Tensor<double> x = variable(xt::xarray<double>{1.0});
  Tensor<double> y = x;
  for (int i = 0; i < 60; ++i) y = y + y;
  y.backward();
  EXPECT_EQ(x.grad()(0), 0x1p60);
}

TEST(Deep, ScalarsAndTensorsAlternateAHundredThousandTimes) {
  const Scalar x = variable(1.0);
  {
    Scalar y = x;
    for (int i = 0; i < 100'000; ++i) y = to_scalar(sum(y * Tensor<double>(xt::xarray<double>{0.5, 0.5})));
    y.backward();
  }
  EXPECT_EQ(x.grad(), 1.0);
}

}  // namespace
