#include <functional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Outside the library's namespace and without `using namespace xt`: the calls below are what users write.
namespace {

using namespace gradus;
using A = xt::xarray<double>;

const A a{{1, 2}, {3, 4}};
const Tensor<double> x = variable(A{{5, 6}, {7, 8}});
const xt::xarray<bool> mask{{true, false}, {false, true}};

/// Every function of two operands, with an array on either side, as it stands and as a lazy expression.
#define EXPECT_TAKES_ARRAYS(f)                                                               \
  {                                                                                          \
    const Tensor<double> constant(a), twice(a + a);                                          \
    const auto left = f(a, x), right = f(x, a), lazy = f(x, a + a), lazy_left = f(a + a, x), \
               temporary = f(x, A(a));                                                       \
    static_assert(std::is_same_v<decltype(left), const Tensor<double>>);                     \
    static_assert(std::is_same_v<decltype(right), const Tensor<double>>);                    \
    static_assert(std::is_same_v<decltype(lazy), const Tensor<double>>);                     \
    static_assert(std::is_same_v<decltype(lazy_left), const Tensor<double>>);                \
    static_assert(std::is_same_v<decltype(temporary), const Tensor<double>>);                \
    EXPECT_EQ(elements(left), elements(f(constant, x)));                                     \
    EXPECT_EQ(elements(right), elements(f(x, constant)));                                    \
    EXPECT_EQ(elements(lazy), elements(f(x, twice)));                                        \
    EXPECT_EQ(elements(lazy_left), elements(f(twice, x)));                                   \
    EXPECT_EQ(elements(temporary), elements(f(x, constant)));                                \
    EXPECT_TRUE(left.requires_grad() && right.requires_grad() && lazy.requires_grad());      \
  }

TEST(Operands, ArraysAndLazyExpressionsOnEitherSide) {
  EXPECT_TAKES_ARRAYS(add);
  EXPECT_TAKES_ARRAYS(sub);
  EXPECT_TAKES_ARRAYS(mul);
  EXPECT_TAKES_ARRAYS(gradus::div);
  EXPECT_TAKES_ARRAYS(pow);
  EXPECT_TAKES_ARRAYS(maximum);
  EXPECT_TAKES_ARRAYS(minimum);
  EXPECT_TAKES_ARRAYS(matmul);
  EXPECT_TAKES_ARRAYS(linear);
#define PLUS(l, r) (l) + (r)
  EXPECT_TAKES_ARRAYS(PLUS);
#define MINUS(l, r) (l) - (r)
  EXPECT_TAKES_ARRAYS(MINUS);
#define TIMES(l, r) (l) * (r)
  EXPECT_TAKES_ARRAYS(TIMES);
#define OVER(l, r) (l) / (r)
  EXPECT_TAKES_ARRAYS(OVER);
#define WHERE(l, r) where(mask, l, r)
  EXPECT_TAKES_ARRAYS(WHERE);
#define WHERE_LAZY(l, r) where(a > 1.5, l, r)
  EXPECT_TAKES_ARRAYS(WHERE_LAZY);
}

TEST(Operands, OtherKindsOfArrays) {
  const xt::xtensor<double, 2> fixed_rank{{1, 2}, {3, 4}};
  xt::xarray<double, xt::layout_type::column_major> column_major = a;
  const xt::xarray<int> integers{{1, 2}, {3, 4}};
  const auto expected = elements(x * Tensor<double>(a));
  EXPECT_EQ(elements(x * fixed_rank), expected);
  EXPECT_EQ(elements(x * column_major), expected);
  EXPECT_EQ(elements(column_major * x), expected);
  EXPECT_EQ(elements(x * integers), expected);
  EXPECT_EQ(elements(matmul(x, column_major)), elements(matmul(x, a)));
  Tensor<double> y = x;
  y *= a;
  EXPECT_EQ(elements(y), expected);
}

/// Every function of a Scalar and an array, in both orders: the step of the tensors they make.
#define EXPECT_TAKES_SCALAR_AND_ARRAY(f)                                       \
  {                                                                            \
    const auto left = f(s, a), right = f(a, s), lazy = f(s, a + a);            \
    static_assert(std::is_same_v<decltype(left), const Tensor<double>>);       \
    static_assert(std::is_same_v<decltype(right), const Tensor<double>>);      \
    static_assert(std::is_same_v<decltype(lazy), const Tensor<double>>);       \
    EXPECT_EQ(elements(left), elements(f(s, Tensor<double>(a))));              \
    EXPECT_EQ(elements(right), elements(f(Tensor<double>(a), s)));             \
    EXPECT_EQ(elements(lazy), elements(f(s, Tensor<double>(a + a))));          \
    const auto gradient = [&](const auto& y) { return grad(sum(y), {s})[0]; }; \
    EXPECT_EQ(gradient(left), gradient(f(s, Tensor<double>(a))));              \
    EXPECT_EQ(gradient(right), gradient(f(Tensor<double>(a), s)));             \
  }

TEST(Operands, AScalarMeetsAnArray) {
  const Scalar s = variable(1.5);
  EXPECT_TAKES_SCALAR_AND_ARRAY(add);
  EXPECT_TAKES_SCALAR_AND_ARRAY(gradus::div);
  EXPECT_TAKES_SCALAR_AND_ARRAY(pow);
  EXPECT_TAKES_SCALAR_AND_ARRAY(maximum);
  EXPECT_TAKES_SCALAR_AND_ARRAY(minimum);
  EXPECT_TAKES_SCALAR_AND_ARRAY(PLUS);
  EXPECT_TAKES_SCALAR_AND_ARRAY(MINUS);
  EXPECT_TAKES_SCALAR_AND_ARRAY(TIMES);
  EXPECT_TAKES_SCALAR_AND_ARRAY(OVER);
  EXPECT_TAKES_SCALAR_AND_ARRAY(WHERE);
  EXPECT_EQ(elements(s * a), (Numbers{1.5, 3, 4.5, 6}));
  EXPECT_EQ(grad(sum(s * a), {s})[0].value(), 10);
  const xt::xarray<float> single{1, 2};
  static_assert(std::is_same_v<decltype(s * single), Tensor<float>>);
  static_assert(std::is_same_v<decltype(s + xt::xarray<int>{1}), Tensor<double>>);
}

TEST(Operands, FloatStaysFloat) {
  const Tensor<float> f = variable(xt::xarray<float>{{1, 2}, {3, 4}});
  const Scalar s = variable(2);
  static_assert(std::is_same_v<decltype(f * 2), Tensor<float>>);
  static_assert(std::is_same_v<decltype(2.0 / f), Tensor<float>>);
  static_assert(std::is_same_v<decltype(f * s), Tensor<float>>);
  static_assert(std::is_same_v<decltype(s - f), Tensor<float>>);
  static_assert(std::is_same_v<decltype(f + a), Tensor<float>>);
  static_assert(std::is_same_v<decltype(a + f), Tensor<float>>);
  static_assert(std::is_same_v<decltype(matmul(a, f)), Tensor<float>>);
  static_assert(std::is_same_v<decltype(linear(a, f, a)), Tensor<float>>);
  static_assert(std::is_same_v<decltype(where(mask, f, a)), Tensor<float>>);
  static_assert(std::is_same_v<decltype(cross_entropy(f, a)), Tensor<float>>);
  EXPECT_EQ(elements(f + a), (Numbers{2, 4, 6, 8}));
  sum(f * s).backward();
  EXPECT_EQ(s.grad(), 10);
}

template <class L, class R>
concept Adds = requires(L l, R r) {
  l + r;
};
template <class L, class R>
concept Multiplies = requires(L l, R r) {
  matmul(l, r);
};
template <class L, class R>
concept Joins = requires(L l, R r) {
  concatenate({l, r}, 0);
};
template <class L, class R>
concept Compares = requires(L l, R r) {
  cross_entropy(l, r);
};
template <class X, class I>
concept Takes = requires(X t, I i) {
  take(t, i, 0);
};

template <class L, class R>
constexpr bool is_any_defined = Adds<L, R> || Multiplies<L, R> || Joins<L, R> || Compares<L, R>;

static_assert(Adds<Tensor<float>, Tensor<float>> && Multiplies<Tensor<float>, Tensor<float>> &&
              Joins<Tensor<float>, Tensor<float>> && Compares<Tensor<float>, Tensor<float>>);
static_assert(!is_any_defined<Tensor<float>, Tensor<double>>);
static_assert(!is_any_defined<Tensor<double>, Tensor<float>>);
static_assert(Takes<Tensor<float>, xt::xarray<std::int8_t>> &&
              Takes<Tensor<float>, xt::xarray<std::uint64_t>>);
static_assert(!Takes<Tensor<float>, xt::xarray<double>> && !Takes<Tensor<float>, xt::xarray<bool>>);

TEST(Operands, ArraysAmongThemselvesStayXtensors) {
  EXPECT_EQ(A(a + a)(1, 1), 8);
  EXPECT_EQ(A(xt::maximum(a, 2 * a))(0, 0), 2);
}

TEST(Operands, LinearTakesArraysInEveryPlace) {
  const A b{1, 2};
  const Numbers expected = elements(matmul(x, a) + b);
  EXPECT_EQ(elements(linear(x, a, b)), expected);
  EXPECT_EQ(elements(linear(x, a + 0, variable(b))), expected);
  EXPECT_EQ(elements(linear(x.value(), variable(a), b)), expected);
}

TEST(Operands, AForeignScalarIsAnErrorOfTheOpThatGotIt) {
  const Scalar s = variable(2);
  const std::vector<Scalar> two{s, s};  // a list in braces copies them before any op is called
  const std::pair<const char*, std::function<void()>> uses[] = {
      {"[mul]", [&] { x* s; }},
      {"[sub]", [&] { s - x; }},
      {"[maximum]", [&] { maximum(x, s); }},
      {"[where]", [&] { where(mask, s, x); }},
      {"[matmul]", [&] { matmul(x, s); }},
      {"[linear]", [&] { linear(x, x, s); }},
      {"[cross_entropy]", [&] { cross_entropy(x, s); }},
      {"[to_tensor]", [&] { to_tensor(s); }},
      {"[fuse]", [&] { fuse([](auto u, auto v) { return u * v; }, x, s); }},
      {"[add]", [&] { s + 1; }},
      {"[clip]", [&] { clip(s, 0, 1); }},
      {"[stack]", [&] { stack(two); }}};
  std::thread([&] {
    for (const auto& [name, use] : uses) {
      const std::string message = message_of<GraphError>(use);
      EXPECT_TRUE(message.starts_with(name)) << message;
    }
  }).join();
}

TEST(Operands, NamesOfOpsAreTheNamesOfTheirFunctions) {
  EXPECT_EQ(detail::OpName::matmul.tag(), "[matmul] ");
  static_assert(!std::is_constructible_v<detail::OpName, const char*>);
  static_assert(!std::is_default_constructible_v<detail::OpName>);
}

}  // namespace
