#include <cmath>

#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Linear algebra against what defines it.
namespace gradus {
namespace {

template <class T = double>
Tensor<T> eye(std::size_t n) {
  Array<T> a = full_array<T>({n, n}, T(0));
  for (std::size_t i = 0; i < n; ++i) a(i, i) = 1;
  return Tensor<T>(std::move(a));
}

/// Regular matrices.
template <class T = double>
Tensor<T> regular(const Shape& shape, double phase = 0) {
  return irregular<T>(shape, phase) + T(4) * eye<T>(shape.back());
}
template <class T>
Tensor<T> transposed(const Tensor<T>& x) {
  return einsum("...ij->...ji", x);
}
/// Numbers between -2 and 2 that are not related.
template <class T = double>
Tensor<T> random(const Shape& shape) {
  Rng rng{count(shape) + shape.size()};
  Array<T> a = empty_array<T>(shape);
  for (T& x : a) x = static_cast<T>(rng.uniform(-2, 2));
  return Tensor<T>(std::move(a));
}
/// Symmetric and positive definite.
template <class T = double>
Tensor<T> positive(const Shape& shape) {
  const Tensor<T> x = random<T>(shape);
  return matmul(x, transposed(x)) + eye<T>(shape.back());
}

template <class T>
void expect_equal(const Tensor<T>& got, const Tensor<T>& expected, double tolerance) {
  const Tensor<T> wide = broadcast_to(expected, got.shape());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got.data()[i], wide.data()[i], tolerance) << i;
}

constexpr double tolerance_of(float) { return 2e-4; }
constexpr double tolerance_of(double) { return 1e-12; }

const std::vector<Shape> squares{{1, 1},       {2, 2},    {5, 5}, {40, 40}, {3, 4, 4},
                                 {2, 1, 3, 3}, {0, 3, 3}, {0, 0}, {2, 0, 0}};
const std::vector<Shape> rectangles{{4, 2},    {2, 4},   {1, 5}, {5, 1}, {3, 3},   {2, 3, 2},
                                    {2, 2, 3}, {60, 30}, {0, 3}, {3, 0}, {0, 2, 3}};

template <class T>
void expect_inverse_and_solutions() {
  const double tolerance = tolerance_of(T());
  for (const Shape& shape : squares) {
    SCOPED_TRACE(to_string(shape));
    const std::size_t n = shape.back();
    const Tensor<T> a = regular<T>(shape);
    ASSERT_EQ(inv(a).shape(), shape);
    expect_equal(matmul(a, inv(a)), eye<T>(n), tolerance);
    const Tensor<T> b = irregular<T>({n, 3}, 1), v = irregular<T>({n}, 2);
    ASSERT_EQ(solve(a, b).ndim(), shape.size());
    expect_equal(matmul(a, solve(a, b)), b, tolerance);
    expect_equal(matmul(a, expand_dims(solve(a, v), -1)), expand_dims(v, -1), tolerance);
  }
}
TEST(Inv, AndSolveUndoProducts) {
  expect_inverse_and_solutions<double>();
  expect_inverse_and_solutions<float>();
}

TEST(Solve, BroadcastsBatches) {
  const Tensor<double> a = regular({2, 1, 3, 3}), b = irregular({4, 3, 2});
  const Tensor<double> x = solve(a, b);
  EXPECT_EQ(x.shape(), (Shape{2, 4, 3, 2}));
  expect_equal(matmul(a, x), b, 1e-12);
  expect_equal(solve(a, b), matmul(inv(a), b), 1e-12);
}

TEST(SolveTriangular, ReadsItsTriangleAlone) {
  for (const bool lower : {true, false})
    for (const bool transposes : {true, false})
      for (const bool unit : {true, false}) {
        Array<double> whole = regular({4, 4}).value(), part = whole;
        for (std::size_t i = 0; i < 4; ++i)
          for (std::size_t j = 0; j < 4; ++j) {
            const bool is_read = i == j ? !unit : (i > j) == lower;
            if (!is_read) whole(i, j) = nan_value;
            if (!is_read) part(i, j) = i == j ? 1 : 0;
          }
        const Tensor<double> b = irregular({4, 2}),
                             op = transposes ? transposed(Tensor<double>(part)) : Tensor<double>(part);
        const Tensor<double> x = solve_triangular(
            Tensor<double>(whole), b, {.lower = lower, .transposed = transposes, .unit_diagonal = unit});
        expect_equal(matmul(op, x), b, 1e-12);
      }
}

TEST(Det, OfKnownMatrices) {
  const auto of = [](const xt::xarray<double>& a) { return det(Tensor<double>(a)).item(); };
  EXPECT_DOUBLE_EQ(det(3 * eye(1)).item(), 3);
  EXPECT_DOUBLE_EQ(of({{1, 2}, {3, 4}}), -2);
  EXPECT_DOUBLE_EQ(of({{0, 1}, {1, 0}}), -1);
  EXPECT_DOUBLE_EQ(of({{0, 0, 1}, {1, 0, 0}, {0, 1, 0}}), 1);
  EXPECT_DOUBLE_EQ(of({{2, 0, 1}, {1, 3, 2}, {1, 1, 1}}), 0);
  EXPECT_DOUBLE_EQ(of({{6, 1, 1}, {4, -2, 5}, {2, 8, 7}}), -306);
  EXPECT_EQ(of({{1, 2}, {2, 4}}), 0);
  EXPECT_EQ(det(Tensor<double>(empty_array<double>({0, 0}))).item(), 1);
  EXPECT_EQ(elements(det(Tensor<double>(empty_array<double>({2, 0, 0})))), (Numbers{1, 1}));
  EXPECT_EQ(det(Tensor<double>(empty_array<double>({0, 2, 2}))).shape(), (Shape{0}));
}

/// The cofactors, from the determinants of what is left without a row and a column.
Numbers cofactors(const Tensor<double>& a) {
  const std::size_t n = a.shape()[0];
  Numbers result;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      Array<double> minor = empty_array<double>({n - 1, n - 1});
      for (std::size_t k = 0; k + 1 < n; ++k)
        for (std::size_t l = 0; l + 1 < n; ++l) minor(k, l) = a.value()(k + (k >= i), l + (l >= j));
      result.push_back(((i + j) % 2 == 0 ? 1 : -1) * det(Tensor<double>(minor)).item());
    }
  return result;
}

TEST(Det, HasTheCofactorsForGradientInAnyRank) {
  const std::vector<xt::xarray<double>> matrices{3 * xt::ones<double>({1, 1}),
                                                 xt::zeros<double>({1, 1}),
                                                 {{1, 2}, {3, 4}},
                                                 {{1, 2}, {2, 4}},
                                                 {{0, 0}, {0, 0}},
                                                 {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}},
                                                 {{1, 2, 3}, {2, 4, 6}, {1, 1, 1}},
                                                 {{1, 2, 3}, {2, 4, 6}, {3, 6, 9}},
                                                 {{1, 2, 3}, {4, 5, 6}, {7, 8, 9 + 1e-14}},
                                                 {{1, 0, 0}, {0, 0, 0}, {0, 0, 5}},
                                                 {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}},
                                                 {{1e-200, 0}, {0, 1e-200}}};
  for (const auto& matrix : matrices) {
    const Tensor<double> a = variable(matrix);
    det(a).backward();
    const Numbers expected = cofactors(a);
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(a.grad().data()[i], expected[i], 1e-12) << matrix(0, 0) << ' ' << i;
  }
}

TEST(Det, DiffersTwiceWhereItIsSingular) {
  const Tensor<double> a = variable(xt::xarray<double>{{1, 2, 3}, {2, 4, 6}, {1, 1, 1}});
  const Tensor<double> cofactor_sum = sum(grad(det(a), {a}, {.create_graph = true})[0] * irregular({3, 3}));
  const Tensor<double> second = grad(cofactor_sum, {a})[0];
  // The cofactors are polynomials of second degree: central differences of them are exact.
  for (std::size_t i = 0; i < 9; ++i) {
    Numbers sides;
    for (const double step : {-0.5, 0.5}) {
      Array<double> moved = a.value();
      moved.data()[i] += step;
      const Numbers c = cofactors(Tensor<double>(moved));
      double total = 0;
      for (std::size_t k = 0; k < 9; ++k) total += c[k] * irregular({3, 3}).data()[k];
      sides.push_back(total);
    }
    EXPECT_NEAR(second.data()[i], sides[1] - sides[0], 1e-10);
  }
}

TEST(Det, MixesRegularAndSingularInABatch) {
  const Tensor<double> a =
      variable(xt::xarray<double>{{{1, 2}, {2, 4}}, {{1, 2}, {3, 4}}, {{1, nan_value}, {3, 4}}});
  const Tensor<double> y = det(a);
  EXPECT_EQ(y.value()(0), 0);
  y.backward(xt::xarray<double>{1, 1, 0});  // a gradient of 0 is 0, also against NaN
  const Numbers expected{4, -2, -2, 1, 4, -3, -2, 1, 0, 0, 0, 0};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(a.grad().data()[i], expected[i], 1e-12) << i;
}

TEST(Slogdet, IsFiniteWhereDetOverflows) {
  const Tensor<double> a = -1e200 * eye(3);
  const auto [sign, logabs] = slogdet(a);
  EXPECT_EQ(sign.item(), -1);
  EXPECT_NEAR(logabs.item(), 600 * std::log(10), 1e-9);
  const Tensor<double> b = regular({2, 4, 4});
  const auto parts = slogdet(b);
  expect_equal(parts.sign * exp(parts.logabs), det(b), 1e-10);
  EXPECT_EQ(slogdet(Tensor<double>(empty_array<double>({0, 0}))).logabs.item(), 0);
}

TEST(Slogdet, OfASingularMatrix) {
  const Tensor<double> a = variable(xt::xarray<double>{{{1, 2}, {2, 4}}, {{2, 0}, {0, 4}}});
  const auto [sign, logabs] = slogdet(a);
  EXPECT_EQ(elements(sign), (Numbers{0, 1}));
  EXPECT_EQ(logabs.value()(0), -infinity);
  logabs.backward(xt::xarray<double>{0, 1});
  EXPECT_EQ(elements(a.grad()), (Numbers{0, 0, 0, 0, 0.5, 0, 0, 0.25}));
  a.zero_grad();
  slogdet(a).logabs.backward(xt::xarray<double>{1, 1});
  EXPECT_TRUE(std::isnan(a.grad()(0, 0, 0)));
  EXPECT_EQ(a.grad()(1, 0, 0), 0.5);
}

template <class T>
void expect_cholesky() {
  for (const Shape& shape : squares) {
    SCOPED_TRACE(to_string(shape));
    const Tensor<T> a = positive<T>(shape), l = cholesky(a);
    ASSERT_EQ(l.shape(), shape);
    expect_equal(matmul(l, transposed(l)), a, 100 * tolerance_of(T()));
    for (std::size_t i = 0; i < l.size(); ++i) {
      if (i % shape.back() > i / shape.back() % shape.back()) {
        EXPECT_EQ(l.data()[i], 0);
      }
    }
  }
}
TEST(Cholesky, IsTheLowerFactor) {
  expect_cholesky<double>();
  expect_cholesky<float>();
}

TEST(Cholesky, ReadsTheLowerTriangle) {
  const Tensor<double> l = cholesky(Tensor<double>(xt::xarray<double>{{4, nan_value}, {2, 5}}));
  EXPECT_EQ(elements(l), (Numbers{2, 0, 1, 2}));
}

TEST(Cholesky, HasASymmetricGradient) {
  const Tensor<double> a = variable(positive({3, 3}).value());
  sum(cholesky(a) * irregular({3, 3})).backward();
  const Tensor<double> g = a.grad();
  expect_equal(g, transposed(g), 1e-15);
}

TEST(Eigh, TakesApart) {
  for (const Shape& shape : squares) {
    SCOPED_TRACE(to_string(shape));
    const Tensor<double> x = random(shape), a = x + transposed(x);
    const auto [w, v] = eigh(a);
    ASSERT_EQ(v.shape(), shape);
    expect_equal(matmul(transposed(v), v), eye(shape.back()), 1e-12);
    expect_equal(einsum("...ik,...k,...jk->...ij", v, w, v), a, 1e-11);
    for (std::size_t i = 1; i < w.size(); ++i) {
      if (i % shape.back() != 0) {
        EXPECT_LE(w.data()[i - 1], w.data()[i]);
      }
    }
  }
}

TEST(Eigh, ReadsTheLowerTriangle) {
  const auto [w, v] = eigh(Tensor<double>(xt::xarray<double>{{2, 77}, {1, 2}}));
  EXPECT_NEAR(w.value()(0), 1, 1e-14);
  EXPECT_NEAR(w.value()(1), 3, 1e-14);
}

TEST(Eigh, OfEqualEigenvaluesHasGradientsOfWhatDoesNotDependOnTheirVectors) {
  const Tensor<double> a = variable(xt::xarray<double>{{2, 0, 0}, {0, 2, 0}, {0, 0, 5}});
  sum(square(eigh(a).values)).backward();  // the squares of all elements
  expect_equal(Tensor<double>(a.grad()), 2 * a.detach(), 1e-14);
  a.zero_grad();

  const xt::xarray<int> last{2};
  const auto projector = [&](const Tensor<double>& x) {  // on the vector of 5
    const Tensor<double> v = take(eigh(x).vectors, last, 1);
    return matmul(v, transposed(v));
  };
  // d(v v^T) = (dA_02 (e_0 v^T + v e_0^T) + dA_12 (e_1 v^T + v e_1^T))/(5 - 2)
  sum(projector(a) * irregular({3, 3})).backward();
  const Tensor<double> w = irregular({3, 3}) + transposed(irregular({3, 3}));
  const double x = w.value()(0, 2) / 6, y = w.value()(1, 2) / 6;
  expect_equal(Tensor<double>(a.grad()), Tensor<double>(xt::xarray<double>{{0, 0, x}, {0, 0, y}, {x, y, 0}}),
               1e-14);
}

TEST(Eigh, OfEqualEigenvaluesHasNoGradientOfTheirVectors) {
  const Tensor<double> a = variable(eye(3).value());
  const auto [w, v] = eigh(a);
  sum(einsum("ik,k,jk->ij", v, exp(w), v) * irregular({3, 3})).backward();  // cannot be told from here
  EXPECT_TRUE(std::isnan(a.grad()(0, 1)));
}

TEST(Eigh, IsOneStepBehindWhichResultsAreTakenOut) {
  const Tensor<double> a = variable(positive({3, 3}).value());
  const auto [w, v] = eigh(a);
  EXPECT_EQ(w.stage(), 2u);
  EXPECT_EQ(v.stage(), 2u);
}

template <class T>
void expect_qr() {
  for (const Shape& shape : rectangles) {
    SCOPED_TRACE(to_string(shape));
    const Tensor<T> a = random<T>(shape);
    const auto [q, r] = qr(a);
    const std::size_t k = std::min(shape.back(), shape[shape.size() - 2]);
    ASSERT_EQ(q.shape().back(), k);
    expect_equal(matmul(q, r), a, tolerance_of(T()));
    expect_equal(matmul(transposed(q), q), eye<T>(k), tolerance_of(T()));
    for (std::size_t i = 0; i < r.size(); ++i) {
      if (i % r.shape().back() < i / r.shape().back() % k) {
        EXPECT_EQ(r.data()[i], 0);
      }
    }
  }
}
TEST(Qr, TakesApart) {
  expect_qr<double>();
  expect_qr<float>();
}

template <class T>
void expect_svd() {
  for (const Shape& shape : rectangles) {
    SCOPED_TRACE(to_string(shape));
    const Tensor<T> a = random<T>(shape);
    const auto [u, s, vh] = svd(a);
    const std::size_t k = std::min(shape.back(), shape[shape.size() - 2]);
    ASSERT_EQ(s.shape().back(), k);
    expect_equal(einsum("...ik,...k,...kj->...ij", u, s, vh), a, tolerance_of(T()));
    expect_equal(matmul(transposed(u), u), eye<T>(k), tolerance_of(T()));
    expect_equal(matmul(vh, transposed(vh)), eye<T>(k), tolerance_of(T()));
    EXPECT_EQ(svdvals(a).value(), s.value());
    for (std::size_t i = 0; i < s.size(); ++i) EXPECT_GE(s.data()[i], 0);
  }
}
TEST(Svd, TakesApart) {
  expect_svd<double>();
  expect_svd<float>();
}

TEST(Svd, SingularValuesHaveAGradientWhereTheyAreEqual) {
  const Tensor<double> a = variable(eye(3).value());
  sum(svdvals(a)).backward();  // the nuclear norm
  expect_equal(Tensor<double>(a.grad()), eye(3), 1e-15);
}

/// Penrose's four conditions.
TEST(Pinv, IsThePseudoInverse) {
  std::vector<Tensor<double>> matrices{outer(irregular({3}), irregular({4})), eye(3) * 0.0};
  for (const Shape& shape : rectangles) matrices.push_back(random(shape));
  for (const Tensor<double>& a : matrices) {
    SCOPED_TRACE(to_string(a.shape()));
    const Tensor<double> p = pinv(a);
    ASSERT_EQ(p.shape(), transposed(a).shape());
    expect_equal(matmul(matmul(a, p), a), a, 1e-12);
    expect_equal(matmul(matmul(p, a), p), p, 1e-12);
    expect_equal(transposed(matmul(a, p)), matmul(a, p), 1e-12);
    expect_equal(transposed(matmul(p, a)), matmul(p, a), 1e-12);
  }
  const Tensor<double> nearly = xt::xarray<double>{{1, 0}, {0, 1e-3}};
  EXPECT_NEAR(pinv(nearly).value()(1, 1), 1000, 1e-9);
  EXPECT_EQ(pinv(nearly, {.rcond = 1e-2}).value()(1, 1), 0);
}

TEST(MatrixPower, IsAProduct) {
  for (const Shape& shape : {Shape{3, 3}, Shape{2, 4, 4}, Shape{0, 0}}) {
    const Tensor<double> a = 0.5 * regular(shape);
    Tensor<double> power = broadcast_to(eye(shape.back()), shape);
    for (int n = 0; n < 12; ++n) {
      expect_equal(matrix_power(a, n), power, 1e-9);
      expect_equal(matmul(matrix_power(a, -n), power), eye(shape.back()), 1e-6);
      power = matmul(power, a);
    }
  }
  EXPECT_EQ(elements(matrix_power(Tensor<double>(xt::xarray<double>{{1, 1}, {0, 1}}), 1000000000)),
            (Numbers{1, 1e9, 0, 1}));
}

/// Hilbert's matrix, whose inverse is known and whose condition grows as e^(3.5 n).
TEST(Hilbert, SolvesAndInverts) {
  constexpr std::size_t n = 6;
  Array<double> h = empty_array<double>({n, n});
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) h(i, j) = 1 / static_cast<double>(i + j + 1);
  const Tensor<double> a = h;
  constexpr double condition = 1.5e7, precision = 2.3e-16;
  EXPECT_NEAR(inv(a).value()(0, 0), 36, 36 * condition * precision);
  EXPECT_NEAR(inv(a).value()(n - 1, n - 1), 698544, 698544 * condition * precision);
  EXPECT_NEAR(det(a).item(), 5.3672998873586e-18, 1e-26);
  const Tensor<double> ones = full_array<double>({n}, 1);
  expect_equal(solve(a, matmul(a, ones)), ones, condition * precision * n);
  const Tensor<double> l = cholesky(a);
  expect_equal(matmul(l, transposed(l)), a, 1e-15);
  EXPECT_NEAR(eigh(a).values.value()(0), 1.08279948e-7, 1e-14);
}

}  // namespace
}  // namespace gradus
