#include <gradus/ops/kernels/vector.hpp>
#include <gradus/tests/ops/kernel_values.hpp>

namespace gradus::kernels {
namespace {

template <class T>
class VectorKernels : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(VectorKernels, Numbers);

TYPED_TEST(VectorKernels, AreTheirFormulasAtEverySize) {
  using T = TypeParam;
  for (const std::size_t n : {0, 1, 15, 16, 17, 1025, 100001}) {
    const std::vector<T> x = random_values<T>(n), y = random_values<T>(n, -2, 2, 2);
    const auto check = [&](const char* what, const auto& kernel, const auto& formula) {
      std::vector<T> got = y, expected(n);
      for (std::size_t i = 0; i < n; ++i) expected[i] = formula(x[i], y[i]);
      kernel(got.data());
      expect_values(got, expected, what);
    };
    check(
        "fill", [&](T* p) { fill(p, T(3), n); }, [](T, T) { return T(3); });
    check(
        "copy", [&](T* p) { copy(x.data(), p, n); }, [](T a, T) { return a; });
    check(
        "scale", [&](T* p) { scale(p, T(3), n); }, [](T, T b) { return 3 * b; });
    check(
        "add", [&](T* p) { add(x.data(), p, n); }, [](T a, T b) { return a + b; });
    check(
        "axpy", [&](T* p) { axpy(T(-2), x.data(), p, n); }, [](T a, T b) { return b - 2 * a; });
    check(
        "sgd", [&](T* p) { sgd_update<T>(p, x.data(), nullptr, T(0.1), T(0), n); },
        [](T a, T b) { return b - T(0.1) * a; });
  }
}

TYPED_TEST(VectorKernels, MomentumIsKeptBetweenSteps) {
  using T = TypeParam;
  const std::size_t n = 20;
  const std::vector<T> g = random_values<T>(n);
  std::vector<T> p(n, T(1)), v(n, T(0));
  sgd_update(p.data(), g.data(), v.data(), T(0.1), T(0.9), n);
  sgd_update(p.data(), g.data(), v.data(), T(0.1), T(0.9), n);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_NEAR(v[i], T(1.9) * g[i], 1e-6);
    EXPECT_NEAR(p[i], 1 - T(0.29) * g[i], 1e-6);
  }
}

TYPED_TEST(VectorKernels, AdamIsItsFormulaAtEverySize) {
  using T = TypeParam;
  for (const std::size_t n : {0, 1, 15, 16, 17, 1025, 300001}) {
    const std::vector<T> g = random_values<T>(n), start = random_values<T>(n, -2, 2, 2);
    std::vector<T> p = start, m(n, T(1)), v(n, T(4));
    adam_update(p.data(), g.data(), m.data(), v.data(),
                {.lr = 0.5, .beta1 = 0.75, .beta2 = 0.5, .epsilon = 0.25, .t = 2}, n);
    std::vector<T> expected_p(n), expected_m(n), expected_v(n);
    for (std::size_t i = 0; i < n; ++i) {
      expected_m[i] = T(0.75) + T(0.25) * g[i];
      expected_v[i] = T(2) + T(0.5) * g[i] * g[i];
      expected_p[i] =
          start[i] - T(0.5) * (expected_m[i] / T(0.4375)) / (std::sqrt(expected_v[i] / T(0.75)) + T(0.25));
    }
    expect_values(m, expected_m, "m");
    expect_values(v, expected_v, "v");
    expect_values(p, expected_p, "p");
  }
}

#if defined(__SSE2__)
TYPED_TEST(VectorKernels, WhatAnOptimizerRemembersFadesToZeroAndNotToTheSmallestNumbers) {
  using T = TypeParam;
  const T tiny = std::numeric_limits<T>::min(), smallest = std::numeric_limits<T>::denorm_min();
  std::vector<T> p(20, T(1)), g(20, T(0)), velocity(20, tiny), m = velocity, v = velocity;
  sgd_update(p.data(), g.data(), velocity.data(), T(0.1), T(0.9), p.size());
  adam_update(p.data(), g.data(), m.data(), v.data(),
              {.lr = 0.1, .beta1 = 0.9, .beta2 = 0.5, .epsilon = 1e-8, .t = 1000}, p.size());
  for (const auto& memory : {velocity, m, v}) EXPECT_EQ(memory, std::vector<T>(20, T(0)));
  volatile T half = smallest;
  EXPECT_NE(half + half, T(0)) << "outside of the optimizers small numbers stay";
}
#endif

TYPED_TEST(VectorKernels, AllFiniteFindsOneBadElementAnywhere) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  for (const std::size_t n : {0, 1, 17, 1024, 5000, 300000}) {
    std::vector<T> x(n, Limits::max());
    EXPECT_TRUE(all_finite(x.data(), n));
    for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
      if (n == 0) continue;
      for (const T bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
        x[at] = bad;
        EXPECT_FALSE(all_finite(x.data(), n)) << bad << " at " << at << " of " << n;
      }
      x[at] = Limits::lowest();
    }
  }
}

TYPED_TEST(VectorKernels, GiveTheSameBitsOnAnyNumberOfThreads) {
  using T = TypeParam;
  const std::size_t n = 400001;
  const std::vector<T> g = random_values<T>(n);
  expect_same_on_any_number_of_threads([&] {
    std::vector<T> p = random_values<T>(n, -2, 2, 2), m(n), v(n), velocity(n);
    for (const double t : {1, 2}) {
      sgd_update(p.data(), g.data(), velocity.data(), T(0.1), T(0.9), n);
      adam_update(p.data(), g.data(), m.data(), v.data(), AdamStep{1e-3, 0.9, 0.999, 1e-8, t}, n);
    }
    add(g.data(), p.data(), n);
    axpy(T(0.3), g.data(), p.data(), n);
    scale(p.data(), T(0.7), n);
    return p;
  });
}

}  // namespace
}  // namespace gradus::kernels
