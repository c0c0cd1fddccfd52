#include <functional>
#include <string>

#include <benchmark/benchmark.h>

#include <gradus/gradus.hpp>

namespace {

using gradus::Tensor;
using Op = std::function<Tensor<float>(const Tensor<float>&, const Tensor<float>&)>;

Tensor<float> samples(std::size_t n, gradus::rules::Domain domain, gradus::Rng& rng) {
  xt::xarray<float> values = xt::xarray<float>::from_shape({n / 10, 10});
  for (float& v : values) v = static_cast<float>(rng.uniform(domain.low, domain.high));
  return gradus::variable(values);
}

/// Forward, and forward with backward, of one op at 1e3, 1e5 and 1e6 elements.
void add_benchmarks(const std::string& name, gradus::rules::Domain first, gradus::rules::Domain second,
                    const Op& op) {
  const auto run = [=](benchmark::State& state, bool backward) {
    gradus::set_num_threads(1);
    gradus::Rng rng{1};
    const auto n = static_cast<std::size_t>(state.range(0));
    const Tensor<float> a = samples(n, first, rng), b = samples(n, second, rng);
    for (auto _ : state) {
      const Tensor<float> y = op(a, b);
      if (!backward) continue;
      gradus::backward(y, gradus::full_array<float>(y.shape(), 1.0F));
      a.zero_grad();
      b.zero_grad();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
  };
  for (const bool backward : {false, true})
    benchmark::RegisterBenchmark((name + (backward ? "/forward_backward" : "/forward")).c_str(), run,
                                 backward)
        ->Arg(1000)
        ->Arg(100000)
        ->Arg(1000000);
}

[[maybe_unused]] const bool registered = [] {
  using namespace gradus::rules;
#define GRADUS_BENCHMARK(function, Rule)                \
  add_benchmarks(#function, Rule::domain, Rule::domain, \
                 [](const auto& a, const auto&) { return function(a); });
  GRADUS_UNARY_OPS(GRADUS_BENCHMARK)
#undef GRADUS_BENCHMARK
#define GRADUS_BENCHMARK(function, Rule)                       \
  add_benchmarks(#function, Rule::domain, Rule::second_domain, \
                 [](const auto& a, const auto& b) { return function(a, b); });
  GRADUS_BINARY_OPS(GRADUS_BENCHMARK)
#undef GRADUS_BENCHMARK
  constexpr Domain unit{-1, 1};
  add_benchmarks("sum", unit, unit, [](const auto& a, const auto&) { return sum(a); });
  add_benchmarks("sum_rows", unit, unit, [](const auto& a, const auto&) { return sum(a, 0); });
  add_benchmarks("max_columns", unit, unit, [](const auto& a, const auto&) { return max(a, 1); });
  add_benchmarks("softmax", unit, unit, [](const auto& a, const auto&) { return softmax(a); });
  add_benchmarks("logsumexp", unit, unit, [](const auto& a, const auto&) { return logsumexp(a, 1); });
  add_benchmarks("transpose", unit, unit, [](const auto& a, const auto&) { return transpose(a); });
  add_benchmarks("matmul_transposed", unit, unit,
                 [](const auto& a, const auto& b) { return matmul(transpose(a), b); });
  return true;
}();

}  // namespace
