// The scalar workloads in Stan Math.
#include "../scalar_workloads.hpp"
#include <benchmark/benchmark.h>
#include <stan/math/rev/core.hpp>
#include <stan/math/rev/scal/fun/exp.hpp>

namespace {

using stan::math::var;

void report(benchmark::State& state, double steps) {
  state.counters["ns/step"] = benchmark::Counter(
      steps * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void stan_moons(benchmark::State& state) {
  const workloads::Moons data;
  for (auto _ : state) {
    std::vector<var> parameters(data.parameters.begin(), data.parameters.end());
    var loss =
        workloads::moons_loss(data, parameters, [](const var& x) { return x.val() > 0 ? x : var(0.0); });
    loss.grad();
    benchmark::DoNotOptimize(parameters.front().adj());
    stan::math::recover_memory();
  }
  report(state, workloads::moons_steps);
}
BENCHMARK(stan_moons)->Unit(benchmark::kMicrosecond);

void stan_staged(benchmark::State& state) {
  for (auto _ : state) {
    var x = 3.0, y = -4.0;
    var sum = workloads::staged_sum(
        x, y, [](const var& v) { return 1.0 / (1.0 + exp(-v)); }, [](const var& v) { return v * v; });
    sum.grad();
    benchmark::DoNotOptimize(x.adj());
    stan::math::recover_memory();
  }
  report(state, workloads::staged_steps);
}
BENCHMARK(stan_staged)->Unit(benchmark::kMicrosecond);

void stan_chain(benchmark::State& state) {
  for (auto _ : state) {
    var a = 0.999999, b = 1e-6;
    var y = workloads::chain(a, b);
    y.grad();
    benchmark::DoNotOptimize(a.adj());
    stan::math::recover_memory();
  }
  report(state, workloads::chain_steps);
}
BENCHMARK(stan_chain)->Unit(benchmark::kMicrosecond);

}  // namespace
