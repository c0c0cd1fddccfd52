#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

namespace gradus {
namespace {

using Array2 = xt::xarray<double>;
using Ints = xt::xarray<int>;

TEST(TakeAlongAxis, IsNumPys) {
  const Tensor<double> x = Array2{{10, 30, 20}, {60, 40, 50}};
  EXPECT_EQ(elements(take_along_axis(x, argsort(x, 1), 1)), (Numbers{10, 20, 30, 40, 50, 60}));
  EXPECT_EQ(elements(take_along_axis(x, argmax(x, 1, true), 1)), (Numbers{30, 60}));
  EXPECT_EQ(elements(take_along_axis(x, argmin(x, 0, true), 0)), (Numbers{10, 30, 20}));
  EXPECT_EQ(elements(take_along_axis(x, Ints{{-1, 0}}, 1)), (Numbers{20, 10, 50, 60})) << "broadcast";
  EXPECT_EQ(take_along_axis(x, Ints::from_shape({2, 0}), 1).shape(), (Shape{2, 0}));
}

/// Against the definition, with indices broadcast along any axis, and x too.
TEST(TakeAlongAxis, AgainstALoop) {
  for (const std::size_t axis : {0, 1, 2})
    for (std::size_t set = 0; set < 64; ++set) {
      Shape shape{3, 4, 2}, given{3, 4, 2};
      for (std::size_t d = 0; d < 3; ++d) {
        if (d != axis && (set >> d & 1)) shape[d] = 1;
        if (d != axis && (set >> (d + 3) & 1)) given[d] = 1;
      }
      given[axis] = 5;
      Ints indices = Ints::from_shape(given);
      int next = 0;
      for (int& index : indices)
        index = (next += 5) % static_cast<int>(2 * shape[axis]) - static_cast<int>(shape[axis]);
      const Tensor<double> x = variable(irregular(shape).value()),
                           y = take_along_axis(x, indices, static_cast<int>(axis));
      Shape to{3, 4, 2};
      to[axis] = 5;
      for (std::size_t d = 0; d < 3; ++d)
        if (d != axis) to[d] = std::max(shape[d], given[d]);
      ASSERT_EQ(y.shape(), to);
      Numbers expected(x.size(), 0);
      const Tensor<double> seed = irregular(to, 2);
      y.backward(seed);
      const auto in = [](std::size_t i, std::size_t extent) { return extent == 1 ? 0 : i; };
      for (std::size_t i = 0; i < y.size(); ++i) {
        std::array<std::size_t, 3> at{i / (to[1] * to[2]), i / to[2] % to[1], i % to[2]}, from = at;
        const int index = indices(in(at[0], given[0]), in(at[1], given[1]), in(at[2], given[2]));
        for (std::size_t d = 0; d < 3; ++d) from[d] = in(at[d], shape[d]);
        from[axis] = static_cast<std::size_t>(index < 0 ? index + static_cast<int>(shape[axis]) : index);
        const std::size_t place = (from[0] * shape[1] + from[1]) * shape[2] + from[2];
        EXPECT_EQ(y.data()[i], x.data()[place]);
        expected[place] += seed.data()[i];
      }
      for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x.grad().data()[i], expected[i], 1e-13);
    }
}

TEST(Gather, IsPyTorchs) {
  const Tensor<double> x = Array2{{1, 2}, {3, 4}};
  EXPECT_EQ(elements(gather(x, Ints{{0, 0}, {1, 0}}, 1)), (Numbers{1, 1, 4, 3}));
  EXPECT_EQ(elements(gather(x, Ints(xt::ones<int>({1, 1})), 0)), (Numbers{3}))
      << "columns beyond the indices are left out";
  EXPECT_EQ(elements(gather(x, Ints{{1, 0}, {-2, 1}, {1, 1}}, 0)), (Numbers{3, 2, 1, 4, 3, 4}));
}

TEST(ScatterAdd, IsPyTorchs) {
  const Tensor<double> src = Array2{{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}};
  const Ints indices{{0, 1, 2, 0, 0}, {0, 1, 2, 2, 2}};
  EXPECT_EQ(elements(scatter_add(Array2(xt::zeros<double>({3, 5})), indices, src, 0)),
            (Numbers{7, 0, 0, 4, 5, 0, 9, 0, 0, 0, 0, 0, 11, 9, 10}));
  const Tensor<double> x = Array2{1, 2, 3};
  EXPECT_EQ(elements(scatter_add(x, Ints{0, 0, -1}, 10, 0)), (Numbers{21, 2, 13}));
  const Tensor<double> v = variable(x.value()), w = variable(Array2{5, 6});
  scatter_add(v, Ints{2, 2}, w, 0).backward(Array2{1, 10, 100});
  EXPECT_EQ(elements(v.grad()), (Numbers{1, 10, 100}));
  EXPECT_EQ(elements(w.grad()), (Numbers{100, 100}));
  const Scalar s = variable(2);
  sum(scatter_add(x, Ints{0, 1}, s, 0)).backward();
  EXPECT_EQ(s.grad(), 2);
  EXPECT_EQ(elements(x), (Numbers{1, 2, 3})) << "the operand stays as it is";
}

TEST(MaskSelect, IsAVectorInRowMajorOrder) {
  const Tensor<double> x = variable(Array2{{1, -2, 3}, {-4, 5, -6}});
  const Tensor<double> y = mask_select(x, x > 0);
  EXPECT_EQ(elements(y), (Numbers{1, 3, 5}));
  EXPECT_EQ(y.shape(), Shape{3});
  y.backward(Array2{10, 20, 30});
  EXPECT_EQ(elements(x.grad()), (Numbers{10, 0, 20, 0, 30, 0}));
  EXPECT_EQ(elements(mask_select(x, Ints{0, 7, 0})), (Numbers{-2, 5})) << "broadcast";
  EXPECT_EQ(mask_select(x, x > 100).shape(), Shape{0});
  EXPECT_EQ(mask_select(Tensor<double>(4), xt::xarray<bool>(true)).shape(), Shape{1});
}

TEST(OneHot, HasARowForEachLabel) {
  const Tensor<float> rows = one_hot<float>(Ints{2, 0}, 3);
  EXPECT_EQ(elements(rows), (Numbers{0, 0, 1, 1, 0, 0}));
  EXPECT_EQ(one_hot(Ints{{1, 0, 1}}, 4).shape(), (Shape{1, 3, 4}));
  EXPECT_EQ(one_hot(Ints::from_shape({0}), 3).shape(), (Shape{0, 3}));
  EXPECT_FALSE(rows.requires_grad());
}

TEST(Gather, EachCallIsOneStep) {
  const Tensor<double> x = exp(variable(Array2{1, 2}));
  EXPECT_EQ(take_along_axis(x, Ints{0}, 0).stage(), 2u);
  EXPECT_EQ(gather(x, Ints{0}, 0).stage(), 2u);
  EXPECT_EQ(scatter_add(x, Ints{0, 1}, x, 0).stage(), 2u);
  EXPECT_EQ(mask_select(x, x > 3).stage(), 2u);
}

// Indices that repeat are added up in order, and in order whatever the number of threads.
TEST(Gather, LargeArraysOnAnyNumberOfThreads) {
  const int before = num_threads();
  const Tensor<float> x = irregular<float>({400, 1000});
  Ints indices = Ints::from_shape({400, 1000});
  for (std::size_t i = 0; i < indices.size(); ++i) indices.data()[i] = static_cast<int>(i * 7919 % 400);
  std::vector<std::vector<Array<float>>> results;
  for (const int threads : {1, 2, 3}) {
    set_num_threads(threads);
    const Tensor<float> v = variable(x.value());
    (take_along_axis(v, indices, 0) + scatter_add(v, indices, x, 0)).backward(x);
    results.push_back({take_along_axis(x, indices, 1).value(), v.grad()});
  }
  set_num_threads(before);
  for (const auto& other : results)
    for (std::size_t i = 0; i < other.size(); ++i) EXPECT_TRUE(other[i] == results[0][i]) << i;
}

}  // namespace
}  // namespace gradus
