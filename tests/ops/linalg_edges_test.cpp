#include <cmath>

#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Linear algebra with numbers that are not finite, or whose products are not.
namespace gradus {
namespace {

TEST(Solve, AGradientOfZeroAbsorbsWhatIsNotANumber) {
  const Tensor<double> b = xt::xarray<double>{{1, nan_value}, {1, nan_value}};
  const auto first_column = [](const Tensor<double>& x) { return sum(slice(x, {all(), 0})); };
  for (const bool records : {false, true}) {
    const Tensor<double> a = variable(xt::xarray<double>{{1, 0}, {0, 1}});
    const auto gradient_of = [&](const Tensor<double>& y) {
      return elements(grad(y, {a}, {.create_graph = records})[0]);
    };
    EXPECT_EQ(gradient_of(first_column(solve(a, b))), (Numbers{-1, -1, -1, -1}));
    EXPECT_EQ(gradient_of(first_column(solve_triangular(a, b))), (Numbers{-1, 0, -1, -1}));
    EXPECT_EQ(gradient_of(first_column(solve_triangular(a, b, {.lower = true, .transposed = true}))),
              (Numbers{-1, 0, -1, -1}));
  }
}

TEST(Inv, AGradientOfZeroAbsorbsWhatIsNotANumber) {
  const Tensor<double> a =
      variable(xt::xarray<double>{{{1, 0}, {0, 2}}, {{nan_value, nan_value}, {nan_value, nan_value}}});
  for (const bool records : {false, true}) {
    const Tensor<double> y = sum(slice(inv(a), {0}));
    EXPECT_EQ(elements(grad(y, {a}, {.create_graph = records})[0]),
              (Numbers{-1, -0.5, -0.5, -0.25, 0, 0, 0, 0}));
  }
}

TEST(Det, HasItsGradientWhereItUnderOrOverflows) {
  const struct {
    Numbers diagonal, cofactors;
  } cases[] = {{{1e-200, 1e-200}, {1e-200, 1e-200}},
               {{1e200, 1e200}, {1e200, 1e200}},
               {{1e-160, 2e-160}, {2e-160, 1e-160}},  // the determinant is subnormal
               {{-1e200, 1e200, 1e-200, 1e-200}, {1e-200, -1e-200, -1e200, -1e200}},
               {{1e-100, 1e-100, 1e-100, 1e-95}, {1e-295, 1e-295, 1e-295, 1e-300}}};
  for (const auto& [diagonal, expected] : cases) {
    const std::size_t n = diagonal.size();
    Array<double> matrix = full_array<double>({n, n}, 0);
    for (std::size_t i = 0; i < n; ++i) matrix(i, i) = diagonal[i];
    const Tensor<double> a = variable(matrix);
    det(a).backward();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        EXPECT_NEAR(a.grad()(i, j), i == j ? expected[i] : 0, 1e-14 * std::abs(expected[i]))
            << diagonal[0] << ' ' << i << ' ' << j;
  }
}

TEST(Det, OfASmallOrLargeFullMatrixHasItsCofactorsForGradient) {
  for (const double scale : {1e-200, 1e200}) {
    const Tensor<double> a = variable(xt::xarray<double>{{scale, 2 * scale}, {3 * scale, 4 * scale}});
    det(a).backward();
    const Numbers expected{4, -3, -2, 1};
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(a.grad().data()[i] / scale, expected[i], 1e-14) << i;
  }
}

TEST(Det, OfAnInfiniteElementHasNoGradient) {
  const Tensor<double> a =
      variable(xt::xarray<double>{{{infinity, 0}, {0, 1}}, {{1, infinity}, {0, 1e-20}}, {{2, 0}, {0, 3}}});
  det(a).backward(xt::xarray<double>{1, 1, 1});
  EXPECT_TRUE(std::isnan(a.grad()(0, 0, 0)));
  EXPECT_TRUE(std::isnan(a.grad()(1, 0, 0)));
  EXPECT_EQ(a.grad()(2, 0, 0), 3);
  a.zero_grad();
  det(a).backward(xt::xarray<double>{0, 0, 1});
  EXPECT_EQ(elements(a.grad()), (Numbers{0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 2}));
}

}  // namespace
}  // namespace gradus
