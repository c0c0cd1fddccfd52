#include <string>

#include "gradus_workloads.hpp"
#include <benchmark/benchmark.h>

#include <gradus/gradus.hpp>

// Cost against size: growth_svg.py draws what these report. No line may have a cliff.
namespace {

using workloads::Network;

Network network(std::size_t width, std::size_t depth, int batch) {
  Network result{.key = "", .widths = {}, .batch = batch, .sigmoid = false, .adam = false};
  result.widths.assign(depth, static_cast<int>(width));
  result.widths.push_back(10);
  return result;
}

void train(benchmark::State& state, const Network& network) {
  gradus::set_num_threads(1);
  const std::function<void()> step = training_step(network);
  step();
  for (auto _ : state) step();
  state.counters["steps/s"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

void batch(benchmark::State& state) { train(state, network(64, 3, static_cast<int>(state.range(0)))); }
void width(benchmark::State& state) {
  train(state, network(static_cast<std::size_t>(state.range(0)), 3, 64));
}
void depth(benchmark::State& state) {
  train(state, network(64, static_cast<std::size_t>(state.range(0)), 64));
}

/// A chain of multiply-adds, recorded and swept.
void scalar_steps(benchmark::State& state) {
  const gradus::Scalar a = gradus::variable(0.5), b = gradus::variable(0.25);
  const auto chain = [&, steps = state.range(0)] {
    gradus::Scalar y = a;
    for (std::int64_t i = 0; i < steps; i += 2) y = y * a + b;
    y.backward();
  };
  chain();  // memory comes from the system the first time
  for (auto _ : state) chain();
  state.counters["ns/step"] =
      benchmark::Counter(static_cast<double>(state.range(0)) * 1e-9,
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK(batch)->Name("growth/batch")->RangeMultiplier(4)->Range(1, 4096)->Unit(benchmark::kMicrosecond);
BENCHMARK(width)->Name("growth/width")->RangeMultiplier(2)->Range(16, 4096)->Unit(benchmark::kMicrosecond);
BENCHMARK(depth)->Name("growth/depth")->RangeMultiplier(4)->Range(1, 256)->Unit(benchmark::kMicrosecond);
BENCHMARK(scalar_steps)
    ->Name("growth/scalar_steps")
    ->RangeMultiplier(10)
    ->Range(100, 100'000'000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
