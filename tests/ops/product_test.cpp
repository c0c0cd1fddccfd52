#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/ops/derivatives.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/product.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus {
namespace {

struct Case {
  Shape a, b, result;
};

const std::vector<Case> cases{{{2, 3}, {3, 4}, {2, 4}}, {{2, 3}, {3}, {2}},          {{3}, {3, 4}, {4}},
                              {{3}, {3}, {}},           {{1, 1}, {1, 1}, {1, 1}},    {{5, 1}, {1, 7}, {5, 7}},
                              {{1, 6}, {6, 1}, {1, 1}}, {{17, 33}, {33, 9}, {17, 9}}};

template <class T>
Numbers definition(const Tensor<T>& a, const Tensor<T>& b) {
  const std::size_t k = b.shape()[0], m = a.size() / k, n = b.size() / k;
  Numbers y(m * n);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t l = 0; l < k; ++l)
        y[i * n + j] += static_cast<double>(a.data()[i * k + l]) * static_cast<double>(b.data()[l * n + j]);
  return y;
}

template <class T>
void expect_products(double tolerance) {
  for (const Case& c : cases) {
    const Tensor<T> a = irregular<T>(c.a), b = irregular<T>(c.b, 0.5);
    const Tensor<T> y = matmul(a, b);
    EXPECT_EQ(y.shape(), c.result);
    const Numbers expected = definition(a, b);
    for (std::size_t i = 0; i < y.size(); ++i)
      EXPECT_NEAR(y.data()[i], expected[i], tolerance) << to_string(c.a) << to_string(c.b);
  }
}

TEST(Matmul, FollowsNumPysRules) {
  expect_products<double>(1e-13);
  expect_products<float>(1e-4);
}

TEST(Matmul, HasRightGradients) {
  for (const Case& c : cases) {
    const Tensor<double> a = irregular(c.a), b = irregular(c.b, 0.5);
    expect_right_gradients([](const auto& in) { return matmul(in[0], in[1]); }, {a, b});
    expect_right_gradients([&](const auto& in) { return matmul(in[0], b); }, {a});
    expect_right_gradients([&](const auto& in) { return matmul(a, in[0]); }, {b});
  }
}

/// Matrices in batches, and the batch of the result.
struct Batch {
  Shape a, b, result;
};
const std::vector<Batch> batches{{{2, 3, 4}, {2, 4, 5}, {2, 3, 5}},
                                 {{2, 3, 4}, {4, 5}, {2, 3, 5}},
                                 {{3, 4}, {2, 4, 5}, {2, 3, 5}},
                                 {{2, 1, 3, 4}, {3, 4, 2}, {2, 3, 3, 2}},
                                 {{2, 1, 3, 4}, {1, 3, 4, 2}, {2, 3, 3, 2}},
                                 {{1, 3, 4}, {1, 1, 4, 2}, {1, 1, 3, 2}},
                                 {{2, 1, 2, 1, 3}, {3, 1, 3, 2}, {2, 3, 2, 1, 2}},
                                 {{4}, {2, 3, 4, 2}, {2, 3, 2}},
                                 {{2, 3, 4, 5}, {5}, {2, 3, 4}},
                                 {{0, 3, 4}, {4, 2}, {0, 3, 2}},
                                 {{0, 3, 4}, {1, 4, 2}, {0, 3, 2}},
                                 {{2, 3, 0}, {2, 0, 2}, {2, 3, 2}},
                                 {{2, 0, 3}, {2, 3, 2}, {2, 0, 2}}};

/// The sum over the last axis of a and the last but one of b, all others stretched.
Numbers stretched_sum(const Tensor<double>& a, const Tensor<double>& b, const Shape& result) {
  const Tensor<double> rows = a.ndim() == 1 ? expand_dims(a, 0) : a,
                       columns = b.ndim() == 1 ? expand_dims(b, 1) : b;
  const Tensor<double> y = sum(expand_dims(rows, -1) * expand_dims(columns, -3), -2);
  EXPECT_EQ(y.size(), count(result));
  return elements(y);
}

TEST(Matmul, MultipliesInBatches) {
  for (const Batch& batch : batches) {
    SCOPED_TRACE(to_string(batch.a) + to_string(batch.b));
    const Tensor<double> a = irregular(batch.a), b = irregular(batch.b, 0.5), y = matmul(a, b);
    EXPECT_EQ(y.shape(), batch.result);
    const Numbers expected = stretched_sum(a, b, batch.result);
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(y.data()[i], expected[i], 1e-12) << i;
    const Tensor<float> f = matmul(irregular<float>(batch.a), irregular<float>(batch.b, 0.5));
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(f.data()[i], expected[i], 1e-4) << i;
  }
}

TEST(Matmul, HasRightGradientsInBatches) {
  for (const Batch& batch : batches) {
    const Tensor<double> a = irregular(batch.a), b = irregular(batch.b, 0.5);
    if (a.size() * b.size() == 0) {
      const Tensor<double> x = variable(a.value()), y = variable(b.value());
      sum(matmul(x, y)).backward();
      EXPECT_EQ(elements(x.grad()), Numbers(a.size(), 0));
      EXPECT_EQ(elements(y.grad()), Numbers(b.size(), 0));
      continue;
    }
    expect_right_gradients([](const auto& in) { return matmul(in[0], in[1]); }, {a, b});
    expect_right_gradients([&](const auto& in) { return matmul(a, in[0]); }, {b});
  }
}

template <class T>
void expect_same_bits_with_two_threads(const Shape& a_shape, const Shape& b_shape) {
  const auto results = [&](int threads) {
    set_num_threads(threads);
    const Tensor<T> a = variable(irregular<T>(a_shape).value()), b = variable(irregular<T>(b_shape).value());
    const Tensor<T> y = matmul(a, b);
    sum(y).backward();
    return std::array<Array<T>, 3>{y.value(), a.grad(), b.grad()};
  };
  const int before = num_threads();
  EXPECT_EQ(results(1), results(2)) << to_string(a_shape) << to_string(b_shape);
  set_num_threads(before);
}

TEST(Matmul, BatchesHaveTheSameBitsAtAnyNumberOfThreads) {
  for (const auto& [a, b] : {std::pair<Shape, Shape>{{64, 64, 64}, {64, 64, 64}},
                             {{64, 64, 64}, {64, 64}},
                             {{64, 64}, {64, 64, 64}},
                             {{3, 300, 300}, {3, 300, 300}},
                             {{1000, 8, 8}, {1000, 8, 8}}}) {
    expect_same_bits_with_two_threads<double>(a, b);
    expect_same_bits_with_two_threads<float>(a, b);
  }
}

TEST(Matmul, ZeroGradientsAbsorbInBatches) {
  const Tensor<double> a = variable(xt::xarray<double>{{{1, infinity}, {0, 1}}, {{1, 2}, {3, 4}}}),
                       b = variable(xt::xarray<double>{{{1, 1}, {2, 3}}, {{nan_value, 1}, {4, 5}}});
  matmul(a, b).backward(xt::xarray<double>{{{0, 0}, {1, 0}}, {{0, 1}, {0, 0}}});
  EXPECT_EQ(elements(a.grad()), (Numbers{0, 0, 1, 2, 1, 5, 0, 0}));
  EXPECT_EQ(elements(b.grad()), (Numbers{0, 0, 1, 0, 0, 1, 0, 2}));
}

TEST(Matmul, ZeroGradientsAbsorbInBatchesOfRecordedSweeps) {
  const Tensor<double> a = variable(xt::xarray<double>{{{1, infinity}, {0, 1}}, {{1, 2}, {3, 4}}}),
                       b = variable(xt::xarray<double>{{{1, 1}, {2, 3}}, {{nan_value, 1}, {4, 5}}});
  const Tensor<double> g = xt::xarray<double>{{{0, 0}, {1, 0}}, {{0, 1}, {0, 0}}};
  const auto gradients = grad(sum(flow(g, matmul(a, b))), {a, b}, {.create_graph = true});
  EXPECT_EQ(elements(gradients[0]), (Numbers{0, 0, 1, 2, 1, 5, 0, 0}));
  EXPECT_EQ(elements(gradients[1]), (Numbers{0, 0, 1, 0, 0, 1, 0, 2}));
}

TEST(Matmul, ZeroTangentsAbsorbInBatches) {
  const Tensor<double> a = xt::xarray<double>{{{1, infinity}, {0, 1}}, {{1, nan_value}, {3, 4}}},
                       b = xt::xarray<double>{{{1, infinity}, {2, 3}}, {{nan_value, 1}, {4, 5}}},
                       of_first = xt::xarray<double>{{{0, 1}, {0, 1}}, {{0, 1}, {0, 0}}},
                       of_second = xt::xarray<double>{{{1, 0}, {0, 0}}, {{1, 0}, {0, 0}}};
  const auto by_first = jvp([&](const Tensor<double>& x) { return matmul(x, b); }, a, of_first).tangent;
  EXPECT_EQ(elements(by_first), (Numbers{2, 3, 2, 3, 4, 5, 0, 0}));
  const auto by_second = jvp([&](const Tensor<double>& x) { return matmul(a, x); }, b, of_second).tangent;
  EXPECT_EQ(elements(by_second), (Numbers{1, 0, 0, 0, 1, 0, 3, 0}));
}

TEST(Matmul, AddsUpWhereAnInputIsUsedTwice) {
  const Tensor<double> x = irregular({3, 3});
  expect_right_gradients([](const auto& in) { return matmul(in[0], in[0]); }, {x});
  expect_right_gradients(
      [](const auto& in) { return matmul(in[0], transpose(in[0])) + matmul(in[0], in[0]); }, {x});
}

TEST(Matmul, ShapesThatDoNotFitAreShapeErrors) {
  const auto error = [](const Shape& a, const Shape& b) {
    return message_of<ShapeError>([&] { matmul(irregular(a), irregular(b)); });
  };
  EXPECT_EQ(error({2, 3}, {4, 5}), "[matmul] (2,3) x (4,5): inner dimensions 3 and 4 differ");
  EXPECT_EQ(error({3}, {4}), "[matmul] (3) x (4): inner dimensions 3 and 4 differ");
  EXPECT_EQ(error({2, 3}, {2}), "[matmul] (2,3) x (2): inner dimensions 3 and 2 differ");
  EXPECT_EQ(error({}, {2}), "[matmul] () x (2): expected operands of at least one axis");
  EXPECT_EQ(error({2, 2}, {1, 3, 2}), "[matmul] (2,2) x (1,3,2): inner dimensions 2 and 3 differ");
  EXPECT_EQ(error({2, 4, 2, 2}, {3, 2, 2}),
            "[matmul] (2,4,2,2) x (3,2,2): the axes before the last two, (2,4) and (3), do not broadcast");
}

TEST(Matmul, EmptyOperands) {
  const Tensor<double> a = variable(empty_array<double>({2, 0})), b = variable(empty_array<double>({0, 3}));
  const Tensor<double> y = matmul(a, b);
  EXPECT_EQ(elements(y), Numbers(6, 0));
  sum(y).backward();
  EXPECT_EQ(a.grad().size(), 0u);

  const Tensor<double> none = empty_array<double>({0, 2}), w = variable(full_array<double>({2, 3}, 1));
  sum(matmul(none, w)).backward();
  EXPECT_EQ(elements(w.grad()), Numbers(6, 0));
}

/// An array nobody writes to, so that it needs address space only.
Tensor<float> untouched(const Shape& shape) { return Tensor<float>(empty_array<float>(shape)); }

TEST(Product, ExtentsThatABlasCannotCountAreErrorsOfTheOp) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the address sanitizer writes down what it knows of every byte";
#endif
  const std::size_t large = std::size_t{1} << 31;
  try {
    const Tensor<float> row = untouched({1, large}), column = untouched({large, 1});
    const std::string rest =
        "(1,2147483648) x (2147483648,1): an extent of 2147483648 is more than BLAS counts";
    EXPECT_EQ(message_of<ShapeError>([&] { matmul(row, column); }), "[matmul] " + rest);
    EXPECT_EQ(message_of<ShapeError>([&] { linear(row, column); }), "[linear] " + rest);
    EXPECT_EQ(message_of<ShapeError>([&] { linear(row, column, Tensor<float>(xt::xarray<float>{1})); }),
              "[linear] " + rest);
  } catch (const std::bad_alloc&) {
    GTEST_SKIP() << "no address space for two arrays of 8 GB";
  }
  release_cached_memory();
}

TEST(Matmul, IsOneStep) {
  const Tensor<double> x = exp(variable(xt::xarray<double>{{1, 2}, {3, 4}}));
  EXPECT_EQ(matmul(x, x).stage(), 2u);
  EXPECT_EQ(matmul(x, exp(x)).stage(), 3u);
  EXPECT_EQ(matmul(expand_dims(x, 0), x).stage(), 3u);
  EXPECT_EQ(linear(x, x).stage(), 2u);
  EXPECT_EQ(linear(x, x, sum(x, 0)).stage(), 3u);
}

/// Row 0 of the incoming gradient is 0 and meets an infinity and a NaN; row 1 meets finite numbers only.
template <class T>
void expect_zero_to_absorb(std::size_t k, std::size_t n) {
  Array<T> a = full_array<T>({2, k}, 1), b = full_array<T>({k, n}, 2);
  a(0, 0) = std::numeric_limits<T>::infinity();
  a(0, k - 1) = std::numeric_limits<T>::quiet_NaN();
  b(k / 2, 0) = std::numeric_limits<T>::infinity();
  Array<T> g = full_array<T>({2, n}, 1);
  for (std::size_t j = 0; j < n; ++j) g(0, j) = 0;
  g(1, 0) = 0;

  const Tensor<T> left = variable(a), right = variable(b);
  const Tensor<T> y = matmul(left, right) + matmul(left, right);  // the second adds to what is there
  y.backward(g);
  for (std::size_t l = 0; l < k; ++l) {
    EXPECT_EQ(left.grad()(0, l), 0);
    EXPECT_EQ(left.grad()(1, l), static_cast<T>(4 * (n - 1)));
    for (std::size_t j = 0; j < n; ++j) EXPECT_EQ(right.grad()(l, j), j == 0 ? 0 : 2);
  }
}

TEST(Matmul, ZeroGradientsAbsorb) {
  for (const auto& [k, n] : {std::pair<std::size_t, std::size_t>{1, 2}, {3, 4}, {64, 65}, {300, 200}}) {
    expect_zero_to_absorb<double>(k, n);
    expect_zero_to_absorb<float>(k, n);
  }
}

/// An infinity against a zero is NaN, wherever it stands and however the product is computed.
template <class T>
void expect_infinity_to_show(std::size_t m, std::size_t k, std::size_t n) {
  for (const std::size_t l : {std::size_t{0}, k / 2, k - 1}) {
    Array<T> a = full_array<T>({m, k}, 0), b = full_array<T>({k, n}, 1);
    b(l, n - 1) = std::numeric_limits<T>::infinity();
    EXPECT_TRUE(std::isnan(matmul(Tensor<T>(a), Tensor<T>(b)).value()(m - 1, n - 1)));
    a = full_array<T>({m, k}, 1), b = full_array<T>({k, n}, 0);
    a(m - 1, l) = -std::numeric_limits<T>::infinity();
    EXPECT_TRUE(std::isnan(matmul(Tensor<T>(a), Tensor<T>(b)).value()(m - 1, n - 1)));
  }
}

TEST(Matmul, InfinitiesShowInTheProduct) {
  const std::size_t extents[] = {1, 2, 7, 40, 130};
  for (const std::size_t m : extents)
    for (const std::size_t k : extents)
      for (const std::size_t n : extents) {
        SCOPED_TRACE(to_string(Shape{m, k, n}));
        expect_infinity_to_show<double>(m, k, n);
        expect_infinity_to_show<float>(m, k, n);
      }
}

TEST(Linear, IsAProductPlusABias) {
  const Tensor<double> x = irregular({5, 3}), w = irregular({3, 4}, 1), b = irregular({4}, 2);
  const Numbers y = elements(linear(x, w, b)), expected = elements(matmul(x, w) + b);
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], expected[i], 1e-14);
  EXPECT_EQ(elements(linear(x, w)), elements(matmul(x, w)));
  expect_right_gradients([](const auto& in) { return linear(in[0], in[1], in[2]); }, {x, w, b});
  expect_right_gradients([](const auto& in) { return linear(in[0], in[1]); }, {x, w});
}

TEST(Linear, SumsTheBiasGradientOverTheBatch) {
  const Tensor<float> x = xt::xarray<float>{{1, 2}, {3, 4}, {5, 6}};
  const Tensor<float> w = variable(xt::xarray<float>{{1, 0}, {0, 1}}),
                      b = variable(xt::xarray<float>{10, 20});
  const Tensor<float> y = linear(x, w, b);
  EXPECT_EQ(elements(y), (Numbers{11, 22, 13, 24, 15, 26}));
  y.backward(xt::xarray<float>{{1, 2}, {3, 4}, {5, 6}});
  EXPECT_EQ(elements(b.grad()), (Numbers{9, 12}));
  EXPECT_EQ(elements(w.grad()), (Numbers{35, 44, 44, 56}));
}

TEST(Linear, ZeroGradientsAbsorb) {
  const Tensor<double> x = variable(xt::xarray<double>{{infinity, nan_value}, {1, 2}});
  const Tensor<double> w = variable(xt::xarray<double>{{1, 2}, {3, 4}}),
                       b = variable(xt::xarray<double>{0, 0});
  linear(x, w, b).backward(xt::xarray<double>{{0, 0}, {1, 0}});
  EXPECT_EQ(elements(w.grad()), (Numbers{1, 0, 2, 0}));
  EXPECT_EQ(elements(x.grad()), (Numbers{0, 0, 1, 3}));
  EXPECT_EQ(elements(b.grad()), (Numbers{1, 0}));
}

TEST(Linear, ShapesThatDoNotFitAreShapeErrors) {
  const auto error = [](const Shape& x, const Shape& w, const Shape& b) {
    return message_of<ShapeError>([&] { linear(irregular(x), irregular(w), irregular(b)); });
  };
  EXPECT_EQ(error({2, 3}, {4, 5}, {5}), "[linear] (2,3) x (4,5): inner dimensions 3 and 4 differ");
  EXPECT_EQ(error({3}, {3, 5}, {5}), "[linear] (3) x (3,5): expected (batch,in) x (in,out)");
  EXPECT_EQ(error({2, 3}, {3, 5}, {1}), "[linear] weight (3,5) and bias (1): expected a bias (5)");
  EXPECT_EQ(error({2, 3}, {3, 5}, {1, 5}), "[linear] weight (3,5) and bias (1,5): expected a bias (5)");
}

}  // namespace
}  // namespace gradus
