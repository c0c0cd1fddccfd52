#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Ops that cut, move and repeat, against NumPy's documented values and against loops over coordinates.
namespace gradus {
namespace {

using Array2 = xt::xarray<double>;

/// 0, 1, 2 ... of a shape.
template <class T = double>
Tensor<T> counted(const Shape& shape) {
  Array<T> array = empty_array<T>(shape);
  for (std::size_t i = 0; i < array.size(); ++i) array.data()[i] = static_cast<T>(i);
  return Tensor<T>(std::move(array));
}

/// Of y[i] = x[from(i)], for all coordinates i of y: the values, and that the gradient goes back the same
/// way.
template <class F, class From>
void expect_picked(const F& f, const Shape& shape, const Shape& result, const From& from) {
  const Tensor<double> x = variable(irregular(shape).value()), y = f(x);
  ASSERT_EQ(y.shape(), result);
  const Tensor<double> seed = irregular(result, 3);
  y.backward(seed);
  Numbers expected(x.size(), 0), at_result(y.size());
  Shape at(result.size(), 0);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const Shape source = from(at);
    std::size_t place = 0;
    for (std::size_t d = 0; d < shape.size(); ++d) place = place * shape[d] + source[d];
    EXPECT_EQ(y.data()[i], x.data()[place]) << i;
    expected[place] += seed.data()[i];
    for (std::size_t d = at.size(); d-- > 0; at[d] = 0)
      if (++at[d] < result[d]) break;
  }
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x.grad().data()[i], expected[i], 1e-14) << i;
}

TEST(Shapes, RavelSwapaxesMoveaxis) {
  const Tensor<double> x = counted({2, 3, 4});
  EXPECT_EQ(ravel(x).shape(), Shape{24});
  EXPECT_EQ(ravel(Tensor<double>(3)).shape(), Shape{1});
  EXPECT_EQ(elements(ravel(x)), elements(x));
  EXPECT_EQ(swapaxes(x, 0, 2).shape(), (Shape{4, 3, 2}));
  EXPECT_EQ(moveaxis(counted({3, 4, 5}), 0, -1).shape(), (Shape{4, 5, 3}));
  EXPECT_EQ(moveaxis(counted({3, 4, 5}), {0, 1}, {-1, -2}).shape(), (Shape{5, 4, 3}));
  EXPECT_EQ(elements(moveaxis(x, {0, 1}, {1, 2})), elements(transpose(x, {2, 0, 1})));
  expect_picked([](const auto& v) { return swapaxes(v, -1, 1); }, {2, 3, 4}, {2, 4, 3},
                [](const Shape& i) {
                  return Shape{i[0], i[2], i[1]};
                });
}

TEST(Slice, IsPythons) {
  const Tensor<double> x = counted({10});
  const auto cut = [&](Range r) { return elements(slice(x, {r})); };
  EXPECT_EQ(cut(range(2, 5)), (Numbers{2, 3, 4}));
  EXPECT_EQ(cut(range(-3, {})), (Numbers{7, 8, 9}));
  EXPECT_EQ(cut(range({}, -8)), (Numbers{0, 1}));
  EXPECT_EQ(cut(range(1, 8, 3)), (Numbers{1, 4, 7}));
  EXPECT_EQ(cut(range({}, {}, -4)), (Numbers{9, 5, 1}));
  EXPECT_EQ(cut(range(7, 2, -2)), (Numbers{7, 5, 3}));
  EXPECT_EQ(cut(range(2, 7, -1)), (Numbers{}));
  EXPECT_EQ(cut(range(7, 2)), (Numbers{}));
  EXPECT_EQ(cut(range(-100, 100)), elements(x));
  EXPECT_EQ(cut(range(100, -100, -5)), (Numbers{9, 4}));
  EXPECT_EQ(cut(range(-100, -200, -1)), (Numbers{}));
  EXPECT_EQ(cut(range(8, {}, 100)), (Numbers{8}));
  constexpr auto lowest = std::numeric_limits<std::ptrdiff_t>::min();
  EXPECT_EQ(cut(range({}, lowest, lowest)), (Numbers{9}));
  EXPECT_EQ(cut(all()), elements(x));
}

TEST(Slice, EveryRangeAgainstALoop) {
  constexpr std::ptrdiff_t n = 5;
  const Tensor<double> x = counted({n});
  for (std::ptrdiff_t begin = -n - 2; begin <= n + 2; ++begin)
    for (std::ptrdiff_t end = -n - 2; end <= n + 2; ++end)
      for (const std::ptrdiff_t step : {1, 2, 7, -1, -2, -7}) {
        Numbers expected;  // as Python's documentation says: from begin on, as long as end is not reached
        const auto real = [&](std::ptrdiff_t at) {
          at = at < 0 ? at + n : at;
          return step > 0 ? std::max<std::ptrdiff_t>(0, std::min(n, at))
                          : std::max<std::ptrdiff_t>(-1, std::min(n - 1, at));
        };
        for (std::ptrdiff_t i = real(begin); step > 0 ? i < real(end) : i > real(end); i += step)
          expected.push_back(static_cast<double>(i));
        EXPECT_EQ(elements(slice(x, {range(begin, end, step)})), expected)
            << begin << ':' << end << ':' << step;
      }
}

TEST(Slice, PositionsDropAnAxisNewaxisAddsOne) {
  const Tensor<double> x = counted({2, 3, 4});
  EXPECT_EQ(slice(x, {1}).shape(), (Shape{3, 4}));
  EXPECT_EQ(slice(x, {1, -1, 2}).item(), 22);
  EXPECT_EQ(slice(x, {}).shape(), x.shape());
  EXPECT_EQ(slice(x, {newaxis(), 0, all(), newaxis()}).shape(), (Shape{1, 3, 1, 4}));
  EXPECT_EQ(slice(x, {ellipsis(), 0}).shape(), (Shape{2, 3}));
  EXPECT_EQ(slice(x, {0, ellipsis(), newaxis(), 0}).shape(), (Shape{3, 1}));
  EXPECT_EQ(slice(x, {0, 0, 0, ellipsis()}).shape(), Shape{});
  EXPECT_EQ(slice(Tensor<double>(7), {newaxis(), ellipsis()}).shape(), Shape{1});
  EXPECT_EQ(elements(slice(x, {range({}, {}, -1), 1, range(1, 3)})), (Numbers{17, 18, 5, 6}));
  expect_picked(
      [](const auto& v) {
        return slice(v, {range({}, {}, -1), newaxis(), range(1, {}, 2), 3});
      },
      {2, 4, 5}, {2, 1, 2},
      [](const Shape& i) {
        return Shape{1 - i[0], 1 + 2 * i[2], 3};
      });
}

TEST(Slice, TakesXtensorsWords) {
  using namespace xt::placeholders;
  const Tensor<double> x = counted({3, 4});
  EXPECT_EQ(elements(slice(x, {xt::range(0, 2), xt::all()})), elements(slice(x, {range(0, 2), all()})));
  EXPECT_EQ(elements(slice(x, {xt::range(_, _, -2), 0})), (Numbers{8, 0}));
  EXPECT_EQ(elements(slice(x, {xt::range(1, _), xt::range(-2, _)})), (Numbers{6, 7, 10, 11}));
  EXPECT_EQ(slice(x, {xt::newaxis(), xt::ellipsis(), 0}).shape(), (Shape{1, 3}));
}

TEST(Split, EqualPartsAndPositions) {
  const Tensor<double> x = counted({9});
  const auto equal = split(x, 3);
  ASSERT_EQ(equal.size(), 3u);
  EXPECT_EQ(elements(equal[1]), (Numbers{3, 4, 5}));
  const auto at = split(x, {3, 5, 6, -1});
  ASSERT_EQ(at.size(), 5u);
  EXPECT_EQ(elements(at[0]), (Numbers{0, 1, 2}));
  EXPECT_EQ(elements(at[2]), (Numbers{5}));
  EXPECT_EQ(elements(at[4]), (Numbers{8}));
  EXPECT_EQ(split(x, {0, 9, 9})[2].size(), 0u);
  EXPECT_EQ(split(x, std::vector<int>{}).size(), 1u);
  const Tensor<double> v = variable(counted({2, 4}).value());
  sum(split(v, 2, -1)[1] * Array2{{1, 2}, {3, 4}}).backward();
  EXPECT_EQ(elements(v.grad()), (Numbers{0, 0, 1, 2, 0, 0, 3, 4}));
}

TEST(Chunk, IsPyTorchs) {
  const auto lengths = [](std::size_t n, std::ptrdiff_t chunks) {
    Numbers result;
    for (const auto& part : chunk(counted({n}), chunks)) result.push_back(static_cast<double>(part.size()));
    return result;
  };
  EXPECT_EQ(lengths(11, 6), (Numbers{2, 2, 2, 2, 2, 1}));
  EXPECT_EQ(lengths(12, 6), (Numbers{2, 2, 2, 2, 2, 2}));
  EXPECT_EQ(lengths(13, 6), (Numbers{3, 3, 3, 3, 1}));
  EXPECT_EQ(lengths(2, 5), (Numbers{1, 1}));
  EXPECT_EQ(lengths(0, 3), (Numbers{0, 0, 0}));
}

TEST(Flip, TurnsAxes) {
  const Tensor<double> x = counted({2, 2, 2});
  EXPECT_EQ(elements(flip(x, 0)), (Numbers{4, 5, 6, 7, 0, 1, 2, 3}));
  EXPECT_EQ(elements(flip(x, 1)), (Numbers{2, 3, 0, 1, 6, 7, 4, 5}));
  EXPECT_EQ(elements(flip(x)), (Numbers{7, 6, 5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(elements(flip(x, {0, 2})), (Numbers{5, 4, 7, 6, 1, 0, 3, 2}));
  expect_picked(
      [](const auto& v) {
        return flip(v, {-1, 0});
      },
      {3, 2, 4}, {3, 2, 4},
      [](const Shape& i) {
        return Shape{2 - i[0], i[1], 3 - i[2]};
      });
}

TEST(Roll, MovesRound) {
  const Tensor<double> x = counted({10}), m = counted({2, 5});
  EXPECT_EQ(elements(roll(x, 2)), (Numbers{8, 9, 0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(elements(roll(x, -2)), (Numbers{2, 3, 4, 5, 6, 7, 8, 9, 0, 1}));
  EXPECT_EQ(elements(roll(m, 1)), (Numbers{9, 0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(elements(roll(m, 1, 0)), (Numbers{5, 6, 7, 8, 9, 0, 1, 2, 3, 4}));
  EXPECT_EQ(elements(roll(m, -1, 1)), (Numbers{1, 2, 3, 4, 0, 6, 7, 8, 9, 5}));
  EXPECT_EQ(elements(roll(m, 1, {1, 0})), (Numbers{9, 5, 6, 7, 8, 4, 0, 1, 2, 3}));
  EXPECT_EQ(elements(roll(m, {2, 1}, {1, 0})), (Numbers{8, 9, 5, 6, 7, 3, 4, 0, 1, 2}));
  EXPECT_EQ(elements(roll(m, 5, 1)), elements(m));
  expect_picked(
      [](const auto& v) {
        return roll(v, {-8, 4}, {2, 0});
      },
      {3, 2, 5}, {3, 2, 5},
      [](const Shape& i) {
        return Shape{(i[0] + 2) % 3, i[1], (i[2] + 8) % 5};
      });
}

TEST(Pad, PutsConstantsAround) {
  const Tensor<double> x = Array2{{1, 2}, {3, 4}}, line = Array2{1, 2, 3, 4, 5};
  EXPECT_EQ(elements(pad(line, {2, 3}, {4, 6})), (Numbers{4, 4, 1, 2, 3, 4, 5, 6, 6, 6}));
  EXPECT_EQ(elements(pad(x, 1)), (Numbers{0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0}));
  EXPECT_EQ(elements(pad(x, {{1, 0}, {0, 1}}, -1)), (Numbers{-1, -1, -1, 1, 2, -1, 3, 4, -1}));
  // numpy.pad(x, 1, constant_values=((5, 6), (7, 8))): in the corners the later axis is on top.
  EXPECT_EQ(elements(pad(x, 1, {{5, 6}, {7, 8}})), (Numbers{7, 5, 5, 8, 7, 1, 2, 8, 7, 3, 4, 8, 7, 6, 6, 8}));
  EXPECT_EQ(pad(x, {{0, 1}}).shape(), (Shape{3, 3}));
  EXPECT_EQ(elements(pad(Tensor<double>(empty_array<double>({0})), 1, 2)), (Numbers{2, 2}));
  EXPECT_EQ(pad(Tensor<double>(3), 2).item(), 3);
  const Tensor<double> v = variable(x.value());
  pad(v, {{1, 0}, {0, 1}}, nan_value).backward(counted({3, 3}));
  EXPECT_EQ(elements(v.grad()), (Numbers{3, 4, 6, 7}));
}

TEST(Tile, RepeatsTheWhole) {
  const Tensor<double> line = Array2{0, 1, 2}, m = Array2{{1, 2}, {3, 4}};
  EXPECT_EQ(elements(tile(line, 2)), (Numbers{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(elements(tile(line, {2, 2})), (Numbers{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(tile(line, {2, 1, 2}).shape(), (Shape{2, 1, 6}));
  EXPECT_EQ(elements(tile(m, 2)), (Numbers{1, 2, 1, 2, 3, 4, 3, 4}));
  EXPECT_EQ(elements(tile(m, {2, 1})), (Numbers{1, 2, 3, 4, 1, 2, 3, 4}));
  EXPECT_EQ(tile(m, {0, 3}).shape(), (Shape{0, 6}));
  EXPECT_EQ(tile(m, std::vector<int>{}).shape(), m.shape());
  expect_picked(
      [](const auto& v) {
        return tile(v, {2, 1, 3});
      },
      {2, 3, 2}, {4, 3, 6},
      [](const Shape& i) {
        return Shape{i[0] % 2, i[1], i[2] % 2};
      });
  expect_picked(
      [](const auto& v) {
        return tile(v, {2, 2});
      },
      {3}, {2, 6}, [](const Shape& i) { return Shape{i[1] % 3}; });
}

TEST(Repeat, RepeatsEachElement) {
  const Tensor<double> m = Array2{{1, 2}, {3, 4}};
  EXPECT_EQ(elements(repeat(Tensor<double>(3), 4)), (Numbers{3, 3, 3, 3}));
  EXPECT_EQ(elements(repeat(m, 2)), (Numbers{1, 1, 2, 2, 3, 3, 4, 4}));
  EXPECT_EQ(elements(repeat(m, 3, 1)), (Numbers{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}));
  EXPECT_EQ(elements(repeat(m, {1, 2}, 0)), (Numbers{1, 2, 3, 4, 3, 4}));
  EXPECT_EQ(elements(repeat(m, xt::xarray<int>{0, 1, 2, 0})), (Numbers{2, 3, 3}));
  EXPECT_EQ(repeat(m, 0, 0).shape(), (Shape{0, 2}));
  expect_picked([](const auto& v) { return repeat(v, 2, 1); }, {2, 3, 2}, {2, 6, 2},
                [](const Shape& i) {
                  return Shape{i[0], i[1] / 2, i[2]};
                });
}

TEST(Diag, BuildsAndExtracts) {
  const Tensor<double> m = counted({3, 3}), wide = counted({2, 4});
  EXPECT_EQ(elements(diag(m)), (Numbers{0, 4, 8}));
  EXPECT_EQ(elements(diag(m, 1)), (Numbers{1, 5}));
  EXPECT_EQ(elements(diag(m, -1)), (Numbers{3, 7}));
  EXPECT_EQ(elements(diag(wide, 2)), (Numbers{2, 7}));
  EXPECT_EQ(diag(wide, 4).shape(), Shape{0});
  EXPECT_EQ(diag(wide, -9).shape(), Shape{0});
  EXPECT_EQ(elements(diag(Tensor<double>(Array2{1, 2}))), (Numbers{1, 0, 0, 2}));
  EXPECT_EQ(elements(diag(Tensor<double>(Array2{1, 2}), -1)), (Numbers{0, 0, 0, 1, 0, 0, 0, 2, 0}));
  EXPECT_EQ(elements(diag(Tensor<double>(empty_array<double>({0})), 1)), (Numbers{0}));
}

TEST(Diag, DiagonalAndTraceOfAnyTwoAxes) {
  const Tensor<double> cube = counted({2, 2, 2}), x = irregular({2, 3, 4});
  EXPECT_EQ(elements(diagonal(cube)), (Numbers{0, 6, 1, 7}));
  EXPECT_EQ(elements(trace(cube)), (Numbers{6, 8}));
  EXPECT_EQ(trace(counted({3, 3})).item(), 12);
  EXPECT_EQ(trace(counted({3, 3}), 2).item(), 2);
  EXPECT_EQ(trace(counted({3, 3}), 5).item(), 0);
  expect_picked([](const auto& v) { return diagonal(v, 1, -1, 0); }, {4, 2, 3}, {2, 3},
                [](const Shape& i) {
                  return Shape{i[1] + 1, i[0], i[1]};
                });
  const Tensor<double> v = variable(x.value());
  trace(v, 1, 1, 2).backward(Array2{1, 10});
  EXPECT_EQ(elements(v.grad()), (Numbers{0, 1,  0, 0, 0, 0, 1,  0, 0, 0, 0, 1,  //
                                         0, 10, 0, 0, 0, 0, 10, 0, 0, 0, 0, 10}));
}

TEST(Triangles, KeepOneSide) {
  const Tensor<double> m = counted({4, 3}) + 1;
  EXPECT_EQ(elements(tril(m, -1)), (Numbers{0, 0, 0, 4, 0, 0, 7, 8, 0, 10, 11, 12}));
  EXPECT_EQ(elements(triu(m, -1)), (Numbers{1, 2, 3, 4, 5, 6, 0, 8, 9, 0, 0, 12}));
  for (int k = -5; k <= 5; ++k) {
    const Tensor<double> x = variable((counted({2, 3, 4}) + 1).value());
    const Tensor<double> lower = tril(x, k), upper = triu(x, k);
    sum(lower * 2 + upper).backward();
    for (int i = 0; i < 24; ++i) {
      const int row = i / 4 % 3, column = i % 4;
      const auto at = static_cast<std::size_t>(i);
      EXPECT_EQ(lower.data()[at], column - row <= k ? i + 1 : 0);
      EXPECT_EQ(upper.data()[at], column - row >= k ? i + 1 : 0);
      EXPECT_EQ(x.grad().data()[at], (column - row <= k ? 2 : 0) + (column - row >= k ? 1 : 0));
    }
  }
  const Tensor<double> poisoned = Array2{{1, infinity}, {nan_value, 2}};
  EXPECT_EQ(triu(tril(poisoned)).value()(0, 1), 0);
  EXPECT_EQ(elements(tril(triu(poisoned))), (Numbers{1, 0, 0, 2}));
}

TEST(Shapes, EachCallIsOneStep) {
  const Tensor<double> x = exp(variable(Array2{{1, 2}, {3, 4}}));
  for (const Tensor<double>& y : {ravel(x), swapaxes(x, 0, 1), moveaxis(x, 0, 1), slice(x, {0}),
                                  split(x, 2)[1], chunk(x, 2)[0], flip(x), roll(x, 1), pad(x, 1), tile(x, 2),
                                  repeat(x, {1, 2}, 0), diag(x), diagonal(x), trace(x), tril(x), triu(x)})
    EXPECT_EQ(y.stage(), 2u);
}

// Large enough for several threads; every element moves, and the bits do not depend on their number.
TEST(Shapes, LargeArraysOnAnyNumberOfThreads) {
  const int before = num_threads();
  const Tensor<float> x = counted<float>({3, 1000, 401});
  std::vector<std::vector<Tensor<float>>> results;
  for (const int threads : {1, 2, 3}) {
    set_num_threads(threads);
    results.push_back({flip(x), roll(x, 12345), slice(x, {all(), range({}, {}, 3), range({}, {}, -2)}),
                       flip(ravel(x)), tril(x), swapaxes(x, 0, 2), cumsum(x, 1), cumsum(x), sort(x, 1),
                       cumprod(x / 500, 2)});
  }
  set_num_threads(before);
  for (const auto& other : results)
    for (std::size_t i = 0; i < other.size(); ++i)
      EXPECT_TRUE(other[i].value() == results[0][i].value()) << i;
  const std::size_t n = x.size();
  for (std::size_t i = 0; i < n; i += 997) {
    EXPECT_EQ(results[0][0].data()[i], static_cast<float>(n - 1 - i));
    EXPECT_EQ(results[0][1].data()[(i + 12345) % n], static_cast<float>(i));
    EXPECT_EQ(results[0][3].data()[i], static_cast<float>(n - 1 - i));
  }
}

}  // namespace
}  // namespace gradus
