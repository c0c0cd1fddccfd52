#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "reference_graph.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/record_books.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/scalar_ops.hpp>

/// Random programs that go back and forth between Scalars and tensors of three elements, beside a reference
/// graph that knows numbers only.
namespace gradus {
namespace {

using reference::Input;
using reference::Op;

const Op same{"same", [](double a, double) { return a; }, [](double, double, double) { return 1.0; },
              nullptr};
const Op add_op{"add", [](double a, double b) { return a + b; }, [](double, double, double) { return 1.0; },
                [](double, double, double) { return 1.0; }};
const Op mul_op{"mul", [](double a, double b) { return a * b; }, [](double, double b, double) { return b; },
                [](double a, double, double) { return a; }};
const Op sin_op{"sin", [](double a, double) { return std::sin(a); },
                [](double a, double, double) { return std::cos(a); }, nullptr};

constexpr std::size_t n = 3;
using Inputs = std::array<Input, n>;

struct BothScalars {
  Scalar scalar;
  Input input;
};

struct BothTensors {
  Tensor<double> tensor;
  Inputs inputs;
  bool is_variable = false, retains = false;
};

class MixedProgram {
 public:
  explicit MixedProgram(std::uint64_t seed) : rng_(seed) {}

  void run(int actions) {
    scalars_.push_back(new_scalar());
    tensors_.push_back(new_tensor());
    for (int i = 0; i < actions && !testing::Test::HasFailure(); ++i) act();
  }

 private:
  bool chance(double p) { return rng_.uniform() < p; }
  template <class Both>
  Both& any(std::vector<Both>& of) {
    return of[rng_.below(of.size())];
  }
  BothScalars& any_scalar() { return any(scalars_); }
  BothTensors& any_tensor() { return any(tensors_); }

  void act() {
    switch (rng_.below(24)) {
      case 0:
        return scalars_.push_back(new_scalar());
      case 1:
        return tensors_.push_back(new_tensor());
      case 2:
        return forget(scalars_);
      case 3:
        return forget(tensors_);
      case 4:
        return change_scalar();
      case 5:
        return change_tensor();
      case 6:
        return retain_one();
      case 7:
        return detail::reclaim(detail::thread_record);
      case 8:
        return garbage();
      case 9:
      case 10:
        return sweep_scalar();
      case 11:
        return sweep_tensor();
      case 12:
        return gradients();
      case 13:
      case 14:
        return stack_scalars();
      case 15:
      case 16:
        return sum_tensor();
      case 17:
      case 18:
        return scale_tensor();
      case 19:
        return tensors_.push_back(elementwise(sin_op, any_tensor(), nullptr));
      case 20:
        return tensors_.push_back(elementwise(add_op, any_tensor(), &any_tensor()));
      case 21:
        return tensors_.push_back(elementwise(mul_op, any_tensor(), &any_tensor()));
      case 22:
        return scalars_.push_back(scalar_step(sin_op, any_scalar(), nullptr));
      default:
        return scalars_.push_back(scalar_step(mul_op, any_scalar(), &any_scalar()));
    }
  }

  BothScalars new_scalar() {
    const double v = rng_.uniform(-1, 1);
    return {variable(v), {graph_.variable(v)}};
  }

  BothTensors new_tensor() {
    xt::xarray<double> v = xt::zeros<double>({n});
    Inputs inputs;
    for (std::size_t i = 0; i < n; ++i) inputs[i] = {graph_.variable(v(i) = rng_.uniform(-1, 1))};
    return {variable(v), inputs, true};
  }

  bool is_leaf(const Input& input) const { return input.node < 0 || !graph_.nodes[input.node].op; }

  /// Takes the value over, rounding and all.
  void agree(int node, double value) {
    EXPECT_NEAR(graph_.nodes[node].value, value, 1e-12);
    graph_.nodes[node].value = value;
  }

  BothScalars scalar_step(const Op& op, const BothScalars& x, const BothScalars* z) {
    BothScalars y{z ? x.scalar * z->scalar : sin(x.scalar),
                  {graph_.step(op, x.input, z ? z->input : Input())}};
    agree(y.input.node, y.scalar.value());
    return y;
  }

  BothTensors elementwise(const Op& op, const BothTensors& x, const BothTensors* z) {
    BothTensors y{&op == &sin_op   ? sin(x.tensor)
                  : &op == &add_op ? x.tensor + z->tensor
                                   : x.tensor * z->tensor,
                  {}};
    const int group = graph_.new_group();
    for (std::size_t i = 0; i < n; ++i) {
      y.inputs[i] = {graph_.step(op, x.inputs[i], z ? z->inputs[i] : Input(), group)};
      agree(y.inputs[i].node, y.tensor.data()[i]);
    }
    return keep_small(std::move(y));
  }

  /// Keeps values and gradients within what doubles can compare.
  BothTensors keep_small(BothTensors y) {
    for (const Input& input : y.inputs)
      if (std::abs(graph_.value(input)) > 3) return elementwise(sin_op, y, nullptr);
    return y;
  }

  void stack_scalars() {
    const std::vector<BothScalars> parts{any_scalar(), any_scalar(), {Scalar(0.5), {-1, 0.5}}};
    BothTensors y{stack({parts[0].scalar, parts[1].scalar, parts[2].scalar}), {}};
    const bool are_variables =
        std::all_of(parts.begin(), parts.end(), [&](const BothScalars& s) { return is_leaf(s.input); });
    const int group = graph_.new_group(are_variables);
    for (std::size_t i = 0; i < n; ++i) y.inputs[i] = {graph_.step(same, parts[i].input, {}, group)};
    tensors_.push_back(std::move(y));
  }

  void scale_tensor() {
    const BothTensors& x = any_tensor();
    const BothScalars& s = any_scalar();
    BothTensors y{chance(0.5) ? x.tensor * s.scalar : s.scalar * x.tensor, {}};
    const Input carried{graph_.step(same, s.input, {}, graph_.new_group(is_leaf(s.input)))};
    const int group = graph_.new_group();
    for (std::size_t i = 0; i < n; ++i) {
      y.inputs[i] = {graph_.step(mul_op, x.inputs[i], carried, group)};
      agree(y.inputs[i].node, y.tensor.data()[i]);
    }
    tensors_.push_back(keep_small(std::move(y)));
  }

  void sum_tensor() {
    const BothTensors& x = any_tensor();
    const Scalar sum_of = to_scalar(sum(x.tensor));
    const int group = graph_.new_group();
    const int two = graph_.step(add_op, x.inputs[0], x.inputs[1], group);
    const int three = graph_.step(add_op, {two}, x.inputs[2], group);
    agree(three, sum_of.value());
    BothScalars y{sum_of, {graph_.step(same, {three})}};
    if (std::abs(y.scalar.value()) > 3) y = scalar_step(sin_op, y, nullptr);
    scalars_.push_back(std::move(y));
  }

  template <class Both>
  void forget(std::vector<Both>& handles) {
    rng_.shuffle(handles);
    handles.resize(1 + rng_.below(handles.size()));
  }

  void garbage() {
    Scalar s = any_scalar().scalar;
    Tensor<double> t = any_tensor().tensor;
    for (std::size_t i = rng_.below(200); i-- > 0;) {
      s = to_scalar(sum(t * s)) * 0.5;
      t = stack({s, s + 1.0, s});
    }
  }

  void change_scalar() {
    const BothScalars& s = any_scalar();
    if (graph_.nodes[s.input.node].op) return;
    const double v = rng_.uniform(-1, 1);
    s.scalar.set_value(v);
    graph_.set_value(s.input.node, v);
  }

  void change_tensor() {
    const BothTensors& t = any_tensor();
    if (!t.is_variable) return;
    xt::xarray<double> v = xt::zeros<double>({n});
    for (std::size_t i = 0; i < n; ++i) graph_.set_value(t.inputs[i].node, v(i) = rng_.uniform(-1, 1));
    t.tensor.set_value(v);
  }

  void retain_one() {
    BothTensors& t = any_tensor();
    if (t.is_variable || t.retains) return;
    t.tensor.retain_grad();
    t.retains = true;
    for (const Input& input : t.inputs) graph_.zero_grad(input.node);  // none is there before the next sweep
  }

  void sweep_scalar() {
    const BothScalars root = any_scalar();
    sweep({{root.input.node, 1}}, [&](bool retain) { backward(root.scalar, {.retain_graph = retain}); });
  }

  void sweep_tensor() {
    const BothTensors root = any_tensor();
    xt::xarray<double> seed = xt::zeros<double>({n});
    reference::Seeds seeds;
    for (std::size_t i = 0; i < n; ++i) seeds.push_back({root.inputs[i].node, seed(i) = rng_.uniform(-1, 1)});
    sweep(seeds, [&](bool retain) { backward(root.tensor, seed, {.retain_graph = retain}); });
  }

  template <class Run>
  void sweep(const reference::Seeds& seeds, const Run& run) {
    if (!graph_.is_comparable(seeds)) return;
    const bool retain = chance(0.5);
    if (!attempt(seeds, [&] { run(retain); })) return;
    graph_.backward(seeds, retain);
    compare_all();
  }

  /// True when the sweep went through; otherwise it had a reason to fail and changed nothing.
  template <class Run>
  bool attempt(const reference::Seeds& seeds, const Run& run) {
    const reference::Refusal refusal = graph_.check(seeds);
    try {
      run();
    } catch (const GraphError& error) {
      EXPECT_TRUE(refusal != reference::Refusal::none || graph_.meets_released(seeds)) << error.what();
      compare_all();
      return false;
    }
    EXPECT_EQ(refusal, reference::Refusal::none);
    return true;
  }

  void gradients() {
    const BothScalars root = any_scalar();
    const BothTensors t = any_tensor();
    const BothScalars s = any_scalar();
    const reference::Seeds seeds{{root.input.node, 1}};
    if (!graph_.is_comparable(seeds)) return;
    std::vector<Tensor<double>> of_tensor;
    std::vector<Scalar> of_scalar;
    const bool went = attempt(seeds, [&] {
      of_tensor = grad(root.scalar, {t.tensor}, {.retain_graph = true});
      of_scalar = grad(root.scalar, {s.scalar}, {.retain_graph = true});
    });
    if (!went) return;
    const std::vector<reference::Gradient> expected = graph_.sweep(seeds);
    const auto near = [&](double value, const Input& input) {
      const bool is_reached = input.node < static_cast<int>(expected.size());
      const reference::Gradient g = is_reached ? expected[input.node] : reference::Gradient{};
      EXPECT_NEAR(value, g.value, 1e-10 * g.magnitude);
    };
    for (std::size_t i = 0; i < n; ++i) near(of_tensor[0].data()[i], t.inputs[i]);
    near(of_scalar[0].value(), s.input);
    compare_all();
  }

  void compare_all() {
    for (const BothScalars& s : scalars_) {
      const reference::Node& node = graph_.nodes[s.input.node];
      ASSERT_EQ(s.scalar.value(), node.value);
      ASSERT_EQ(s.scalar.has_grad(), node.has_grad) << "scalar node " << s.input.node;
      ASSERT_NEAR(s.scalar.grad(), node.grad, 1e-10 * node.magnitude) << "scalar node " << s.input.node;
    }
    for (const BothTensors& t : tensors_) {
      if (!t.is_variable && !t.retains) {
        ASSERT_FALSE(t.tensor.has_grad());
        continue;
      }
      for (std::size_t i = 0; i < n; ++i) {
        const reference::Node& node = graph_.nodes[t.inputs[i].node];
        ASSERT_EQ(t.tensor.data()[i], node.value);
        ASSERT_EQ(t.tensor.has_grad(), node.has_grad) << "tensor node " << t.inputs[i].node;
        if (node.has_grad) {
          ASSERT_NEAR(t.tensor.grad().data()[i], node.grad, 1e-10 * node.magnitude);
        }
      }
    }
  }

  Rng rng_;
  reference::Graph graph_;
  std::vector<BothScalars> scalars_;
  std::vector<BothTensors> tensors_;
};

TEST(RandomMixedGraph, ShowsWhatTheReferenceShows) {
  for (std::uint64_t seed = 1; seed <= 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    MixedProgram(seed).run(200);
  }
}

}  // namespace
}  // namespace gradus
