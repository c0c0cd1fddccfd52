#include "scalar_workloads.hpp"
#include <benchmark/benchmark.h>

#include <gradus/core/backward.hpp>
#include <gradus/ops/scalar_ops.hpp>

namespace {

using gradus::Scalar;

/// Time of one step: recorded, swept, its memory given back.
void report(benchmark::State& state, double steps) {
  state.counters["ns/step"] = benchmark::Counter(
      steps * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void scalar_moons(benchmark::State& state) {
  const workloads::Moons data;
  std::vector<Scalar> parameters;
  for (double p : data.parameters) parameters.push_back(gradus::variable(p));
  for (auto _ : state) {
    const Scalar loss = workloads::moons_loss(data, parameters, [](const Scalar& x) { return relu(x); });
    loss.backward();
    benchmark::DoNotOptimize(parameters.front().grad());
    for (const Scalar& p : parameters) p.zero_grad();
  }
  report(state, workloads::moons_steps);
}
BENCHMARK(scalar_moons)->Unit(benchmark::kMicrosecond);

void scalar_staged(benchmark::State& state) {
  const Scalar x = gradus::variable(3.0), y = gradus::variable(-4.0);
  for (auto _ : state) {
    const Scalar sum = workloads::staged_sum(
        x, y, [](const Scalar& v) { return sigmoid(v); }, [](const Scalar& v) { return square(v); });
    sum.backward();
    benchmark::DoNotOptimize(x.grad());
    x.zero_grad();
    y.zero_grad();
  }
  report(state, workloads::staged_steps);
}
BENCHMARK(scalar_staged)->Unit(benchmark::kMicrosecond);

/// The staged expression swept by itself, 20,000 times: what one small backward() costs.
void scalar_staged_alone(benchmark::State& state) {
  const Scalar x = gradus::variable(3.0), y = gradus::variable(-4.0);
  for (auto _ : state) {
    const Scalar f = (x + sigmoid(y)) / (sigmoid(x) + square(x + y));
    f.backward();
  }
  report(state, 7);
}
BENCHMARK(scalar_staged_alone);

void scalar_chain(benchmark::State& state) {
  const Scalar a = gradus::variable(0.999999), b = gradus::variable(1e-6);
  for (auto _ : state) {
    workloads::chain(a, b).backward();
    benchmark::DoNotOptimize(a.grad());
    a.zero_grad();
    b.zero_grad();
  }
  report(state, workloads::chain_steps);
}
BENCHMARK(scalar_chain)->Unit(benchmark::kMicrosecond);

}  // namespace
