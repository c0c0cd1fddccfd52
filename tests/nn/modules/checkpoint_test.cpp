#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/array.hpp>
#include <gradus/core/backward.hpp>
#include <gradus/core/error.hpp>
#include <gradus/core/replay.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/nn/modules.hpp>
#include <gradus/ops/checkpoint.hpp>
#include <gradus/ops/derivatives.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

// Layers that remember something, within checkpoint(), which runs them twice.

namespace gradus::nn {
namespace {

using Tensors = std::vector<Tensor<double>>;

/// All layers there are with a state, some twice in one checkpoint.
struct Network {
  Rng rng{3};
  Linear<double> first{4, 6, rng}, second{6, 5, rng};
  BatchNorm1d<double> norm{6};
  Dropout drop{0.4, rng}, again{0.3, rng};
  Sequential<double> inner{norm, Tanh{}, drop, again, drop}, model{first, inner, second, again};
};

/// How a network is run: plainly, or parts of it checkpointed.
using Runner = std::function<Tensor<double>(const Network&, const Tensor<double>&)>;

Tensor<double> checkpointed(const Module<double>& module, const Tensor<double>& x) {
  return checkpoint([module](const Tensors& in) { return module(in[0]); }, {x});
}

const std::vector<std::pair<std::string, Runner>>& runs() {
  static const std::vector<std::pair<std::string, Runner>> all{
      {"whole", [](const Network& net, const Tensor<double>& x) { return checkpointed(net.model, x); }},
      {"parts",
       [](const Network& net, const Tensor<double>& x) {
         return net.again(checkpointed(net.second, checkpointed(net.inner, net.first(x))));
       }},
      {"nested", [](const Network& net, const Tensor<double>& x) {
         const auto part = [inner = net.inner](const Tensor<double>& h) { return checkpointed(inner, h); };
         return checkpointed(Sequential<double>{net.first, part, net.second, net.again}, x);
       }}};
  return all;
}

Tensor<double> plainly(const Network& net, const Tensor<double>& x) { return net.model(x); }

Tensor<double> input() {
  Rng rng{8};
  Array<double> x = empty_array<double>({7, 4});
  for (double& v : x) v = rng.normal();
  return variable(x);
}

/// Everything that two steps leave.
struct Trace {
  std::vector<Array<double>> arrays;
  std::vector<std::vector<std::uint64_t>> generators;
  bool operator==(const Trace&) const = default;
};

using Sweep = std::function<Array<double>(const Tensor<double>& y, const Tensor<double>& x)>;

Trace trace(const Runner& run, const Sweep& sweep) {
  const Network net;
  Trace trace;
  for (int step = 0; step < 2; ++step) {
    const Tensor<double> x = input(), y = run(net, x);
    trace.arrays.push_back(y.value());
    trace.arrays.push_back(sweep(mean(y * y), x));
    for (const auto& each : net.model.named_buffers()) trace.arrays.push_back(each.buffer.value());
    for (const auto& each : net.model.named_states())
      if (each.state->rng) trace.generators.push_back(each.state->rng->state());
    for (const auto& each : net.model.named_parameters()) {
      trace.arrays.push_back(each.tensor.grad());
      each.tensor.set_value(Array<double>(each.tensor.value() - 0.01 * each.tensor.grad()));
    }
  }
  return trace;
}

void expect_same(const Sweep& sweep) {
  const Trace expected = trace(plainly, sweep);
  for (const auto& [name, run] : runs()) {
    const Trace found = trace(run, sweep);
    ASSERT_EQ(found.arrays.size(), expected.arrays.size());
    for (std::size_t i = 0; i < found.arrays.size(); ++i)
      EXPECT_LT(xt::amax(xt::abs(found.arrays[i] - expected.arrays[i]))(), 1e-12) << name << ", array " << i;
    EXPECT_EQ(found.generators, expected.generators) << name;
  }
}

TEST(CheckpointOfLayers, LearnsWhatItWouldWithout) {
  expect_same([](const Tensor<double>& y, const Tensor<double>& x) {
    y.backward();
    return x.grad();
  });
}

TEST(CheckpointOfLayers, IsTheSameInEverySweep) {
  expect_same([](const Tensor<double>& y, const Tensor<double>& x) {
    backward(y, {.retain_graph = true});
    y.backward();
    return x.grad();
  });
}

TEST(CheckpointOfLayers, IsDifferentiatedTwice) {
  expect_same([](const Tensor<double>& y, const Tensor<double>& x) {
    sum(square(grad(y, {x}, {.create_graph = true})[0])).backward();
    return x.grad();
  });
}

TEST(CheckpointOfLayers, DoesNotMindWhatComesBetweenItsRuns) {
  for (const auto& [name, run] : runs()) {
    const Network net, plain;
    const Tensor<double> x = input(), same = input(), y = sum(square(run(net, x)));
    sum(square(plain.model(same))).backward();
    net.model.eval();
    (void)net.model(x);
    net.model.train();
    (void)net.model(x);
    net.model.eval();
    y.backward();
    EXPECT_LT(xt::amax(xt::abs(x.grad() - same.grad()))(), 1e-12) << name;
  }
}

TEST(CheckpointOfLayers, PushesTheTangentOfTheSameMasks) {
  const Tensor<double> x = input(), v = cos(x).detach();
  const auto tangent = [&](const Network& of, const Runner& run) {
    return jvp([&](const Tensor<double>& in) { return run(of, in); }, x, v).tangent.value();
  };
  for (const auto& [name, run] : runs()) {
    const Network one, other;
    EXPECT_LT(xt::amax(xt::abs(tangent(one, run) - tangent(other, plainly)))(), 1e-12) << name;
    for (std::size_t i = 0; i < 2; ++i)
      EXPECT_LT(xt::amax(xt::abs(one.model.named_buffers()[i].buffer.value() -
                                 other.model.named_buffers()[i].buffer.value()))(),
                1e-12)
          << name;
  }
}

TEST(CheckpointOfLayers, AFunctionOfOnesOwnCanDoTheSame) {
  int count = 0;
  const auto scaled = [&count](const Tensors& in) {
    const int number = as_at_first(count);
    if (!is_replay()) ++count;
    return in[0] * (number + 1.0);
  };
  const Tensor<double> x = variable(xt::xarray<double>{1, 2});
  const Tensor<double> y = checkpoint(scaled, {checkpoint(scaled, {x})});
  EXPECT_EQ(count, 2);
  sum(y).backward();
  EXPECT_EQ(count, 2);
  EXPECT_EQ(x.grad(), (Array<double>{2, 2}));
  EXPECT_FALSE(is_replay());

  const auto fickle = [&count](const Tensors& in) {
    return count++ == 2 ? in[0] * 2.0 : in[0] * as_at_first(3.0);
  };
  EXPECT_THROW(sum(checkpoint(fickle, {x})).backward(), GraphError);
}

}  // namespace
}  // namespace gradus::nn
