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

/// A rule, with bounds where it has some.
template <class Rule>
Rule rule() {
  if constexpr (std::is_same_v<Rule, rules::Clip>)
    return Rule(-1, 2);
  else
    return Rule();
}

// Rules and their kernels as tables of functions: the checks are compiled once for each type, not for each.

template <class T>
struct Unary {
  const char* name;
  rules::Domain domain;
  Reads reads;
  T (*value)(T x);
  T (*slope)(T x, T y);
  void (*forward)(const T* x, T* y, std::size_t n);
  void (*backward)(const T* g, const T* x, const T* y, T* gx, std::size_t n, bool accumulate);
};
template <class Rule, class T>
Unary<T> unary() {
  return {Rule::name,
          Rule::domain,
          Rule::reads,
          [](T x) { return rule<Rule>().forward(x); },
          [](T x, T y) { return rule<Rule>().dx(x, y); },
          [](const T* x, T* y, std::size_t n) { unary_forward(rule<Rule>(), x, y, n); },
          [](const T* g, const T* x, const T* y, T* gx, std::size_t n, bool accumulate) {
            unary_backward(rule<Rule>(), g, x, y, gx, n, accumulate);
          }};
}

template <class T>
struct Binary {
  const char* name;
  rules::Domain domain, second_domain;
  Reads reads[2];  // of each side
  T (*value)(T a, T b);
  T (*slope[2])(T a, T b, T y);
  void (*forward)(const BroadcastPlan&, const T* a, const T* b, T* y);
  void (*backward[2])(const BroadcastPlan&, const T* g, const T* a, const T* b, const T* y, T* out,
                      bool accumulate);
};
template <class Rule, class T, int side>
void backward_of(const BroadcastPlan& plan, const T* g, const T* a, const T* b, const T* y, T* out,
                 bool accumulate) {
  binary_backward<Rule, T, side>(Rule(), plan, g, a, b, y, out, accumulate);
}
template <class Rule, class T>
Binary<T> binary() {
  return {
      Rule::name,
      Rule::domain,
      Rule::second_domain,
      {Rule::da_reads, Rule::db_reads},
      [](T a, T b) { return Rule::forward(a, b); },
      {[](T a, T b, T y) { return Rule::da(a, b, y); }, [](T a, T b, T y) { return Rule::db(a, b, y); }},
      [](const BroadcastPlan& plan, const T* a, const T* b, T* y) { binary_forward(Rule(), plan, a, b, y); },
      {backward_of<Rule, T, 0>, backward_of<Rule, T, 1>}};
}

template <class T>
const T* seen(Reads all, Reads one, const std::vector<T>& values) {
  return reads(all, one) ? values.data() : nullptr;
}

template <class T>
void check_unary(const Unary<T>& op, const std::vector<T>& x) {
  const std::string name = op.name;
  const std::size_t n = x.size();
  std::vector<T> expected(n), y(n);
  std::transform(x.begin(), x.end(), expected.begin(), op.value);
  op.forward(x.data(), y.data(), n);
  expect_values(y, expected, name + " forward");
  std::vector<T> in_place = x;
  op.forward(in_place.data(), in_place.data(), n);
  expect_values(in_place, y, name + " in place");

  const std::vector<T> g = gradients<T>(n);
  const T *const seen_x = seen(op.reads, Reads::first, x), *const seen_y = seen(op.reads, Reads::output, y);
  for (const bool accumulate : {false, true}) {
    std::vector<T> gx(n, T(0.25));
    for (std::size_t i = 0; i < n; ++i)
      expected[i] = contribution(g[i], op.slope(x[i], y[i]), accumulate ? T(0.25) : T(0));
    op.backward(g.data(), seen_x, seen_y, gx.data(), n, accumulate);
    expect_values(gx, expected, name + " backward");
  }
  std::vector<T> over_g = g;
  op.backward(over_g.data(), seen_x, seen_y, over_g.data(), n, false);
  for (std::size_t i = 0; i < n; ++i) expected[i] = contribution(g[i], op.slope(x[i], y[i]), T(0));
  expect_values(over_g, expected, name + " backward in place");
}

template <class T>
void check_binary(const Binary<T>& op, const Shape& a_shape, const std::vector<T>& a, const Shape& b_shape,
                  const std::vector<T>& b) {
  const Shape shape = broadcast_shapes(op.name, a_shape, b_shape);
  const std::size_t n = count(shape);
  const BroadcastPlan plan = make_broadcast_plan(a_shape, b_shape, shape);
  const std::string what = op.name + to_string(a_shape) + to_string(b_shape);
  const auto a_at = [&](std::size_t i) { return a[stretched_offset(a_shape, shape, i)]; };
  const auto b_at = [&](std::size_t i) { return b[stretched_offset(b_shape, shape, i)]; };
  std::vector<T> expected(n), y(n), got(n);
  for (std::size_t i = 0; i < n; ++i) expected[i] = op.value(a_at(i), b_at(i));
  op.forward(plan, a.data(), b.data(), y.data());
  expect_values(y, expected, what);

  const std::vector<T> g = gradients<T>(n);
  for (const bool accumulate : {false, true})
    for (const int side : {0, 1}) {
      got.assign(n, T(0.25));
      for (std::size_t i = 0; i < n; ++i)
        expected[i] = contribution(g[i], op.slope[side](a_at(i), b_at(i), y[i]), accumulate ? T(0.25) : T(0));
      const Reads read = op.reads[side];
      op.backward[side](plan, g.data(), seen(read, Reads::first, a), seen(read, Reads::second, b),
                        seen(read, Reads::output, y), got.data(), accumulate);
      expect_values(got, expected, what + (side == 0 ? " da" : " db"));
    }
}

template <class T>
class ElementwiseKernels : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(ElementwiseKernels, Numbers);

TYPED_TEST(ElementwiseKernels, EveryUnaryOpIsItsRuleAtEverySize) {
  using T = TypeParam;
#define GRADUS_ROW(name, Rule) unary<rules::Rule, T>(),
  for (const Unary<T>& op : std::vector<Unary<T>>{GRADUS_UNARY_OPS(GRADUS_ROW) unary<rules::Clip, T>()}) {
    for (const std::size_t n : {0, 1, 3, 8, 16, 17, 1023, 1024, 1030, 70001})
      check_unary(op, random_values<T>(n, op.domain.low, op.domain.high));
    check_unary(op, edges<T>());
  }
#undef GRADUS_ROW
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
  const std::vector<T> values = edges<T>();
#define GRADUS_ROW(name, Rule) binary<rules::Rule, T>(),
  for (const Binary<T>& op : std::vector<Binary<T>>{GRADUS_BINARY_OPS(GRADUS_ROW)}) {
    for (const auto& [a, b] : pairs)
      check_binary(op, a, random_values<T>(count(a), op.domain.low, op.domain.high), b,
                   random_values<T>(count(b), op.second_domain.low, op.second_domain.high, 2));
    check_binary(op, {values.size(), 1}, values, {values.size()}, values);
  }
#undef GRADUS_ROW
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
