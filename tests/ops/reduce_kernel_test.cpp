#include <algorithm>
#include <functional>
#include <numeric>

#include <gradus/ops/kernels/reduce.hpp>
#include <gradus/tests/ops/kernel_values.hpp>

namespace gradus::kernels {
namespace {

using Numbers = testing::Types<float, double>;

/// Every kind of group: rows, short rows, tiles of columns, long reductions, and their leftovers.
const std::vector<ReduceShape> shapes{
    {1, 1, 1},      {1, 10, 1},    {100, 10, 1},  {37, 3, 1},     {5, 33, 1},    {3, 1000, 1},
    {2, 1025, 1},   {1, 70000, 1}, {3, 66001, 1}, {1, 200, 16},   {1, 100, 10},  {2, 17, 3},
    {4, 5, 128},    {1, 40, 300},  {2, 1, 130},   {1, 270000, 1}, {1, 90000, 3}, {300, 20, 1},
    {1, 3000, 129}, {64, 1, 1},    {0, 3, 2},     {3, 4, 0},      {1, 300, 500}, {50, 2, 2}};

std::string name(ReduceShape s) { return to_string(Shape{s.outer, s.n, s.inner}); }

std::size_t size(ReduceShape s) { return s.outer * s.n * s.inner; }

/// The slices of x along the middle axis, in the order of the result.
template <class T>
std::vector<std::vector<long double>> slices(const std::vector<T>& x, ReduceShape s) {
  std::vector<std::vector<long double>> result(s.outer * s.inner);
  for (std::size_t o = 0; o < s.outer; ++o)
    for (std::size_t k = 0; k < s.n; ++k)
      for (std::size_t i = 0; i < s.inner; ++i)
        result[o * s.inner + i].push_back(x[(o * s.n + k) * s.inner + i]);
  return result;
}

using Slice = std::vector<long double>;

long double exact_sum(const Slice& x) { return std::accumulate(x.begin(), x.end(), 0.0L); }
long double exact_mean(const Slice& x) { return exact_sum(x) / static_cast<long double>(x.size()); }

/// Compares kernel(x, shape, out) with exact(slice) on every shape.
template <class T, class Kernel, class Exact>
void check(const Kernel& kernel, const Exact& exact, const std::string& what) {
  for (const ReduceShape shape : shapes) {
    const std::vector<T> x = random_values<T>(size(shape), 0.5, 1.5);
    std::vector<long double> expected;
    for (const Slice& slice : slices(x, shape)) expected.push_back(exact(slice));
    std::vector<T> out(shape.outer * shape.inner, T(-7));
    kernel(x.data(), shape, out.data());
    expect_values(out, expected, what + name(shape));
  }
}

template <class T>
class ReduceKernels : public testing::Test {};
TYPED_TEST_SUITE(ReduceKernels, Numbers);

TYPED_TEST(ReduceKernels, AreWhatTheyAreCalledOnEveryShape) {
  using T = TypeParam;
  check<T>(sum<T>, exact_sum, "sum");
  check<T>(
      max<T>, [](const Slice& x) { return *std::max_element(x.begin(), x.end()); }, "max");
  check<T>(
      min<T>, [](const Slice& x) { return *std::min_element(x.begin(), x.end()); }, "min");
  check<T>(
      norm2<T>,
      [](const Slice& x) { return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0L)); },
      "norm2");
  check<T>(
      logsumexp<T>,
      [](const Slice& x) {
        long double total = 0;
        for (const long double v : x) total += std::exp(v);
        return std::log(total);
      },
      "logsumexp");
}

TYPED_TEST(ReduceKernels, ProductOfFewOrOfFactorsNearOne) {
  using T = TypeParam;
  for (const ReduceShape shape : {ReduceShape{3, 7, 1}, {40, 7, 1}, {2, 7, 20}, {1, 5000, 1}}) {
    const std::vector<T> x =
        shape.n > 10 ? random_values<T>(size(shape), 0.999, 1.001) : random_values<T>(size(shape), -2, 2);
    std::vector<long double> expected;
    for (const Slice& slice : slices(x, shape))
      expected.push_back(std::accumulate(slice.begin(), slice.end(), 1.0L, std::multiplies<>()));
    std::vector<T> out(shape.outer * shape.inner);
    prod(x.data(), shape, out.data());
    expect_values(out, expected, "prod" + name(shape), 256);
  }
}

TYPED_TEST(ReduceKernels, SquaredDeviationsFromAGivenMean) {
  using T = TypeParam;
  for (const ReduceShape shape : shapes) {
    const std::vector<T> x =
        random_values<T>(size(shape), 1e4 - 1, 1e4 + 1);  // far from 0: one pass would cancel
    std::vector<T> mean, out(shape.outer * shape.inner);
    std::vector<long double> expected;
    for (const Slice& slice : slices(x, shape)) {
      mean.push_back(static_cast<T>(exact_mean(slice)));
      long double total = 0;
      for (const long double v : slice) total += (v - mean.back()) * (v - mean.back());
      expected.push_back(total);
    }
    sum_squared_deviation(x.data(), mean.data(), shape, out.data());
    expect_values(out, expected, "sum_squared_deviation" + name(shape));
  }
}

TYPED_TEST(ReduceKernels, NothingSumsToZeroAndMultipliesToOne) {
  using T = TypeParam;
  for (const ReduceShape shape : {ReduceShape{3, 0, 1}, {2, 0, 5}}) {
    std::vector<T> out(shape.outer * shape.inner, T(9));
    const T* nothing = nullptr;
    sum(nothing, shape, out.data());
    EXPECT_EQ(out, std::vector<T>(out.size(), T(0)));
    prod(nothing, shape, out.data());
    EXPECT_EQ(out, std::vector<T>(out.size(), T(1)));
    logsumexp(nothing, shape, out.data());
    EXPECT_EQ(out, std::vector<T>(out.size(), -std::numeric_limits<T>::infinity()));
  }
}

TEST(SumKernel, AddsManyFloatsWithoutDrowningThem) {
  const std::size_t n = std::size_t{1} << 25;
  std::vector<float> x(n, 1.0f);
  for (const ReduceShape shape : {ReduceShape{1, n, 1}, {1, n / 4, 4}}) {
    std::vector<float> out(shape.inner);
    sum(x.data(), shape, out.data());
    EXPECT_EQ(out, std::vector<float>(shape.inner, static_cast<float>(shape.n)));
  }
  EXPECT_EQ(sum_in_double(x.data(), n), static_cast<double>(n));
  x.assign(n / 8, 0.1f);
  float total;
  sum(x.data(), {1, x.size(), 1}, &total);
  EXPECT_NEAR(total, static_cast<double>(x[0]) * static_cast<double>(x.size()), 1e-6 * total);
}

TYPED_TEST(ReduceKernels, SumInDouble) {
  using T = TypeParam;
  for (const std::size_t n : {0, 1, 9, 1000, 100003}) {
    const std::vector<T> x = random_values<T>(n);
    long double exact = 0;
    for (const T v : x) exact += v;
    EXPECT_NEAR(sum_in_double(x.data(), n), static_cast<double>(exact), 1e-10) << n;
  }
}

/// The same special value in every kind of group.
template <class T, class Kernel>
void expect_special(const Kernel& kernel, T special, T others, T expected, const std::string& what) {
  for (const ReduceShape shape : {ReduceShape{1, 40, 1}, {40, 5, 1}, {2, 70, 3}, {1, 3, 200}}) {
    std::vector<T> x(size(shape), others), out(shape.outer * shape.inner);
    for (std::size_t o = 0; o < shape.outer; ++o)
      for (std::size_t i = 0; i < shape.inner; ++i)
        x[(o * shape.n + shape.n / 2) * shape.inner + i] = special;
    kernel(x.data(), shape, out.data());
    expect_values(out, std::vector<T>(out.size(), expected), what + name(shape));
  }
}

TYPED_TEST(ReduceKernels, NaNComesThrough) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  expect_special(sum<T>, nan, T(1), nan, "sum");
  expect_special(prod<T>, nan, T(1), nan, "prod");
  expect_special(max<T>, nan, T(1), nan, "max");
  expect_special(min<T>, nan, T(1), nan, "min");
  expect_special(norm2<T>, nan, T(1), nan, "norm2");
  expect_special(logsumexp<T>, nan, T(1), nan, "logsumexp");
}

TYPED_TEST(ReduceKernels, ExtremeValuesNeitherOverflowNorVanish) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity(), huge = std::numeric_limits<T>::max() / 4;
  const T tiny = std::numeric_limits<T>::min();
  expect_special(norm2<T>, huge, T(0), huge, "norm2");
  expect_special(norm2<T>, T(-tiny), T(0), tiny, "norm2");
  expect_special(norm2<T>, T(0), T(0), T(0), "norm2");
  expect_special(norm2<T>, T(-infinity), T(1), infinity, "norm2");
  expect_special(logsumexp<T>, huge, T(0), huge, "logsumexp");
  expect_special(logsumexp<T>, T(-3), -infinity, T(-3), "logsumexp");
  expect_special(logsumexp<T>, T(-1000), -huge, T(-1000), "logsumexp");
  expect_special(logsumexp<T>, -infinity, -infinity, -infinity, "logsumexp");
  expect_special(logsumexp<T>, infinity, -infinity, infinity, "logsumexp");
  expect_special(max<T>, -huge, -infinity, -huge, "max");
  expect_special(max<T>, -infinity, -infinity, -infinity, "max");
  expect_special(min<T>, infinity, infinity, infinity, "min");
}

TYPED_TEST(ReduceKernels, GiveTheSameBitsOnAnyNumberOfThreads) {
  using T = TypeParam;
  for (const ReduceShape shape : {ReduceShape{1, 300001, 1}, {1, 60000, 5}, {3, 100000, 1}, {500, 300, 2}})
    expect_same_on_any_number_of_threads([&] {
      const std::vector<T> x = random_values<T>(size(shape));
      std::vector<T> out(shape.outer * shape.inner), more = out;
      sum(x.data(), shape, out.data());
      logsumexp(x.data(), shape, more.data());
      out.insert(out.end(), more.begin(), more.end());
      out.push_back(static_cast<T>(sum_in_double(x.data(), x.size())));
      return out;
    });
}

TYPED_TEST(ReduceKernels, ReduceToUndoesABroadcast) {
  using T = TypeParam;
  const std::vector<std::pair<Shape, Shape>> pairs{{{2, 3}, {2, 3}},
                                                   {{100, 7}, {7}},
                                                   {{100, 7}, {1, 7}},
                                                   {{100, 7}, {100, 1}},
                                                   {{100, 7}, {}},
                                                   {{100, 7}, {1}},
                                                   {{4, 5, 6}, {5, 1}},
                                                   {{4, 5, 6}, {4, 1, 6}},
                                                   {{4, 5, 6, 7}, {1, 5, 1, 7}},
                                                   {{4, 5, 6, 7}, {4, 1, 6, 1}},
                                                   {{2, 3, 2, 3, 2}, {3, 1, 3, 1}},
                                                   {{3, 0}, {3, 1}},
                                                   {{}, {}}};
  for (const auto& [from, to] : pairs)
    for (const bool accumulate : {false, true}) {
      const std::vector<T> x = random_values<T>(count(from));
      std::vector<T> out(count(to), T(0.5));
      std::vector<long double> expected(count(to), accumulate ? 0.5L : 0.0L);
      for (std::size_t i = 0; i < x.size(); ++i) expected[stretched_offset(to, from, i)] += x[i];
      reduce_to(x.data(), from, out.data(), to, accumulate);
      expect_values(out, expected, to_string(from) + " to " + to_string(to), 64);
    }
}

TYPED_TEST(ReduceKernels, VectorJacobianProducts) {
  using T = TypeParam;
  for (const ReduceShape shape : shapes)
    for (const bool accumulate : {false, true}) {
      if (size(shape) > 100000) continue;
      const std::size_t results = shape.outer * shape.inner;
      std::vector<T> x = random_values<T>(size(shape)), y(results), g = random_values<T>(results, -1, 1, 2);
      for (T& v : x) v = std::round(v * 2);  // ties
      for (std::size_t i = 0; i < results; i += 3) g[i] = 0;
      const T before = T(0.25);
      const auto all = slices(x, shape);
      const auto expect = [&](const std::vector<T>& gx, const std::string& what, const auto& exact) {
        std::vector<long double> expected(gx.size());
        for (std::size_t i = 0; i < gx.size(); ++i) {
          const std::size_t slice = i / (shape.n * shape.inner) * shape.inner + i % shape.inner;
          expected[i] = (accumulate ? before : 0) + g[slice] * exact(slice, static_cast<long double>(x[i]));
        }
        expect_values(gx, expected, what + name(shape));
      };
      std::vector<T> gx(x.size(), before);
      sum_backward(g.data(), T(0.5), gx.data(), shape, accumulate);
      expect(gx, "sum", [](std::size_t, long double) { return 0.5L; });

      max(x.data(), shape, y.data());
      std::vector<long double> ties;
      for (std::size_t i = 0; i < results; ++i)
        ties.push_back(static_cast<long double>(std::count(all[i].begin(), all[i].end(), y[i])));
      gx.assign(x.size(), before);
      extremum_backward(g.data(), x.data(), y.data(), gx.data(), shape, accumulate);
      expect(gx, "extremum",
             [&](std::size_t slice, long double v) { return v == y[slice] ? 1 / ties[slice] : 0; });

      logsumexp(x.data(), shape, y.data());
      gx.assign(x.size(), before);
      logsumexp_backward(g.data(), x.data(), y.data(), gx.data(), shape, accumulate);
      expect(gx, "logsumexp", [&](std::size_t slice, long double v) { return std::exp(v - y[slice]); });

      gx.assign(x.size(), before);
      deviation_backward(g.data(), T(3), x.data(), y.data(), gx.data(), shape, accumulate);
      expect(gx, "deviation", [&](std::size_t slice, long double v) { return 3 * (v - y[slice]); });

      norm2(x.data(), shape, y.data());
      gx.assign(x.size(), before);
      norm2_backward(g.data(), x.data(), y.data(), gx.data(), shape, accumulate);
      expect(gx, "norm2", [&](std::size_t slice, long double v) { return y[slice] == 0 ? 0 : v / y[slice]; });
    }
}

TYPED_TEST(ReduceKernels, TheGradientOfAProductIsTheProductOfTheOthers) {
  using T = TypeParam;
  for (const ReduceShape shape : {ReduceShape{1, 1, 1}, {5, 4, 1}, {40, 6, 1}, {2, 5, 3}, {1, 3, 200}})
    for (const bool accumulate : {false, true}) {
      std::vector<T> x = random_values<T>(size(shape)),
                     g = random_values<T>(shape.outer * shape.inner, -1, 1, 2);
      for (std::size_t i = 0; i < x.size(); i += 4) x[i] = 0;  // slices with none, one and several
      std::vector<T> gx(x.size(), T(0.25));
      prod_backward(g.data(), x.data(), gx.data(), shape, accumulate);
      std::vector<long double> expected;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t o = i / (shape.n * shape.inner), column = i % shape.inner;
        long double others = g[o * shape.inner + column];
        for (std::size_t k = 0; k < shape.n; ++k) {
          const std::size_t j = (o * shape.n + k) * shape.inner + column;
          if (j != i) others *= x[j];
        }
        expected.push_back((accumulate ? 0.25L : 0) + others);
      }
      expect_values(gx, expected, "prod" + name(shape));
    }
}

TYPED_TEST(ReduceKernels, ZeroAbsorbsAndNaNDoesNotHide) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const std::size_t inner : {1, 2}) {
    const ReduceShape shape{1, 3, inner};
    const std::vector<T> x(3 * inner, nan), y(inner, nan), zero(inner, T(0)), one(inner, T(1));
    std::vector<T> gx(3 * inner, T(1));
    extremum_backward(zero.data(), x.data(), y.data(), gx.data(), shape, true);
    EXPECT_EQ(gx, std::vector<T>(3 * inner, T(1)));
    logsumexp_backward(zero.data(), x.data(), y.data(), gx.data(), shape, true);
    EXPECT_EQ(gx, std::vector<T>(3 * inner, T(1)));
    extremum_backward(one.data(), x.data(), y.data(), gx.data(), shape, false);
    EXPECT_TRUE(std::all_of(gx.begin(), gx.end(), [](T v) { return std::isnan(v); }));
  }
}

}  // namespace
}  // namespace gradus::kernels
