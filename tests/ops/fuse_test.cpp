#include "../thread_scope.hpp"
#include "kernel_values.hpp"
#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// fuse(f, x...) against f(x...), op by op.
namespace gradus {
namespace {

using testing::Threads;

/// Whole batches, parts of them, more than one block, nothing, a single number.
const std::vector<Shape>& shapes() {
  static const std::vector<Shape> list{{0}, {}, {1}, {3}, {16}, {5, 7}, {1024}, {2, 3, 341}, {41, 50}};
  return list;
}
const std::vector<std::pair<Shape, Shape>>& broadcast_pairs() {
  static const std::vector<std::pair<Shape, Shape>> list{{{}, {}},
                                                         {{3}, {3}},
                                                         {{41, 50}, {50}},
                                                         {{4}, {3, 4}},
                                                         {{30, 1}, {1, 40}},
                                                         {{}, {3, 400}},
                                                         {{3, 4}, {}},
                                                         {{3, 4}, {3, 1}},
                                                         {{2, 1, 4}, {3, 1}},
                                                         {{1}, {2, 3}},
                                                         {{0}, {1}},
                                                         {{2, 0}, {2, 1}},
                                                         {{700}, {2, 1, 700}},
                                                         {{2, 3, 1, 2}, {3, 4, 1}}};
  return list;
}

template <class T>
Tensor<T> random_variable(const Shape& shape, rules::Domain domain, unsigned seed) {
  const std::vector<T> values = random_values<T>(count(shape), domain.low, domain.high, seed);
  Array<T> array = empty_array<T>(shape);
  std::copy(values.begin(), values.end(), array.begin());
  return variable(array);
}

template <class T>
std::vector<T> values_of(const Array<T>& array) {
  return std::vector<T>(array.begin(), array.end());
}

/// The value and the gradients of fuse(f, inputs...) are those of f(inputs...).
template <class F, class... Inputs>
void expect_same(const std::string& what, const F& f, const Inputs&... inputs) {
  using T = element_type_of<Inputs...>;
  const Tensor<T> fused = fuse(f, inputs...), single = f(inputs...);
  ASSERT_EQ(fused.shape(), single.shape()) << what;
  expect_values(values_of(fused.value()), values_of(single.value()), what);
  const Tensor<T> seed = irregular<T>(fused.shape(), 0.3);
  const auto check = [&](const Tensor<T>& x) {
    const auto got = grad(fused, {x}, seed, {.retain_graph = true}),
               expected = grad(single, {x}, seed, {.retain_graph = true});
    expect_values(values_of(got[0].value()), values_of(expected[0].value()), what + ", gradient", 500);
  };
  (check(inputs), ...);
}

/// The dual number of a rule's value and slopes, computed on duals over V: floats, or SIMD batches.
template <class V>
class OnDuals {
 public:
  using D = Dual<V, 2>;

  template <class Rule, class F>
  static void expect_unary(const char* op, const F& f) {
    for (const double u : {0.15, 0.4, 0.85}) {
      const T x = spread(Rule::domain, u), y = Rule::forward(x);
      expect(op, f(D(V(x), 1)), y, T(0), Rule::dx(x, y));
    }
  }
  template <class Rule, class F>
  static void expect_binary(const char* op, const F& f) {
    static_assert(std::is_same_v<decltype(f(D(), 2)), D> && std::is_same_v<decltype(f(0.4F, D())), D>);
    for (const double u : {0.15, 0.4, 0.85}) {
      const T a = spread(Rule::domain, u), b = spread(Rule::second_domain, 1 - 0.9 * u),
              y = Rule::forward(a, b);
      expect(op, f(D(V(a), 0), D(V(b), 1)), y, Rule::da(a, b, y), Rule::db(a, b, y));
      expect(op, f(D(V(a), 0), b), y, Rule::da(a, b, y), T(0));
      expect(op, f(a, D(V(b), 1)), y, T(0), Rule::db(a, b, y));
    }
  }

 private:
  static constexpr bool is_batch = !std::is_floating_point_v<V>;
  static auto lane(const V& v) {
    if constexpr (is_batch)
      return v.get(0);
    else
      return v;
  }
  using T = decltype(lane(V()));

  static T spread(rules::Domain domain, double u) {
    return static_cast<T>((domain.high - domain.low) * u + domain.low);
  }
  static void expect(const char* op, const D& got, T y, T first, T second) {
    const auto near = [op](const V& v, T expected) {
      // The very bits of the rule, but for SIMD functions.
      const T epsilons = is_batch ? 200 * std::numeric_limits<T>::epsilon() : T(0);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(lane(v))) << op;
      else
        EXPECT_NEAR(lane(v), expected, epsilons * std::max(T(1), std::abs(expected))) << op;
    };
    near(got.value(), y);
    near(got.partial(0), first);
    near(got.partial(1), second);
  }
};

#define GRADUS_CHECK(function, Rule) \
  OnDuals<V>::template expect_unary<rules::Rule>(#function, [](const auto& x) { return function(x); });
template <class V>
void check_unary_ops() {
  GRADUS_UNARY_OPS(GRADUS_CHECK)
}
#undef GRADUS_CHECK
#define GRADUS_CHECK(function, Rule)               \
  OnDuals<V>::template expect_binary<rules::Rule>( \
      #function, [](const auto& a, const auto& b) { return function(a, b); });
template <class V>
void check_binary_ops(){GRADUS_BINARY_OPS(GRADUS_CHECK)}
#undef GRADUS_CHECK

TEST(Fuse, EveryOpOfADualNumberFollowsItsRule) {
  check_unary_ops<double>();
  check_binary_ops<double>();
  check_unary_ops<xsimd::batch<float>>();
  check_binary_ops<xsimd::batch<double>>();
}

const auto bell = [](auto x) { return sigmoid(x) * tanh(x) + exp(-x * x); };
const auto mix = [](auto a, auto b) { return maximum(a, 0) * b + 2.0 / (1 + square(b)); };

struct Swish {
  template <class V>
  V operator()(const V& x) const {
    V y = x;
    y *= sigmoid(slope * x);
    return +y - 0;
  }
  double slope = 1.5;
};

TEST(Fuse, ExpressionsAreOneStep) {
  for (const Shape& shape : shapes()) {
    expect_same("bell", bell, random_variable<float>(shape, {-3, 3}, 1));
    expect_same("bell", bell, random_variable<double>(shape, {-3, 3}, 1));
    expect_same("swish", Swish{}, random_variable<double>(shape, {-3, 3}, 1));
    expect_same(
        "clip", [](auto x) { return clip(x * 2, -1, 1.5); }, random_variable<float>(shape, {-3, 3}, 1));
  }
  for (const auto& [a, b] : broadcast_pairs())
    expect_same("mix", mix, random_variable<float>(a, {-3, 3}, 1), random_variable<float>(b, {-3, 3}, 2));
  const auto composed = [](auto x, auto y) {
    return lerp(leaky_relu(x), elu(y), 0.25) + hardtanh(x) * leaky_relu(x, y);
  };
  expect_same("composed", composed, random_variable<double>({77}, {-3, 3}, 1),
              random_variable<double>({77}, {-3, 3}, 2));
  const Tensor<double> x = random_variable<double>({4}, {-3, 3}, 1);
  EXPECT_EQ(fuse(bell, x).stage(), 1U);
  EXPECT_EQ(fuse(bell, fuse(bell, x)).stage(), 2U);
}

TEST(Fuse, AStepCanBeComputedAgainOpByOp) {
  const Tensor<double> x = random_variable<double>({5}, {-3, 3}, 1);
  const detail::FusedVjp<double, 1, decltype(bell)> vjp{bell, {x}, {}};
  EXPECT_EQ(vjp.op_by_op().value(), bell(x).value());
  EXPECT_GT(vjp.op_by_op().stage(), 1U);
}

TEST(Fuse, GradientsAreRight) {
  const auto loop = [](auto x, auto y) {
    auto result = x;
    for (int i = 0; i < 3; ++i) result = tanh(result * y + i);
    return result;
  };
  expect_right_gradients([&](const auto& in) { return fuse(loop, in[0], in[1]); },
                         {irregular({3, 4}), irregular({4}, 1)});
  expect_right_gradients([&](const auto& in) { return fuse(loop, in[0], in[0]) * in[0]; },
                         {irregular({3, 4})});
  expect_right_gradients([&](const auto& in) { return mean(fuse(loop, in[0], in[1])); },
                         {irregular({3, 1}), irregular({4}, 1)});
}

TEST(Fuse, TakesEveryKindOfOperand) {
  const auto f = [](auto a, auto b, auto c, auto d) { return a * b + c * d; };
  const xt::xarray<float> array{{1, 2, 3}, {4, 5, 6}};
  const Tensor<float> x = variable(xt::xarray<float>{1, -1, 2});
  const Scalar s = variable(3.0);
  const Tensor<float> y = fuse(f, x, s, array + 1, 2);
  EXPECT_EQ(elements(y), (Numbers{7, 3, 14, 13, 9, 20}));
  sum(y).backward();
  EXPECT_EQ(elements(x.grad()), (Numbers{6, 6, 6}));
  EXPECT_EQ(s.grad(), 4);

  const Tensor<double> from_scalar = fuse([](auto a, auto b) { return a * b; }, s, xt::xarray<double>{1, 2});
  EXPECT_EQ(elements(from_scalar), (Numbers{3, 6}));
  EXPECT_EQ(elements(fuse([](auto) { return 2; }, x)), (Numbers{2, 2, 2}));
}

TEST(Fuse, NeedsNoGradientOfConstants) {
  const auto f = [](auto a, auto b, auto c) { return a * b * c; };
  const Tensor<double> x = variable(xt::xarray<double>{1, 2}), constant = xt::xarray<double>{3, 4};
  for (int which = 1; which < 8; ++which) {
    const auto pick = [&](int i) { return which >> i & 1 ? x : x.detach(); };
    x.zero_grad();
    sum(fuse(f, pick(0), pick(1), pick(2))).backward();
    const double n = __builtin_popcount(static_cast<unsigned>(which));
    EXPECT_EQ(elements(x.grad()), (Numbers{n, 4 * n})) << which;
  }
  EXPECT_FALSE(fuse(f, constant, constant, constant).requires_grad());
  const auto product = [](auto a, auto b) { return a * b; };
  EXPECT_EQ(elements(grad(fuse(product, x, constant), {x}, constant)[0]), (Numbers{9, 16}));
  EXPECT_EQ(elements(grad(fuse(product, constant, x), {x}, constant)[0]), (Numbers{9, 16}));
  NoGrad off;
  EXPECT_FALSE(fuse(product, x, x).requires_grad());
  EXPECT_EQ(elements(fuse(product, x, x)), (Numbers{1, 4}));
}

TEST(Fuse, ZeroAbsorbsAndNaNPropagates) {
  const xt::xarray<double> hard{0, -0.0, 1, nan_value, infinity, -infinity, 1e300, -1e300, 4.9e-324};
  const Tensor<double> x = variable(hard);
  expect_same("bell", bell, x);
  expect_same(
      "0 sqrt", [](auto v) { return 0 * sqrt(v) + sqrt(square(v)); }, x);
  expect_same(
      "pow", [](auto v) { return pow(v, 0) * 2 + pow(v, 2) + relu(v); }, x);
  expect_same(
      "2/x", [](auto v) { return 2 / v + maximum(v, 1) - abs(v); }, x);
  expect_same(
      "log", [](auto v) { return log(v) * relu(-abs(v)); }, x);

  const auto safe = [](auto v) { return where(v > 0, sqrt(v), 0.0); };
  const Tensor<double> z = variable(xt::xarray<double>{0, 4});
  sum(fuse(safe, z)).backward();
  EXPECT_EQ(elements(z.grad()), (Numbers{0, 0.25}));
  z.zero_grad();
  fuse([](auto v) { return sqrt(v); }, z)
      .backward(xt::xarray<double>{0, 1});  // g absorbs an infinite partial
  EXPECT_EQ(elements(z.grad()), (Numbers{0, 0.25}));
  z.zero_grad();
  sum(0 * sum(fuse([](auto v) { return sqrt(v); }, z))).backward();
  EXPECT_EQ(elements(z.grad()), (Numbers{0, 0}));

  // What one input makes infinite does not touch the derivative of another.
  const Tensor<double> w = variable(xt::xarray<double>{3, 3});
  z.zero_grad();
  sum(fuse([](auto a, auto b) { return sqrt(a) * b; }, z, w)).backward();
  EXPECT_EQ(elements(w.grad()), (Numbers{0, 2}));
  EXPECT_EQ(elements(z.grad()), (Numbers{infinity, 0.75}));
}

TEST(Fuse, ComparisonsChooseByElement) {
  const Tensor<float> x = variable(xt::xarray<float>{-2, -1, 0, 1, 2});
  const auto f = [](auto v) {
    return where(v <= -1, v * 2, 1) + where(v != 0, 3, v) + where(v >= 1 && v < 2, square(v), 0) +
           where(v == 2, v, v * 10);
  };
  EXPECT_EQ(elements(fuse(f, x)), (Numbers{-21, -9, 1, 15, 6}));
  sum(fuse(f, x)).backward();
  EXPECT_EQ(elements(x.grad()), (Numbers{12, 12, 11, 12, 1}));
}

TEST(Fuse, SameBitsAtAnyNumberOfThreads) {
  const Tensor<float> a = random_variable<float>({3, 200001}, {-3, 3}, 1),
                      b = random_variable<float>({200001}, {-3, 3}, 2);
  expect_same_on_any_number_of_threads([&] {
    const Tensor<float> y = fuse(mix, a, b);
    std::vector<float> all = values_of(y.value());
    for (const Tensor<float>& g : grad(y, {a, b}, y.detach()))
      all.insert(all.end(), g.value().begin(), g.value().end());
    return all;
  });
}

/// sum() and mean() hand a fused step one number, which stands for all elements.
TEST(Fuse, AGradientThatIsOneNumberIsWholeWhenLookedAt) {
  const Tensor<double> x = variable(xt::xarray<double>{{1, 2}, {3, 4}});
  const auto squared = [&] { return fuse([](auto v) { return v * v; }, x); };
  const Tensor<double> y = squared().retain_grad();
  const Tensor<double> loss = mean(y);
  backward(loss, {.retain_graph = true});
  EXPECT_EQ(y.grad(), (xt::xarray<double>{{0.25, 0.25}, {0.25, 0.25}}));
  EXPECT_EQ(elements(x.grad()), (Numbers{0.5, 1, 1.5, 2}));
  backward(loss, {.retain_graph = true});
  EXPECT_EQ(elements(x.grad()), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(grad(loss, {y})[0].value(), (xt::xarray<double>{{0.25, 0.25}, {0.25, 0.25}}));

  for (const bool sum_first : {true, false}) {  // something else arrives too
    const Tensor<double> z = squared();
    const Tensor<double> both = sum_first ? sum(z) + sum(z * z) : sum(z * z) + sum(z);
    x.zero_grad();
    backward(both, {.keep_grads = true});
    EXPECT_EQ(z.grad(), (xt::xarray<double>{{3, 9}, {19, 33}}));
    EXPECT_EQ(elements(x.grad()), (Numbers{6, 36, 114, 264}));
  }

  x.zero_grad();
  const Tensor<double> total = sum(squared());  // the partials themselves become the gradient, and are kept
  for (int i = 1; i <= 3; ++i) {
    backward(total, {.retain_graph = true});
    EXPECT_EQ(elements(x.grad()), (Numbers{2.0 * i, 4.0 * i, 6.0 * i, 8.0 * i}));
  }
}

TEST(Fuse, ErrorsLeaveNothingBehind) {
  const Tensor<float> x = variable(xt::xarray<float>{1, 2, 3}), y = variable(xt::xarray<float>{1, 2});
  EXPECT_EQ(message_of<ShapeError>([&] { fuse(mix, x, y); }).substr(0, 7), "[fuse] ");
  const auto wrong_bounds = [](auto v) { return clip(v, 2, 1); };
  EXPECT_EQ(message_of<ValueError>([&] { fuse(wrong_bounds, x); }).substr(0, 7), "[clip] ");
  const Threads two(2);
  EXPECT_THROW(fuse(wrong_bounds, random_variable<float>({1000000}, {0, 1}, 1)), ValueError);

  const Tensor<float> loss = sum(fuse(bell, x));
  loss.backward();
  const std::string released = message_of<GraphError>([&] { loss.backward(); });
  EXPECT_NE(released.find("retain_graph"), std::string::npos) << released;
  const Tensor<float> again = sum(fuse(bell, x));
  x.set_value(xt::xarray<float>{1, 2, 4});
  const std::string changed = message_of<GraphError>([&] { again.backward(); });
  EXPECT_NE(changed.find("the fuse step"), std::string::npos) << changed;
}

TEST(Fuse, ADualNumberIsForwardModeOverAnyNumberType) {
  const Dual<double, 1> y = bell(Dual<double, 1>(0.7, 0));
  EXPECT_NEAR(y.value(), 1 / (1 + std::exp(-0.7)) * std::tanh(0.7) + std::exp(-0.49), 1e-15);
  EXPECT_NEAR(
      y.partial(0),
      numerical_derivative([](double v) { return bell(Scalar(v)).value(); }, 0.7, Stencil::seven_point),
      1e-10);
  using Second = Dual<Dual<double, 1>, 1>;  // tanh'' = -2 tanh (1 - tanh^2)
  const double t = std::tanh(0.7);
  EXPECT_NEAR(tanh(Second(Dual<double, 1>(0.7, 0), 0)).partial(0).partial(0), -2 * t * (1 - t * t), 1e-15);
  EXPECT_EQ(pow(Second(Dual<double, 1>(3.0, 0), 0), 3).partial(0).partial(0), 18);
}

}  // namespace
}  // namespace gradus
