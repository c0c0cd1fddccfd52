#include <algorithm>
#include <array>

#include <gradus/ops/kernels/softmax.hpp>
#include <gradus/tests/ops/kernel_values.hpp>

namespace gradus::kernels {
namespace {

const std::vector<ReduceShape> shapes{{1, 1, 1},    {100, 10, 1}, {7, 10, 1},    {3, 500, 1},
                                      {2, 1500, 1}, {33, 2, 1},   {2, 10, 30},   {4, 3, 2},
                                      {1, 6, 200},  {2, 40, 7},   {1, 70000, 1}, {0, 3, 1}};

std::size_t size(ReduceShape s) { return s.outer * s.n * s.inner; }

std::string name(ReduceShape s) { return to_string(Shape{s.outer, s.n, s.inner}); }

using Exact = std::vector<long double>;

/// f on each slice of x, and on the same slice of a second array.
template <class T, class F>
Exact on_slices(const std::vector<T>& x, const std::vector<T>& second, ReduceShape s, const F& f) {
  Exact result(x.size());
  for (std::size_t o = 0; o < s.outer; ++o)
    for (std::size_t i = 0; i < s.inner; ++i) {
      Exact a, b;
      const auto at = [&](std::size_t k) { return (o * s.n + k) * s.inner + i; };
      for (std::size_t k = 0; k < s.n; ++k) a.push_back(x[at(k)]), b.push_back(second[at(k)]);
      const Exact y = f(a, b);
      for (std::size_t k = 0; k < s.n; ++k) result[at(k)] = y[k];
    }
  return result;
}

Exact exact_softmax(const Exact& x) {
  const long double top = *std::max_element(x.begin(), x.end());
  Exact y;
  long double total = 0;
  for (const long double v : x) y.push_back(std::exp(v - top)), total += y.back();
  for (long double& v : y) v /= total;
  return y;
}

template <class T>
class SoftmaxKernels : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(SoftmaxKernels, Numbers);

TYPED_TEST(SoftmaxKernels, ForwardOnEveryShape) {
  using T = TypeParam;
  for (const ReduceShape shape : shapes) {
    const std::vector<T> x = random_values<T>(size(shape), -30, 30);
    std::vector<T> y(x.size()), in_place = x;
    softmax(x.data(), y.data(), shape);
    expect_values(y, on_slices(x, x, shape, [](const Exact& a, const Exact&) { return exact_softmax(a); }),
                  "softmax" + name(shape));
    softmax(in_place.data(), in_place.data(), shape);
    EXPECT_EQ(in_place, y);

    in_place = x;
    log_softmax(x.data(), y.data(), shape);
    const auto exact_log = [](const Exact& a, const Exact&) {
      Exact result = exact_softmax(a);
      for (long double& v : result) v = std::log(v);
      return result;
    };
    expect_values(y, on_slices(x, x, shape, exact_log), "log_softmax" + name(shape));
    log_softmax(in_place.data(), in_place.data(), shape);
    EXPECT_EQ(in_place, y);
  }
}

TYPED_TEST(SoftmaxKernels, BackwardOnEveryShape) {
  using T = TypeParam;
  for (const ReduceShape shape : shapes)
    for (const bool accumulate : {false, true}) {
      const T before = accumulate ? T(0.25) : T(0);
      const std::vector<T> x = random_values<T>(size(shape)), g = random_values<T>(size(shape), -1, 1, 2);
      std::vector<T> y(x.size()), gx(x.size(), T(0.25));
      softmax(x.data(), y.data(), shape);
      softmax_backward(g.data(), y.data(), gx.data(), shape, accumulate);
      const auto exact = [&](const Exact& p, const Exact& q) {
        Exact result;
        long double mean = 0;
        for (std::size_t k = 0; k < p.size(); ++k) mean += p[k] * q[k];
        for (std::size_t k = 0; k < p.size(); ++k) result.push_back(before + p[k] * (q[k] - mean));
        return result;
      };
      expect_values(gx, on_slices(y, g, shape, exact), "softmax backward" + name(shape));

      log_softmax(x.data(), y.data(), shape);
      gx.assign(x.size(), T(0.25));
      log_softmax_backward(g.data(), y.data(), gx.data(), shape, accumulate);
      const auto exact_log = [&](const Exact& p, const Exact& q) {
        Exact result;
        long double total = 0;
        for (const long double v : q) total += v;
        for (std::size_t k = 0; k < p.size(); ++k) result.push_back(before + q[k] - std::exp(p[k]) * total);
        return result;
      };
      expect_values(gx, on_slices(y, g, shape, exact_log), "log_softmax backward" + name(shape), 64);
    }
}

/// What one slice becomes, in rows, short rows and columns.
template <class T, class Kernel>
void expect_slice(const Kernel& kernel, const std::vector<T>& slice, const std::vector<T>& expected) {
  for (const ReduceShape shape :
       {ReduceShape{1, slice.size(), 1}, {40, slice.size(), 1}, {1, slice.size(), 3}}) {
    std::vector<T> x(size(shape)), y(x.size()), all(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = slice[i / shape.inner % shape.n];
      all[i] = expected[i / shape.inner % shape.n];
    }
    kernel(x.data(), y.data(), shape);
    expect_values(y, all, name(shape));
  }
}

TYPED_TEST(SoftmaxKernels, ExtremeLogits) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN(),
          far = T(1e30);
  expect_slice<T>(softmax<T>, {far, 0, -far}, {1, 0, 0});
  expect_slice<T>(softmax<T>, {-far, -far}, {0.5, 0.5});
  expect_slice<T>(softmax<T>, {0, -infinity}, {1, 0});
  expect_slice<T>(log_softmax<T>, {1000, 0}, {0, -1000});
  expect_slice<T>(log_softmax<T>, {0, -infinity}, {0, -infinity});
  for (const auto& kernel : {softmax<T>, log_softmax<T>}) {
    expect_slice<T>(kernel, {nan, 0}, {nan, nan});
    expect_slice<T>(kernel, {infinity, 0}, {nan, nan});
    expect_slice<T>(kernel, {-infinity, -infinity}, {nan, nan});
  }
}

TYPED_TEST(SoftmaxKernels, OneElementSpoilsItsSliceWhereverItStands) {
  using T = TypeParam;
  const std::size_t n = 150;
  const std::int64_t label = 3;
  for (const T bad : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity()})
    for (std::size_t at = 0; at < n; ++at) {
      std::vector<T> x = random_values<T>(n), t(n, T(1)), loss(1), scales(2);
      x[at] = bad;
      const std::vector<T> lost(n, std::numeric_limits<T>::quiet_NaN());
      expect_slice<T>(softmax<T>, x, lost);
      expect_slice<T>(log_softmax<T>, x, lost);
      cross_entropy(x.data(), &label, loss.data(), scales.data(), 1, n);
      EXPECT_TRUE(std::isnan(loss[0])) << bad << " at " << at;
      cross_entropy_rows(x.data(), t.data(), loss.data(), scales.data(), 1, n);
      EXPECT_TRUE(std::isnan(loss[0])) << bad << " at " << at;
      cross_entropy_backward<T>(nullptr, T(1), x.data(), scales.data(), &label, x.data(), 1, n, false);
      expect_values(x, lost, "gradient");
    }
}

TYPED_TEST(SoftmaxKernels, ZeroAbsorbs) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  const std::vector<T> zero{0, 0}, lost{nan, nan};
  std::vector<T> gx{1, 2};
  softmax_backward(zero.data(), lost.data(), gx.data(), {1, 2, 1}, true);
  log_softmax_backward(zero.data(), lost.data(), gx.data(), {1, 2, 1}, true);
  EXPECT_EQ(gx, (std::vector<T>{1, 2}));
  const std::vector<T> y{0, -infinity}, g{1, 0};
  log_softmax_backward(g.data(), y.data(), gx.data(), {1, 2, 1}, false);
  EXPECT_EQ(gx, (std::vector<T>{0, 0}));
}

TYPED_TEST(SoftmaxKernels, CrossEntropyOfClassIndices) {
  using T = TypeParam;
  for (const std::size_t rows : {1, 5, 64, 3000})
    for (const std::size_t classes : {1, 2, 10, 33, 700}) {
      const std::vector<T> z = random_values<T>(rows * classes, -20, 20);
      const std::vector<T> g = random_values<T>(rows, -1, 1, 2);
      std::vector<std::int64_t> labels;
      for (std::size_t r = 0; r < rows; ++r) labels.push_back(static_cast<std::int64_t>(r * 7 % classes));
      Exact loss, gradient;
      for (std::size_t r = 0; r < rows; ++r) {
        const auto label = static_cast<std::size_t>(labels[r]);
        const Exact p = exact_softmax(Exact(&z[r * classes], &z[r * classes] + classes));
        loss.push_back(-std::log(p[label]));
        for (std::size_t k = 0; k < classes; ++k)
          gradient.push_back(T(0.5) * g[r] * (p[k] - (k == label ? 1 : 0)));
      }
      const std::string what = std::to_string(rows) + "x" + std::to_string(classes);
      std::vector<T> got(rows), scales(2 * rows), gz(z.size(), T(7));
      cross_entropy(z.data(), labels.data(), got.data(), scales.data(), rows, classes);
      expect_values(got, loss, "loss " + what);
      const auto backward = [&](const T* each, const T* logits, T* out, bool accumulate) {
        cross_entropy_backward(each, T(0.5), logits, scales.data(), labels.data(), out, rows, classes,
                               accumulate);
      };
      backward(g.data(), z.data(), gz.data(), false);
      expect_values(gz, gradient, "gradient " + what);
      backward(g.data(), z.data(), gz.data(), true);
      for (long double& v : gradient) v *= 2;
      expect_values(gz, gradient, "accumulated gradient " + what);

      std::vector<T> over_z = z;
      backward(nullptr, over_z.data(), over_z.data(), false);
      backward(std::vector<T>(rows, T(1)).data(), z.data(), gz.data(), false);
      EXPECT_EQ(over_z, gz);
    }
}

TYPED_TEST(SoftmaxKernels, CrossEntropyOfProbabilityRows) {
  using T = TypeParam;
  for (const std::size_t rows : {1, 6, 100})
    for (const std::size_t classes : {1, 3, 10, 200}) {
      const std::vector<T> z = random_values<T>(rows * classes, -20, 20),
                           g = random_values<T>(rows, -1, 1, 2);
      std::vector<T> t = random_values<T>(rows * classes, 0, 1, 3);
      for (std::size_t i = 0; i < t.size(); i += 2) t[i] = 0;
      Exact loss, gradient, target_gradient;
      for (std::size_t r = 0; r < rows; ++r) {
        const Exact p = exact_softmax(Exact(&z[r * classes], &z[r * classes] + classes));
        long double total = 0, weight = 0;
        for (std::size_t k = 0; k < classes; ++k)
          total -= t[r * classes + k] * std::log(p[k]), weight += t[r * classes + k];
        loss.push_back(total);
        for (std::size_t k = 0; k < classes; ++k) {
          gradient.push_back(2 * g[r] * (p[k] * weight - t[r * classes + k]));
          target_gradient.push_back(2 * g[r] * -std::log(p[k]));
        }
      }
      std::vector<T> got(rows), scales(2 * rows), gz(z.size());
      cross_entropy_rows(z.data(), t.data(), got.data(), scales.data(), rows, classes);
      expect_values(got, loss, "loss", 64);
      cross_entropy_rows_backward_target(g.data(), T(2), z.data(), scales.data(), gz.data(), rows, classes,
                                         false);
      expect_values(gz, target_gradient, "gradient of the probabilities");
      cross_entropy_rows_backward(g.data(), T(2), z.data(), scales.data(), t.data(), gz.data(), rows, classes,
                                  false);
      expect_values(gz, gradient, "gradient", 64);
      std::vector<T> over_z = z;
      cross_entropy_rows_backward(g.data(), T(2), over_z.data(), scales.data(), t.data(), over_z.data(), rows,
                                  classes, false);
      EXPECT_EQ(over_z, gz);
    }
}

TYPED_TEST(SoftmaxKernels, CrossEntropyOfCertainAndImpossibleClasses) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  const std::vector<T> z{1000, 0, -infinity}, certain{1, 0, 0};
  std::vector<T> loss(1), scales(2);
  for (const auto& [label, expected] :
       std::vector<std::pair<std::int64_t, T>>{{0, 0}, {1, 1000}, {2, infinity}}) {
    cross_entropy<T>(z.data(), &label, loss.data(), scales.data(), 1, 3);
    EXPECT_EQ(loss[0], expected);
  }
  cross_entropy_rows<T>(z.data(), certain.data(), loss.data(), scales.data(), 1, 3);
  EXPECT_EQ(loss[0], 0);
}

TYPED_TEST(SoftmaxKernels, GiveTheSameBitsOnAnyNumberOfThreads) {
  using T = TypeParam;
  for (const ReduceShape shape : {ReduceShape{30000, 10, 1}, {1, 300000, 1}, {10, 100, 150}})
    expect_same_on_any_number_of_threads([&] {
      std::vector<T> y(size(shape));
      softmax(random_values<T>(size(shape)).data(), y.data(), shape);
      return y;
    });
}

TYPED_TEST(SoftmaxKernels, CrossEntropyGivesTheSameBitsOnAnyNumberOfThreads) {
  using T = TypeParam;
  for (const auto& [rows, classes] : std::vector<std::array<std::size_t, 2>>{{40000, 10}, {500, 700}}) {
    const std::size_t n = rows * classes;
    const std::vector<T> z = random_values<T>(n), t = random_values<T>(n, 0, 1, 2), g(rows, T(0.5));
    const std::vector<std::int64_t> labels(rows, 1);
    expect_same_on_any_number_of_threads([&, rows = rows, classes = classes] {
      std::vector<T> loss(rows), scales(2 * rows), gz(n);
      cross_entropy(z.data(), labels.data(), loss.data(), scales.data(), rows, classes);
      cross_entropy_backward(g.data(), T(1), z.data(), scales.data(), labels.data(), gz.data(), rows, classes,
                             false);
      gz.insert(gz.end(), loss.begin(), loss.end());
      cross_entropy_rows(z.data(), t.data(), loss.data(), scales.data(), rows, classes);
      cross_entropy_rows_backward(g.data(), T(1), z.data(), scales.data(), t.data(), gz.data(), rows, classes,
                                  true);
      cross_entropy_rows_backward_target(g.data(), T(1), z.data(), scales.data(), gz.data(), rows, classes,
                                         true);
      gz.insert(gz.end(), loss.begin(), loss.end());
      return gz;
    });
  }
}

}  // namespace
}  // namespace gradus::kernels
