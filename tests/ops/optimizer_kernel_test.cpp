#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gradus/ops/kernels/optimizers.hpp>
#include <gradus/tests/ops/kernel_values.hpp>

// Here is what all passes share: sizes, threads, tiny numbers. That each is its optimizer's formula is tested
// in tests/nn/optimizers.

namespace gradus::kernels {
namespace {

constexpr SGDPass sgd{.lr = 0.1, .momentum = 0.9};
constexpr AdaGradPass adagrad{.lr = 0.1, .epsilon = 1e-10};
constexpr RMSPropPass rmsprop{.lr = 0.1, .alpha = 0.9, .epsilon = 1e-8, .momentum = 0.9};
constexpr AdadeltaPass adadelta{.lr = 1, .rho = 0.9, .epsilon = 1e-6};
constexpr AdamPass adam{.lr = 0.1, .beta1 = 0.9, .beta2 = 0.5, .epsilon = 1e-8, .t = 1000};
constexpr AdamPass amsgrad{.lr = 0.1, .beta1 = 0.9, .beta2 = 0.5, .epsilon = 1e-8, .t = 2};
constexpr NAdamPass nadam{
    .rate_g = 0.1, .rate_m = 0.2, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .t = 1000};
constexpr LionPass lion{.lr = 0.1, .beta1 = 0.9, .beta2 = 0.99};

/// A parameter, its gradient, and what a pass remembers.
template <class T, class Pass>
struct Problem {
  std::vector<T> p, g;
  std::array<std::vector<T>, Pass::arrays> memory{};

  Problem(std::size_t n, const Pass&) : p(random_values<T>(n, -2, 2, 2)), g(random_values<T>(n)) {
    for (auto& array : memory) array = random_values<T>(n, 0.5, 2, 3);
  }

  void run(const Pass& pass, std::size_t begin, std::size_t count) {
    std::array<T*, Pass::arrays> places{};
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = memory[i].data() + begin;
    optimizer_update(p.data() + begin, g.data() + begin, places, pass, count);
  }
};

/// Calls f(name, pass) for every kind of pass.
template <class F>
void for_every_pass(const F& f) {
  f("sgd", sgd);
  f("adagrad", adagrad);
  f("rmsprop", rmsprop);
  f("adadelta", adadelta);
  f("adam", adam);
  f("amsgrad", amsgrad);
  f("nadam", nadam);
  f("lion", lion);
}

template <class T>
class OptimizerKernels : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(OptimizerKernels, Numbers);

TYPED_TEST(OptimizerKernels, TreatEveryElementAlikeAtEverySize) {
  using T = TypeParam;
  for_every_pass([](const char* name, const auto& pass) {
    for (const std::size_t n : {0, 1, 15, 16, 17, 1025, 150001}) {
      Problem<T, std::decay_t<decltype(pass)>> at_once(n, pass), one_by_one(n, pass);
      at_once.run(pass, 0, n);
      for (std::size_t i = 0; i < n; ++i) one_by_one.run(pass, i, 1);
      EXPECT_EQ(at_once.p, one_by_one.p) << name << ", " << n << " elements";
      EXPECT_EQ(at_once.memory, one_by_one.memory) << name << ", " << n << " elements";
    }
  });
}

TYPED_TEST(OptimizerKernels, KeepNothingWhereThereIsNothingToKeepItIn) {
  using T = TypeParam;
  const std::size_t n = 19;
  const std::vector<T> g = random_values<T>(n), start = random_values<T>(n, -2, 2, 2);
  std::vector<T> p = start;
  optimizer_update<T>(p.data(), g.data(), {nullptr}, SGDPass{.lr = 0.5}, n);
  for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(p[i], start[i] - T(0.5) * g[i]);
}

TYPED_TEST(OptimizerKernels, ANaNInTheGradientReachesItsElementAlone) {
  using T = TypeParam;
  for_every_pass([](const char* name, const auto& pass) {
    Problem<T, std::decay_t<decltype(pass)>> problem(37, pass);
    problem.g[20] = std::numeric_limits<T>::quiet_NaN();
    problem.run(pass, 0, 37);
    for (std::size_t i = 0; i < 37; ++i) EXPECT_EQ(std::isnan(problem.p[i]), i == 20) << name << " " << i;
  });
}

TYPED_TEST(OptimizerKernels, GiveTheSameBitsOnAnyNumberOfThreads) {
  using T = TypeParam;
  for_every_pass([](const char*, const auto& pass) {
    expect_same_on_any_number_of_threads([&] {
      Problem<T, std::decay_t<decltype(pass)>> problem(400001, pass);
      problem.run(pass, 0, 400001);
      return problem.p;
    });
  });
}

#if defined(__SSE2__)
TYPED_TEST(OptimizerKernels, WhatIsRememberedFadesToZeroAndNotToTheSmallestNumbers) {
  using T = TypeParam;
  const T tiny = std::numeric_limits<T>::min(), smallest = std::numeric_limits<T>::denorm_min();
  const auto check = [&](const char* name, const auto& pass) {
    Problem<T, std::decay_t<decltype(pass)>> problem(20, pass);
    problem.g.assign(20, T(0));
    for (auto& array : problem.memory) array.assign(20, tiny);
    problem.run(pass, 0, 20);
    for (const auto& array : problem.memory)
      for (const T x : array) EXPECT_TRUE(x == 0 || x >= tiny) << name << ": " << x;
  };
  for_every_pass(check);
  Problem<T, SGDPass> faded(20, sgd);
  faded.g.assign(20, T(0));
  faded.memory[0].assign(20, tiny);
  faded.run(sgd, 0, 20);
  EXPECT_EQ(faded.memory[0], std::vector<T>(20, T(0)));
  volatile T half = smallest;
  EXPECT_NE(half + half, T(0)) << "outside of the optimizers small numbers stay";
}
#endif

}  // namespace
}  // namespace gradus::kernels
