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

}  // namespace
}  // namespace gradus
