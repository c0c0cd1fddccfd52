#include <string>

#include "gradus_workloads.hpp"
#include <benchmark/benchmark.h>

namespace {

/// The steps of a scalar workload, 0 for the others.
double steps_of(const std::string& key) {
  for (const workloads::Row& row : workloads::rows)
    if (row.key == key) return row.steps;
  return 0;
}

void measure(benchmark::State& state, const workloads::Setup& setup, double steps) {
  const std::function<void()> run = setup();
  for (auto _ : state) run();
  if (steps > 0)
    state.counters["ns/step"] = benchmark::Counter(
        steps * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

[[maybe_unused]] const bool registered = [] {
  for (const auto& [key, setup] : gradus_workloads())
    benchmark::RegisterBenchmark(key.c_str(), measure, setup, steps_of(key))->Unit(benchmark::kMicrosecond);
  return true;
}();

}  // namespace
