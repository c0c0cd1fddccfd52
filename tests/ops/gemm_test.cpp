#include <gradus/ops/blas_info.hpp>
#include <gradus/ops/kernels/gemm.hpp>
#include <gradus/tests/ops/kernel_values.hpp>

namespace gradus::kernels {
namespace {

struct Extents {
  std::size_t m, n, k;
};

template <class T>
std::vector<long double> product(Trans ta, Trans tb, Extents e, const std::vector<T>& a,
                                 const std::vector<T>& b) {
  std::vector<long double> c(e.m * e.n);
  for (std::size_t i = 0; i < e.m; ++i)
    for (std::size_t p = 0; p < e.k; ++p) {
      const long double left = ta == Trans::yes ? a[p * e.m + i] : a[i * e.k + p];
      for (std::size_t j = 0; j < e.n; ++j)
        c[i * e.n + j] += left * (tb == Trans::yes ? b[j * e.k + p] : b[p * e.n + j]);
    }
  return c;
}

template <class T>
class Gemm : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Gemm, Numbers);

TYPED_TEST(Gemm, EveryTranspositionAtEverySize) {
  using T = TypeParam;
  for (const Extents e : {Extents{1, 1, 1},
                          {2, 3, 4},
                          {100, 16, 2},
                          {100, 16, 16},
                          {100, 1, 16},
                          {16, 1, 100},
                          {2, 16, 100},
                          {13, 40, 17},
                          {31, 9, 5},
                          {1, 50, 7},
                          {16, 16, 100},
                          {1, 1, 300},
                          {33, 65, 129},
                          {300, 520, 90},
                          {520, 300, 90},
                          {7, 0, 3},
                          {0, 7, 3},
                          {5, 5, 0}})
    for (const Trans ta : {Trans::no, Trans::yes})
      for (const Trans tb : {Trans::no, Trans::yes}) {
        const double rounding = 16 + 4 * static_cast<double>(e.k);
        const std::string what = to_string(Shape{e.m, e.n, e.k});
        const std::vector<T> a = random_values<T>(e.m * e.k), b = random_values<T>(e.k * e.n, -2, 2, 2);
        std::vector<long double> expected = product(ta, tb, e, a, b);
        std::vector<T> c(e.m * e.n, std::numeric_limits<T>::quiet_NaN());  // beta 0 must not read it
        gemm(ta, tb, e.m, e.n, e.k, a.data(), b.data(), T(0), c.data());
        expect_values(c, expected, what, rounding);
        gemm(ta, tb, e.m, e.n, e.k, a.data(), b.data(), T(1), c.data());
        for (long double& v : expected) v *= 2;
        expect_values(c, expected, what + " added", rounding);
      }
}

TYPED_TEST(Gemm, GivesTheSameBitsOnAnyNumberOfThreads) {
  using T = TypeParam;
  for (const Extents e :
       {Extents{28, 624, 1175}, {110, 169, 836}, {600, 100, 300}, {100, 50, 784}, {300, 520, 90}})
    for (const Trans t : {Trans::no, Trans::yes})
      expect_same_on_any_number_of_threads([&] {
        const std::vector<T> a = random_values<T>(e.m * e.k), b = random_values<T>(e.k * e.n);
        std::vector<T> c(e.m * e.n);
        gemm(Trans::no, t, e.m, e.n, e.k, a.data(), b.data(), T(0), c.data());
        return c;
      });
}

TEST(BlasInfoTest, TellsTheLibraryAndAdvisesOnlyWhenThereIsACure) {
  const BlasInfo info = blas_info();
  EXPECT_FALSE(info.library.empty());
  EXPECT_FALSE(info.core.empty());
  if (!info.advice.empty()) {
    EXPECT_NE(info.advice.find("OPENBLAS_CORETYPE="), std::string::npos) << info.advice;
  }
}

}  // namespace
}  // namespace gradus::kernels
