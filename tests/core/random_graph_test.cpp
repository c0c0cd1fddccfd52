#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "reference_graph.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/record_books.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/ops/scalar_ops.hpp>

/// Random programs over Scalars, run in the record and in a reference graph: after every sweep all that
/// handles show must be the same.
namespace gradus {
namespace {

/// An op in both graphs, the record's in each form a program can write it.
struct TestedOp {
  reference::Op rule;
  Scalar (*keep)(const Scalar& x, const Scalar& z);
  Scalar (*consume_first)(Scalar&& x, const Scalar& z);
  Scalar (*consume_both)(Scalar&& x, Scalar&& z);
  Scalar (*with_number)(const Scalar& x, double number);
  Scalar (*number_first)(double number, const Scalar& x);

  bool is_binary() const { return rule.db != nullptr; }
};

using Value = double (*)(double a, double b);
using Partial = double (*)(double a, double b, double y);

template <class F>
TestedOp op(const char* name, F, Value value, Partial da, Partial db) {
  return {{name, value, da, db},
          [](const Scalar& x, const Scalar& z) { return F()(x, z); },
          [](Scalar&& x, const Scalar& z) { return F()(std::move(x), z); },
          [](Scalar&& x, Scalar&& z) { return F()(std::move(x), std::move(z)); },
          [](const Scalar& x, double number) { return F()(x, number); },
          [](double number, const Scalar& x) { return Scalar(F()(number, x)); }};
}

#define UNARY(name, value, da)                                                                      \
  op(                                                                                               \
      #name, [](auto&& x, auto&&) -> Scalar { return name(Scalar(std::forward<decltype(x)>(x))); }, \
      [](double a, double) -> double { return value; },                                             \
      []([[maybe_unused]] double a, double, [[maybe_unused]] double y) -> double { return da; }, nullptr)
#define BINARY(symbol, da, db)                                                                   \
  op(                                                                                            \
      #symbol,                                                                                   \
      [](auto&& x, auto&& z) -> Scalar {                                                         \
        return std::forward<decltype(x)>(x) symbol std::forward<decltype(z)>(z);                 \
      },                                                                                         \
      [](double a, double b) -> double { return a symbol b; },                                   \
      []([[maybe_unused]] double a, [[maybe_unused]] double b, double) -> double { return da; }, \
      []([[maybe_unused]] double a, [[maybe_unused]] double b, double) -> double { return db; })

const std::vector<TestedOp> ops{
    BINARY(+, 1, 1),
    BINARY(-, 1, -1),
    BINARY(*, b, a),
    UNARY(abs, std::abs(a),
          a > 0   ? 1
          : a < 0 ? -1
                  : 0),
    UNARY(sin, std::sin(a), std::cos(a)),
    UNARY(tanh, std::tanh(a), 1 - y * y),
    UNARY(neg, -a, -1),
    UNARY(relu, a > 0 ? a : 0, a > 0),
    op(
        "maximum",
        [](auto&& x, auto&& z) -> Scalar {
          return maximum(std::forward<decltype(x)>(x), std::forward<decltype(z)>(z));
        },
        [](double a, double b) { return a > b ? a : b; },
        [](double a, double b, double) { return a > b   ? 1
                                                : a < b ? 0
                                                        : 0.5; },
        [](double a, double b, double) { return b > a   ? 1
                                                : b < a ? 0
                                                        : 0.5; }),
};
const TestedOp& plus = ops[0];
const TestedOp& times = ops[2];
const TestedOp& sin_op = ops[4];

/// The same number in both graphs.
struct Both {
  Scalar scalar;
  reference::Input input;

  bool is_constant() const { return input.node < 0; }
};

class RandomProgram {
 public:
  explicit RandomProgram(std::uint64_t seed) : rng_(seed) {}

  void run(int actions) {
    for (int i = 0; i < actions && !testing::Test::HasFailure(); ++i) act();
    compare_all();
  }

 private:
  std::size_t below(std::size_t n) { return rng_.below(n); }
  bool chance(double p) { return rng_.uniform() < p; }
  Both& any() { return handles_[below(handles_.size())]; }

  void act() {
    if (handles_.empty()) return keep(new_variable());
    switch (below(40)) {
      case 0:
        return keep(new_variable());
      case 1:
        return keep({Scalar(0.5), {-1, 0.5}});
      case 2:
      case 3:
        return keep(any());  // a copy
      case 4:
        return (void)(any() = any());
      case 5:
      case 6:
        return forget_one();
      case 7:
        return forget_many();
      case 8:
        return shuffle();
      case 9:
        return chain();
      case 10:
        return garbage();
      case 11:
        return change_variable();
      case 12:
        return zero_one();
      case 13:
        return crowd();
      case 14:
        return record_nothing();
      case 15:
      case 16:
        return sweep_any();
      case 17:
        return gradients_of_any();
      case 18:
        return detail::thread_record.books ? detail::reclaim(detail::thread_record) : void();
      case 19:
        return sum_of_temporaries();
      default:
        return keep(bounded(random_step()));
    }
  }

  void keep(Both b) { handles_.push_back(std::move(b)); }

  Both new_variable() {
    const double v = rng_.uniform(-2, 2);
    return {variable(v), {graph_.variable(v)}};
  }

  /// The result's number in both graphs; the record's is checked here and taken over, rounding and all.
  Both both(Scalar result, const TestedOp& op, reference::Input a, reference::Input b) {
    if (!op.is_binary()) b = {};
    const double expected = op.rule.value(graph_.value(a), graph_.value(b));
    EXPECT_NEAR(result.value(), expected, 1e-12 * (std::abs(expected) + 1)) << op.rule.name;
    if (a.node < 0 && b.node < 0) {
      EXPECT_FALSE(result.requires_grad());
      const double value = result.value();
      return {std::move(result), {-1, value}};
    }
    const int node = graph_.step(op.rule, a, b);
    graph_.nodes[node].value = result.value();
    return {std::move(result), {node}};
  }

  Both random_step() {
    const TestedOp& op = ops[below(ops.size())];
    Both x = chance(0.3) ? take() : any();
    if (op.is_binary() && chance(0.2)) {
      const double number = rng_.uniform(-1.5, 1.5);
      if (chance(0.5)) return both(op.with_number(x.scalar, number), op, x.input, {-1, number});
      return both(op.number_first(number, x.scalar), op, {-1, number}, x.input);
    }
    Both z = chance(0.1) ? x : any();
    const reference::Input a = x.input, b = z.input;
    switch (below(4)) {
      case 0:
        return both(op.keep(x.scalar, z.scalar), op, a, b);
      case 1:
        return both(op.consume_first(std::move(x.scalar), z.scalar), op, a, b);
      case 2:
        return both(op.consume_both(std::move(x.scalar), std::move(z.scalar)), op, a, b);
      default:
        return temporaries(op, std::move(x), std::move(z));
    }
  }

  /// (op(x, z) + x) * z, with nobody holding the numbers between.
  Both temporaries(const TestedOp& op, Both x, Both z) {
    Both inner = op.is_binary() && chance(0.3) ? both(op.with_number(x.scalar, 0.5), op, x.input, {-1, 0.5})
                                               : both(op.keep(x.scalar, z.scalar), op, x.input, z.input);
    const reference::Input i = inner.input;
    Both sum = both(plus.consume_first(std::move(inner.scalar), x.scalar), plus, i, x.input);
    const reference::Input s = sum.input;
    return both(times.consume_both(std::move(sum.scalar), std::move(z.scalar)), times, s, z.input);
  }

  /// Takes a handle away from the program.
  Both take() {
    std::swap(any(), handles_.back());
    Both taken = std::move(handles_.back());
    handles_.pop_back();
    if (handles_.empty()) keep(new_variable());
    return taken;
  }

  /// Keeps values and gradients within what doubles can compare.
  Both bounded(Both b) {
    if (std::abs(b.scalar.value()) < 3) return b;
    const reference::Input a = b.input;
    return both(sin_op.consume_both(std::move(b.scalar), Scalar()), sin_op, a, {});
  }

  void forget_one() { take(); }

  void forget_many() {
    const std::size_t left = chance(0.1) ? 0 : 1 + below(handles_.size());
    shuffle();
    handles_.resize(left);
    handles_.shrink_to_fit();
  }

  void shuffle() {
    rng_.shuffle(handles_);
    if (handles_.size() > 1) std::swap(handles_.front(), handles_.back());
  }

  /// Many steps that stay alive as long as the last one.
  void chain() {
    Both y = any();
    const Both x = any();
    for (std::size_t i = below(6000); i-- > 0;) {
      const reference::Input before = y.input;
      Both scaled = both(times.with_number(y.scalar, 0.75), times, before, {-1, 0.75});
      const reference::Input product = scaled.input;
      y = both(plus.consume_first(std::move(scaled.scalar), x.scalar), plus, product, x.input);
    }
    keep(bounded(std::move(y)));
  }

  /// Many steps that nobody keeps.
  void garbage() {
    Scalar y = any().scalar, z = any().scalar;
    const Scalar fresh = variable(1.0);
    for (std::size_t i = below(30000); i-- > 0;) {
      y = y * 0.5 + z;
      if (i % 1024 == 0) z = tanh(z) * fresh;
    }
  }

  void change_variable() {
    Both& b = any();
    if (b.is_constant() || graph_.nodes[b.input.node].op) {
      EXPECT_THROW(b.scalar.set_value(1), GraphError);
      return;
    }
    const double v = rng_.uniform(-2, 2);
    b.scalar.set_value(v);
    graph_.set_value(b.input.node, v);
  }

  void zero_one() {
    const Both& b = any();
    b.scalar.zero_grad();
    if (!b.is_constant()) graph_.zero_grad(b.input.node);
  }

  /// More handles of one number than a byte can count.
  void crowd() {
    const Both b = any();
    const std::vector<Both> crowd(200 + below(400), b);
    const std::size_t left = 1 + below(3);
    for (std::size_t i = 0; i < left; ++i) keep(crowd[i]);
    if (chance(0.5)) keep(bounded(random_step()));
  }

  void record_nothing() {
    const NoGrad off;
    const Both& b = any();
    const Scalar y = b.scalar * 2.0 + variable(1.0);
    EXPECT_FALSE(y.requires_grad());
    EXPECT_EQ(y.value(), b.scalar.value() * 2 + 1);
  }

  void sum_of_temporaries() {
    Both total = new_variable();
    for (std::size_t i = below(50); i-- > 0;) {
      Both term = new_variable();
      const reference::Input a = total.input, b = term.input;
      total = both(plus.consume_both(std::move(total.scalar), std::move(term.scalar)), plus, a, b);
    }
    keep(bounded(std::move(total)));
  }

  /// Runs a sweep that must fail exactly when the reference says so. True when it went through.
  template <class Sweep>
  bool attempt(const reference::Seeds& root, const Sweep& sweep) {
    const reference::Refusal refusal = graph_.check(root);
    try {
      sweep();
    } catch (const GraphError& error) {
      const bool may_be_gone = graph_.meets_released(root);
      EXPECT_TRUE(refusal != reference::Refusal::none || may_be_gone) << error.what();
      const bool is_named = std::string(error.what()).find("retain_graph") != std::string::npos;
      EXPECT_TRUE(is_named || refusal == reference::Refusal::changed || may_be_gone) << error.what();
      compare_all();
      return false;
    }
    EXPECT_EQ(refusal, reference::Refusal::none);
    return true;
  }

  void sweep_any() {
    const Both root = any();
    if (root.is_constant()) {
      EXPECT_THROW(root.scalar.backward(), GraphError);
      return;
    }
    const reference::Seeds seeds{{root.input.node, 1}};
    if (!graph_.is_comparable(seeds)) return;
    const bool retain = chance(0.4);
    if (!attempt(seeds, [&] { backward(root.scalar, {.retain_graph = retain}); })) return;
    graph_.backward(seeds, retain);
    compare_all();
  }

  void gradients_of_any() {
    const Both root = any();
    const reference::Seeds seeds{{root.input.node, 1}};
    if (root.is_constant() || !graph_.is_comparable(seeds)) return;
    std::vector<Scalar> inputs;
    std::vector<int> nodes;
    for (int i = 0; i < 4; ++i)
      if (const Both& b = any(); !b.is_constant()) inputs.push_back(b.scalar), nodes.push_back(b.input.node);
    const bool retain = chance(0.5);
    std::vector<Scalar> gradients;
    if (!attempt(seeds, [&] { gradients = grad(root.scalar, inputs, {.retain_graph = retain}); })) return;
    const std::vector<reference::Gradient> expected = graph_.sweep(seeds);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const bool is_reached = static_cast<std::size_t>(nodes[i]) < expected.size();
      const reference::Gradient g = is_reached ? expected[nodes[i]] : reference::Gradient{};
      EXPECT_NEAR(gradients[i].value(), g.value, 1e-10 * g.magnitude);
      EXPECT_FALSE(gradients[i].requires_grad());
    }
    if (!retain) graph_.release(seeds);
    compare_all();
  }

  void compare_all() {
    for (const Both& b : handles_) {
      if (b.is_constant()) {
        ASSERT_EQ(b.scalar.value(), b.input.number);
        continue;
      }
      const reference::Node& node = graph_.nodes[b.input.node];
      ASSERT_EQ(b.scalar.value(), node.value) << "node " << b.input.node;
      if (chance(0.01)) {
        ASSERT_EQ(b.scalar.stage(), static_cast<unsigned>(node.stage)) << "node " << b.input.node;
      }
      ASSERT_EQ(b.scalar.has_grad(), node.has_grad) << "node " << b.input.node;
      ASSERT_NEAR(b.scalar.grad(), node.grad, 1e-10 * node.magnitude) << "node " << b.input.node;
    }
  }

  Rng rng_;
  reference::Graph graph_;
  std::vector<Both> handles_;
};

TEST(RandomGraph, ShowsWhatTheReferenceShows) {
  for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomProgram(seed).run(400);
  }
}

}  // namespace
}  // namespace gradus
