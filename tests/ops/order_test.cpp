#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Sorting, positions of extremes, masks, running sums and products.
namespace gradus {
namespace {

using Array2 = xt::xarray<double>;
using Where = std::vector<std::int64_t>;

Where at(const Indices& indices) { return Where(indices.begin(), indices.end()); }

TEST(Sort, PutsNaNLastAndEqualsInTheirOrder) {
  const Tensor<double> x = Array2{3, nan_value, 1, 3, -infinity, 1, nan_value, infinity};
  const Numbers sorted = elements(sort(x));
  EXPECT_EQ(Numbers(sorted.begin(), sorted.begin() + 6), (Numbers{-infinity, 1, 1, 3, 3, infinity}));
  EXPECT_TRUE(std::isnan(sorted[6]) && std::isnan(sorted[7]));
  EXPECT_EQ(at(argsort(x)), (Where{4, 2, 5, 0, 3, 7, 1, 6}));
  EXPECT_EQ(at(argsort(Tensor<double>(Array2{0.0, -0.0, 0.0}))), (Where{0, 1, 2}));
}

TEST(Sort, AlongAnyAxis) {
  const Tensor<double> x = Array2{{3, 1, 2}, {0, 5, -4}};
  EXPECT_EQ(elements(sort(x)), (Numbers{1, 2, 3, -4, 0, 5}));
  EXPECT_EQ(elements(sort(x, 0)), (Numbers{0, 1, -4, 3, 5, 2}));
  EXPECT_EQ(at(argsort(x, -1)), (Where{1, 2, 0, 2, 0, 1}));
  const Tensor<double> large = irregular({3, 70, 4});
  for (const int axis : {0, 1, 2}) {
    const Tensor<double> y = moveaxis(sort(large, axis), axis, -1), z = moveaxis(large, axis, -1);
    const std::size_t n = y.shape().back();
    for (std::size_t row = 0; row < y.size(); row += n) {
      Numbers expected(z.data() + row, z.data() + row + n);
      std::sort(expected.begin(), expected.end());
      EXPECT_EQ(Numbers(y.data() + row, y.data() + row + n), expected);
    }
  }
}

TEST(Sort, TheGradientGoesBackToWhereElementsStood) {
  const Tensor<double> x = variable(Array2{{3, 1, 2}, {2, nan_value, 2}});
  sort(x).backward(Array2{{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(elements(x.grad()), (Numbers{3, 1, 2, 4, 6, 5}));
}

TEST(TopK, ValuesAndIndices) {
  const Tensor<double> x = variable(Array2{{1, 9, 3, 9, 5}, {4, nan_value, 2, 8, 6}});
  const auto [values, indices] = topk(x, 3);
  EXPECT_EQ(at(indices), (Where{1, 3, 4, 1, 3, 4}));
  EXPECT_EQ(Numbers(values.data(), values.data() + 3), (Numbers{9, 9, 5}));
  EXPECT_TRUE(std::isnan(values.data()[3])) << "NaN is larger than any number, as PyTorch has it";
  values.backward(Array2{{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(elements(x.grad()), (Numbers{0, 1, 0, 2, 3, 0, 4, 0, 5, 6}));
  const auto smallest = topk(x, 2, -1, false);
  EXPECT_EQ(elements(smallest.values), (Numbers{1, 3, 2, 4}));
  EXPECT_EQ(at(smallest.indices), (Where{0, 2, 2, 0}));
  EXPECT_EQ(elements(topk(Tensor<double>(Array2{{1, 4}, {3, 2}}), 1, 0).values), (Numbers{3, 4}));
  EXPECT_EQ(topk(x, 0).values.shape(), (Shape{2, 0}));
}

TEST(ArgMax, FirstOfEqualsAndFirstNaN) {
  const Tensor<double> x = Array2{{0, 7, 7}, {-1, -9, -9}};
  EXPECT_EQ(argmax(x)(), 1);
  EXPECT_EQ(argmax(x).dimension(), 0u);
  EXPECT_EQ(argmin(x)(), 4);
  EXPECT_EQ(at(argmax(x, 1)), (Where{1, 0}));
  EXPECT_EQ(at(argmax(x, 0)), (Where{0, 0, 0}));
  EXPECT_EQ(at(argmin(x, -1)), (Where{0, 1}));
  EXPECT_EQ(argmax(x, 0, true).shape(), (Shape{1, 3}));
  EXPECT_EQ(argmax(x, 1).shape(), Shape{2});
  const Tensor<double> poisoned = Array2{{1, nan_value}, {nan_value, infinity}, {nan_value, 3}};
  EXPECT_EQ(at(argmax(poisoned, 0)), (Where{1, 0}));
  EXPECT_EQ(at(argmin(poisoned, 0)), (Where{1, 0}));
  EXPECT_EQ(argmax(poisoned)(), 1);
  EXPECT_EQ(argmax(Tensor<double>(5))(), 0);
  EXPECT_EQ(at(argmax(Tensor<double>(Array2{-infinity, -infinity}), 0)), (Where{0}));
  EXPECT_EQ(argmax(Tensor<double>(empty_array<double>({0, 3})), 1).shape(), Shape{0});
}

TEST(ArgMax, AgreesWithMaxAlongEveryAxis) {
  const Tensor<float> x = irregular<float>({3, 50, 7});
  for (const int axis : {0, 1, 2}) {
    EXPECT_EQ(elements(take_along_axis(x, argmax(x, axis, true), axis)), elements(max(x, axis)));
    EXPECT_EQ(elements(take_along_axis(x, argmin(x, axis, true), axis)), elements(min(x, axis)));
  }
}

TEST(Masks, AnyAllCount) {
  const xt::xarray<bool> mask{{true, false, true}, {true, false, false}};
  EXPECT_TRUE(any(mask));
  EXPECT_FALSE(all(mask));
  EXPECT_EQ(gradus::count_nonzero(mask), 3u);
  EXPECT_EQ(elements(any(mask, 0)), (Numbers{1, 0, 1}));
  EXPECT_EQ(elements(all(mask, 0)), (Numbers{1, 0, 0}));
  EXPECT_EQ(elements(all(mask, {1}, true)), (Numbers{0, 0}));
  EXPECT_EQ(all(mask, {1}, true).shape(), (Shape{2, 1}));
  EXPECT_EQ(at(gradus::count_nonzero(mask, Axes{0, 1})), (Where{3}));
  const Tensor<double> x = Array2{{0, -1, nan_value}, {0, 0, 2}};
  EXPECT_EQ(at(count_nonzero(x, 1)), (Where{2, 1}));
  EXPECT_EQ(at(count_nonzero(x, -2)), (Where{0, 1, 2}));
  EXPECT_TRUE(any(x > 1));
  EXPECT_TRUE(all(x * 0 == 0 || x != x));
  EXPECT_FALSE(any(xt::xarray<bool>::from_shape({0})));
  EXPECT_TRUE(all(xt::xarray<bool>::from_shape({0})));
  EXPECT_EQ(elements(all(xt::xarray<bool>::from_shape({0, 2}), 0)), (Numbers{1, 1}));
  Array<bool> cube = empty_array<bool>({2, 3, 4});
  for (std::size_t i = 0; i < 24; ++i) cube.data()[i] = i % 5 == 0 || i % 7 == 0;
  EXPECT_EQ(at(gradus::count_nonzero(cube, Axes{0, 2})), (Where{3, 2, 3}));
  EXPECT_EQ(gradus::count_nonzero(cube, Axes{1}, true).shape(), (Shape{2, 1, 4}));
}

TEST(Cumulate, SumsAndProducts) {
  const Tensor<double> x = Array2{{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(elements(cumsum(x)), (Numbers{1, 3, 6, 10, 15, 21}));
  EXPECT_EQ(cumsum(x).shape(), Shape{6});
  EXPECT_EQ(elements(cumsum(x, 0)), (Numbers{1, 2, 3, 5, 7, 9}));
  EXPECT_EQ(elements(cumsum(x, -1)), (Numbers{1, 3, 6, 4, 9, 15}));
  EXPECT_EQ(elements(cumprod(x)), (Numbers{1, 2, 6, 24, 120, 720}));
  EXPECT_EQ(elements(cumprod(x, 0)), (Numbers{1, 2, 3, 4, 10, 18}));
  EXPECT_EQ(elements(cumprod(x, 1)), (Numbers{1, 2, 6, 4, 20, 120}));
  EXPECT_EQ(cumsum(Tensor<double>(3)).shape(), Shape{1});
}

TEST(Cumulate, LongSumsOfFloatsKeepTheirDigits) {
  constexpr std::size_t n = std::size_t{1} << 25;  // one after another they would end at 2^24
  const Tensor<float> ones(full_array<float>({n}, 1.0F));
  const Tensor<float> sums = cumsum(ones);
  EXPECT_EQ(sums.data()[n - 1], 33554432.0F);
  for (std::size_t i = 0; i < n; i += 1 << 20) EXPECT_EQ(sums.data()[i], static_cast<float>(i + 1)) << i;
}

TEST(Cumulate, SumsAgainstALoopAcrossBlocks) {
  for (const Shape& shape : {Shape{1000}, Shape{2, 777, 3}, Shape{70000, 1}, Shape{3, 256}, Shape{3, 257}}) {
    const Tensor<double> x = irregular(shape);
    const std::ptrdiff_t axis = shape.size() > 1 ? 1 : 0;
    const Tensor<double> y = cumsum(x, axis);
    const auto [outer, n, inner] = kernels::around_axis(shape, static_cast<std::size_t>(axis));
    for (std::size_t o = 0; o < outer; ++o)
      for (std::size_t i = 0; i < inner; ++i) {
        long double total = 0;
        for (std::size_t k = 0; k < n; ++k) {
          const std::size_t place = (o * n + k) * inner + i;
          total += x.data()[place];
          ASSERT_NEAR(y.data()[place], static_cast<double>(total), 1e-11);
        }
      }
  }
}

TEST(Reduce, StandardDeviation) {
  const Tensor<double> x = Array2{{1, 2, 3, 4}, {10, 10, 10, 10}};
  EXPECT_EQ(elements(stddev(x, 1)), (Numbers{std::sqrt(1.25), 0}));
  EXPECT_DOUBLE_EQ(gradus::std(x, {1}, {.ddof = 1}).data()[0], std::sqrt(5. / 3));
  EXPECT_EQ(gradus::std(x, {1}, {.keepdims = true}).shape(), (Shape{2, 1}));
  const Tensor<double> y = irregular({3, 4, 5});
  for (const Axes& axes : {Axes(), Axes{0}, Axes{1}, Axes{-1}, Axes{0, 2}, Axes{1, 2}}) {
    const Tensor<double> s = stddev(y, axes, true), v = var(y, axes, true);
    ASSERT_EQ(s.shape(), v.shape());
    for (std::size_t i = 0; i < s.size(); ++i) EXPECT_NEAR(s.data()[i] * s.data()[i], v.data()[i], 1e-15);
  }
}

TEST(Reduce, NormsOfEveryKind) {
  const Tensor<double> x = Array2{{3, -4}, {0, 12}};
  const auto of = [&](double p) { return elements(norm(x, 1, {.p = p})); };
  EXPECT_EQ(of(1), (Numbers{7, 12}));
  EXPECT_EQ(of(2), (Numbers{5, 12}));
  EXPECT_EQ(of(infinity), (Numbers{4, 12}));
  EXPECT_EQ(of(-infinity), (Numbers{3, 0}));
  EXPECT_EQ(of(0), (Numbers{2, 1}));
  EXPECT_NEAR(of(3)[0], std::cbrt(91), 1e-14);
  EXPECT_NEAR(of(0.5)[0], std::pow(std::sqrt(3) + 2, 2), 1e-13);
  EXPECT_NEAR(of(-2)[0], 2.4, 1e-14);
  EXPECT_EQ(of(-2)[1], 0);
  EXPECT_EQ(norm(x, {}, {.p = 1}).item(), 19);
  EXPECT_EQ(norm(x, {0, 1}, {.keepdims = true, .p = 3}).shape(), (Shape{1, 1}));
}

TEST(Order, EachCallIsOneStep) {
  const Tensor<double> x = exp(variable(Array2{{1, 2}, {3, 4}}));
  for (const Tensor<double>& y :
       {cumsum(x), cumsum(x, 0), cumprod(x), cumprod(x, 1), sort(x), topk(x, 1).values, stddev(x),
        norm(x, {}, {.p = 1}), norm(x, {0}, {.p = 3})})
    EXPECT_EQ(y.stage(), 2u);
}

}  // namespace
}  // namespace gradus
