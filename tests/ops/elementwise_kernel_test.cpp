#include <gradus/ops/kernels/elementwise.hpp>
#include <gradus/ops/op_list.hpp>
#include <gradus/tests/ops/kernel_values.hpp>

namespace gradus::kernels {
namespace {

using rules::Reads;

/// Values a kernel may meet, whatever the op.
template <class T>
std::vector<T> edges() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values{0, 0.5, 1, 2, 3, 30, 100, 1e4, Limits::min(), Limits::max(), Limits::infinity()};
  const std::size_t n = values.size();
  for (std::size_t i = 0; i < n; ++i) values.push_back(-values[i]);
  values.push_back(Limits::quiet_NaN());
  return values;
}

/// g * local (+ before), where g = 0 absorbs.
template <class T>
T contribution(T g, T local, T before) {
  return before + (g == 0 ? T(0) : g * local);
}

/// Incoming gradients, some of them 0.
template <class T>
std::vector<T> gradients(std::size_t n) {
  std::vector<T> g = random_values<T>(n, -2, 2, 9);
  for (std::size_t i = 0; i < n; i += 3) g[i] = 0;
  return g;
}

template <class Rule, class T>
void check_unary(const Rule& rule, const std::vector<T>& x) {
  const std::size_t n = x.size();
  std::vector<T> expected(n), y(n);
  for (std::size_t i = 0; i < n; ++i) expected[i] = rule.forward(x[i]);
  unary_forward(rule, x.data(), y.data(), n);
  expect_values(y, expected, std::string(Rule::name) + " forward");
  std::vector<T> in_place = x;
  unary_forward(rule, in_place.data(), in_place.data(), n);
  expect_values(in_place, y, std::string(Rule::name) + " in place");

  const std::vector<T> g = gradients<T>(n);
  const T* seen_x = reads(Rule::reads, Reads::first) ? x.data() : nullptr;
  const T* seen_y = reads(Rule::reads, Reads::output) ? y.data() : nullptr;
  for (const bool accumulate : {false, true}) {
    std::vector<T> gx(n, T(0.25));
    for (std::size_t i = 0; i < n; ++i)
      expected[i] = contribution(g[i], rule.dx(x[i], y[i]), accumulate ? T(0.25) : T(0));
    unary_backward(rule, g.data(), seen_x, seen_y, gx.data(), n, accumulate);
    expect_values(gx, expected, std::string(Rule::name) + " backward");
  }
  std::vector<T> over_g = g;
  unary_backward(rule, over_g.data(), seen_x, seen_y, over_g.data(), n, false);
  for (std::size_t i = 0; i < n; ++i) expected[i] = contribution(g[i], rule.dx(x[i], y[i]), T(0));
  expect_values(over_g, expected, std::string(Rule::name) + " backward in place");
}

template <class Rule, class T>
void check_binary(const Rule& rule, const Shape& a_shape, const std::vector<T>& a, const Shape& b_shape,
                  const std::vector<T>& b) {
  const Shape shape = broadcast_shapes(Rule::name, a_shape, b_shape);
  const std::size_t n = count(shape);
  const BroadcastPlan plan = make_broadcast_plan(a_shape, b_shape, shape);
  const std::string what = std::string(Rule::name) + to_string(a_shape) + to_string(b_shape);
  std::vector<T> expected(n), y(n), da(n), db(n);
  for (std::size_t i = 0; i < n; ++i)
    expected[i] =
        rule.forward(a[stretched_offset(a_shape, shape, i)], b[stretched_offset(b_shape, shape, i)]);
  binary_forward(rule, plan, a.data(), b.data(), y.data());
  expect_values(y, expected, what);

  const std::vector<T> g = gradients<T>(n);
  const auto seen = [](Reads all, Reads one, const std::vector<T>& v) {
    return reads(all, one) ? v.data() : nullptr;
  };
  for (const bool accumulate : {false, true}) {
    std::vector<T> expected_da(n), expected_db(n);
    da.assign(n, T(0.25));
    db.assign(n, T(0.25));
    for (std::size_t i = 0; i < n; ++i) {
      const T ai = a[stretched_offset(a_shape, shape, i)], bi = b[stretched_offset(b_shape, shape, i)];
      expected_da[i] = contribution(g[i], rule.da(ai, bi, y[i]), accumulate ? T(0.25) : T(0));
      expected_db[i] = contribution(g[i], rule.db(ai, bi, y[i]), accumulate ? T(0.25) : T(0));
    }
    binary_backward<Rule, T, 0>(rule, plan, g.data(), seen(Rule::da_reads, Reads::first, a),
                                seen(Rule::da_reads, Reads::second, b),
                                seen(Rule::da_reads, Reads::output, y), da.data(), accumulate);
    binary_backward<Rule, T, 1>(rule, plan, g.data(), seen(Rule::db_reads, Reads::first, a),
                                seen(Rule::db_reads, Reads::second, b),
                                seen(Rule::db_reads, Reads::output, y), db.data(), accumulate);
    expect_values(da, expected_da, what + " da");
    expect_values(db, expected_db, what + " db");
  }
}

template <class T>
class ElementwiseKernels : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(ElementwiseKernels, Numbers);

TYPED_TEST(ElementwiseKernels, EveryUnaryOpIsItsRuleAtEverySize) {
  using T = TypeParam;
  const auto check = [](const auto& rule) {
    for (const std::size_t n : {0, 1, 3, 8, 16, 17, 1023, 1024, 1030, 70001})
      check_unary(rule, random_values<T>(n, rule.domain.low, rule.domain.high));
    check_unary(rule, edges<T>());
  };
#define CHECK_UNARY(name, Rule) check(rules::Rule{});
  GRADUS_UNARY_OPS(CHECK_UNARY)
  check(rules::Clip(-1, 2));
}

TYPED_TEST(ElementwiseKernels, EveryBinaryOpIsItsRuleWhateverIsBroadcast) {
  using T = TypeParam;
  const std::vector<std::pair<Shape, Shape>> pairs{{{}, {}},
                                                   {{5}, {5}},
                                                   {{}, {37}},
                                                   {{37}, {}},
                                                   {{1}, {20}},
                                                   {{3, 4}, {4}},
                                                   {{4}, {3, 4}},
                                                   {{3, 1}, {1, 5}},
                                                   {{2, 3, 40}, {3, 1}},
                                                   {{2, 1, 4, 1}, {3, 1, 5}},
                                                   {{100, 30}, {100, 1}},
                                                   {{2000, 3}, {3}},
                                                   {{0, 3}, {1, 3}},
                                                   {{1, 1}, {1}},
                                                   {{40, 60, 30}, {60, 1}}};
  const auto check = [&](const auto& rule) {
    using Rule = std::decay_t<decltype(rule)>;
    for (const auto& [a, b] : pairs)
      check_binary(rule, a, random_values<T>(count(a), Rule::domain.low, Rule::domain.high), b,
                   random_values<T>(count(b), Rule::second_domain.low, Rule::second_domain.high, 2));
    const auto values = edges<T>();
    check_binary(rule, {values.size(), 1}, values, {values.size()}, values);
  };
#define CHECK_BINARY(name, Rule) check(rules::Rule{});
  GRADUS_BINARY_OPS(CHECK_BINARY)
}

TYPED_TEST(ElementwiseKernels, AnIncomingZeroAbsorbsInfiniteDerivatives) {
  using T = TypeParam;
  const std::vector<T> x{0, 0}, y{0, 0}, g{0, 1};
  std::vector<T> gx{5, 5};
  unary_backward(rules::Sqrt{}, g.data(), static_cast<const T*>(nullptr), y.data(), gx.data(), 2, false);
  EXPECT_EQ(gx, (std::vector<T>{0, std::numeric_limits<T>::infinity()}));
}

TYPED_TEST(ElementwiseKernels, GiveTheSameBitsOnAnyNumberOfThreads) {
  using T = TypeParam;
  expect_same_on_any_number_of_threads([] {
    const std::vector<T> x = random_values<T>(300007, -1e3, 1e3);
    std::vector<T> y(x.size());
    unary_forward(rules::Sin{}, x.data(), y.data(), x.size());
    return y;
  });
}

}  // namespace
}  // namespace gradus::kernels
