#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/nn/optimizers/clip.hpp>
#include <gradus/ops/elementwise.hpp>

namespace gradus::nn {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 nan = std::numeric_limits<double>::quiet_NaN();

/// A variable with this gradient.
template <class T>
Tensor<T> with_gradient(const xt::xarray<T>& gradient) {
  const auto p = variable(xt::xarray<T>(xt::zeros<T>(gradient.shape())));
  (p * T(1)).backward(gradient);
  return p;
}

using Array64 = xt::xarray<double>;

TEST(ClipGradNorm, ScalesAllGradientsTogetherToTheNorm) {
  const auto a = with_gradient<double>({{1, -2}, {2, 0}}), b = with_gradient<double>({4, 0}),
             none = variable(Array64{1});
  EXPECT_DOUBLE_EQ(clip_grad_norm({a, b, none}, 1), 5);
  EXPECT_TRUE(xt::allclose(a.grad(), Array64{{0.2, -0.4}, {0.4, 0}}, 1e-15));
  EXPECT_TRUE(xt::allclose(b.grad(), Array64{0.8, 0}, 1e-15));
  EXPECT_FALSE(none.has_grad());
  EXPECT_NEAR(clip_grad_norm({a, b}, 7), 1, 1e-15) << "small ones stay";
  EXPECT_TRUE(xt::allclose(b.grad(), Array64{0.8, 0}, 1e-15));
}

TEST(ClipGradNorm, OfNothingIsZero) {
  const auto none = variable(Array64{1}), empty = with_gradient<double>(xt::zeros<double>({0, 3}));
  EXPECT_EQ(clip_grad_norm({none, empty}, 1), 0);
  EXPECT_EQ(clip_grad_norm(std::vector<Tensor<double>>{}, 1), 0);
}

TEST(ClipGradNorm, NeitherOverflowsNorVanishes) {
  const auto large = with_gradient<double>({3e200, 4e200}), small = with_gradient<double>({3e-200, 4e-200});
  EXPECT_DOUBLE_EQ(clip_grad_norm({large}, 1), 5e200);
  EXPECT_TRUE(xt::allclose(large.grad(), Array64{0.6, 0.8}, 1e-15));
  EXPECT_DOUBLE_EQ(clip_grad_norm({small}, 1), 5e-200);
  const auto floats = with_gradient<float>({3e38f, 3e38f});
  EXPECT_NEAR(clip_grad_norm({floats}, 1), std::sqrt(18.0) * 1e38, 1e32) << "no float can hold it";
  EXPECT_NEAR(floats.grad()(0), std::sqrt(0.5), 1e-6);
}

TEST(ClipGradNorm, OfManyElementsIsThatOfALoop) {
  Rng rng{1};
  for (const std::size_t n : {1u, 7u, 255u, 256u, 257u, 5000u})
    for (const float size : {1.0f, 1e-15f, 1e-30f, 1e25f}) {  // whose squares a float has, and has not
      xt::xarray<float> a = xt::xarray<float>::from_shape({n}), b = xt::xarray<float>::from_shape({3});
      double squares = 0;
      for (xt::xarray<float>* each : {&a, &b})
        for (float& x : *each) {
          x = size * static_cast<float>(rng.normal());
          squares += static_cast<double>(x) * static_cast<double>(x);
        }
      const double norm = clip_grad_norm({with_gradient(a), with_gradient(b)}, infinity);
      EXPECT_NEAR(norm / std::sqrt(squares), 1, 1e-6) << n << " of " << size;
    }
}

TEST(ClipGradNorm, ANormThatIsNotFiniteLeavesTheGradientsAsTheyAre) {
  for (const double bad : {infinity, nan}) {
    const auto a = with_gradient<double>({1, bad}), b = with_gradient<double>({10});
    EXPECT_FALSE(std::isfinite(clip_grad_norm({a, b}, 1)));
    EXPECT_EQ(b.grad()(0), 10);
    EXPECT_THROW(clip_grad_norm({a, b}, 1, {.error_if_nonfinite = true}), ValueError);
    EXPECT_EQ(b.grad()(0), 10);
  }
}

TEST(ClipGradNorm, RejectsWhatMakesNoSense) {
  const auto a = with_gradient<double>({3});
  for (const double bad : {0.0, -1.0, nan}) EXPECT_THROW(clip_grad_norm({a}, bad), ValueError) << bad;
  EXPECT_EQ(clip_grad_norm({a}, infinity), 3) << "only measures";
  EXPECT_THROW(clip_grad_norm({a, square(a)}, 1), ValueError);
  EXPECT_THROW(clip_grad_norm({a, Tensor<double>(1)}, 1), ValueError);
  EXPECT_EQ(a.grad()(0), 3);
}

TEST(ClipGradValue, BringsEveryElementIntoTheInterval) {
  const auto a = with_gradient<double>({-3, -0.5, 0.25, 7, infinity}), none = variable(Array64{1});
  clip_grad_value({a, none}, 0.5);
  EXPECT_EQ(a.grad(), (Array64{-0.5, -0.5, 0.25, 0.5, 0.5}));
  const auto bad = with_gradient<float>({NAN, 2.0f});
  clip_grad_value({bad}, 1);
  EXPECT_TRUE(std::isnan(bad.grad()(0)));
  EXPECT_EQ(bad.grad()(1), 1);
  for (const double limit : {0.0, -1.0, nan}) EXPECT_THROW(clip_grad_value({a}, limit), ValueError) << limit;
  EXPECT_THROW(clip_grad_value({square(a)}, 1), ValueError);
}

TEST(ClipGradNorm, ChangesNoArrayThatSomebodyElseHolds) {
  const Array64 seed{3, 4};
  const auto p = variable(Array64{0, 0});
  const Tensor<double> g = seed;
  p.backward(g);  // the gradient may share the seed's array
  clip_grad_norm({p}, 1);
  EXPECT_EQ(g.value(), seed);
  EXPECT_TRUE(xt::allclose(p.grad(), Array64{0.6, 0.8}, 1e-15));
}

}  // namespace
}  // namespace gradus::nn
