#include <algorithm>
#include <numeric>

#include <gradus/ops/kernels/layout.hpp>
#include <gradus/tests/ops/kernel_values.hpp>

namespace gradus::kernels {
namespace {

template <class T>
class LayoutKernels : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(LayoutKernels, Numbers);

std::vector<std::size_t> strides_of(const Shape& shape) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

TYPED_TEST(LayoutKernels, PermuteByEveryOrderOfAxes) {
  using T = TypeParam;
  for (const Shape& shape : {Shape{},
                             {5},
                             {3, 4},
                             {1, 7},
                             {40, 33},
                             {2, 3, 4},
                             {17, 1, 20},
                             {3, 20, 5, 2},
                             {2, 0, 3},
                             {2, 3, 2, 3, 2},
                             {300, 200}}) {
    std::vector<std::size_t> order(shape.size());
    std::iota(order.begin(), order.end(), 0);
    do {
      Shape result;
      for (const std::size_t axis : order) result.push_back(shape[axis]);
      const std::vector<T> x = random_values<T>(count(shape));
      const auto from = strides_of(shape), to = strides_of(result);
      for (const bool accumulate : {false, true}) {
        std::vector<T> out(x.size(), T(0.5)), expected(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
          std::size_t offset = 0;
          for (std::size_t d = 0; d < order.size(); ++d) offset += i / to[d] % result[d] * from[order[d]];
          expected[i] = x[offset] + (accumulate ? T(0.5) : T(0));
        }
        permute(x.data(), shape, order, out.data(), accumulate);
        EXPECT_EQ(out, expected) << to_string(shape) << " to " << to_string(result);
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TYPED_TEST(LayoutKernels, BroadcastCopyStretches) {
  using T = TypeParam;
  for (const auto& [from, to] : std::vector<std::pair<Shape, Shape>>{{{}, {}},
                                                                     {{}, {3, 4}},
                                                                     {{4}, {3, 4}},
                                                                     {{3, 1}, {3, 4}},
                                                                     {{3, 1, 5}, {2, 3, 4, 5}},
                                                                     {{2, 3}, {2, 3}},
                                                                     {{700}, {300, 700}},
                                                                     {{1}, {0}}}) {
    const std::vector<T> x = random_values<T>(count(from));
    std::vector<T> out(count(to)), expected;
    for (std::size_t i = 0; i < out.size(); ++i) expected.push_back(x[stretched_offset(from, to, i)]);
    broadcast_copy(x.data(), from, out.data(), to);
    EXPECT_EQ(out, expected) << to_string(from) << " to " << to_string(to);
  }
}

TYPED_TEST(LayoutKernels, CopyBlocksBothWays) {
  using T = TypeParam;
  const std::vector<T> x{1, 2, 3, 4, 5, 6};
  std::vector<T> wide(12, T(10));
  copy_blocks(x.data(), 2, wide.data() + 1, 4, 3, 2, false);
  EXPECT_EQ(wide, (std::vector<T>{10, 1, 2, 10, 10, 3, 4, 10, 10, 5, 6, 10}));
  copy_blocks(x.data(), 2, wide.data() + 1, 4, 3, 2, true);
  EXPECT_EQ(wide, (std::vector<T>{10, 2, 4, 10, 10, 6, 8, 10, 10, 10, 12, 10}));
  std::vector<T> back(3);
  copy_blocks(wide.data() + 2, 4, back.data(), 1, 3, 1, false);
  EXPECT_EQ(back, (std::vector<T>{4, 8, 12}));
}

TYPED_TEST(LayoutKernels, TakeAndItsGradient) {
  using T = TypeParam;
  const std::vector<T> x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};  // (2, 3, 2)
  const std::vector<std::int64_t> indices{2, 0, 2, 2};
  std::vector<T> y(16);
  take(x.data(), {2, 3, 2}, indices.data(), 4, y.data());
  EXPECT_EQ(y, (std::vector<T>{5, 6, 1, 2, 5, 6, 5, 6, 11, 12, 7, 8, 11, 12, 11, 12}));
  std::vector<T> gx(12, T(1));
  take_backward(std::vector<T>(16, T(1)).data(), {2, 3, 2}, indices.data(), 4, gx.data());
  EXPECT_EQ(gx, (std::vector<T>{2, 2, 1, 1, 4, 4, 2, 2, 1, 1, 4, 4}));
}

TYPED_TEST(LayoutKernels, WhereTakesNothingFromTheOtherSide) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  constexpr std::size_t n = 37;
  bool mask[n];
  std::vector<T> a(n), b(n), y(n), g(n, nan), expected(n);
  for (std::size_t i = 0; i < n; ++i) {
    mask[i] = i % 3 == 0;
    a[i] = mask[i] ? T(i) : nan;
    b[i] = mask[i] ? nan : -T(i);
    expected[i] = mask[i] ? T(i) : -T(i);
    if (mask[i]) g[i] = T(2);
  }
  where(mask, a.data(), b.data(), y.data(), n);
  EXPECT_EQ(y, expected);
  for (const bool accumulate : {false, true}) {
    std::vector<T> ga(n, T(5)), gb(n, T(5));
    where_backward(mask, true, g.data(), ga.data(), n, accumulate);
    where_backward(mask, false, g.data(), gb.data(), n, accumulate);
    const T before = accumulate ? T(5) : T(0);
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_EQ(ga[i], mask[i] ? before + 2 : before);
      EXPECT_TRUE(mask[i] ? gb[i] == before : std::isnan(gb[i]));
    }
  }
}

}  // namespace
}  // namespace gradus::kernels
