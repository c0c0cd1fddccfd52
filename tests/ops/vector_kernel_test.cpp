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
  }
}

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
    std::vector<T> p = random_values<T>(n, -2, 2, 2);
    add(g.data(), p.data(), n);
    axpy(T(0.3), g.data(), p.data(), n);
    scale(p.data(), T(0.7), n);
    return p;
  });
}

}  // namespace
}  // namespace gradus::kernels
