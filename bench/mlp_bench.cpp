#include <vector>

#include <benchmark/benchmark.h>

#include <gradus/gradus.hpp>

namespace {

using gradus::Tensor;

Tensor<float> normal_matrix(std::size_t rows, std::size_t columns, gradus::Rng& rng) {
  xt::xarray<float> values = xt::xarray<float>::from_shape({rows, columns});
  for (float& v : values) v = static_cast<float>(rng.normal());
  return values;
}

/// One training step: forward, loss, backward, update. The workloads of peers/limit.cpp and
/// peers/torch_mlp.cpp.
void mlp_step(benchmark::State& state, const std::vector<std::size_t>& widths, std::size_t batch,
              gradus::nn::Activation activation) {
  gradus::set_num_threads(1);
  gradus::Rng rng{1};
  const gradus::nn::MLP mlp{widths, activation, rng};
  gradus::nn::SGD optimizer{mlp.parameters(), {.lr = 0.01}};
  const Tensor<float> x = normal_matrix(batch, widths.front(), rng), target = normal_matrix(batch, 1, rng);
  xt::xarray<std::int64_t> labels = xt::xarray<std::int64_t>::from_shape({batch});
  for (std::int64_t& label : labels) label = static_cast<std::int64_t>(rng.below(widths.back()));
  for (auto _ : state) {
    optimizer.zero_grad();
    const Tensor<float> y = mlp(x);
    const Tensor<float> loss =
        widths.back() > 1 ? gradus::nn::cross_entropy(y, labels) : gradus::nn::mse_loss(y, target);
    loss.backward();
    optimizer.step();
    benchmark::DoNotOptimize(loss.data());
  }
}

void mlp_2_16_16_1_batch_100_relu_mse_sgd(benchmark::State& state) {
  mlp_step(state, {2, 16, 16, 1}, 100, gradus::nn::Activation::relu);
}
void mlp_784_50_10_batch_100_sigmoid_ce_sgd(benchmark::State& state) {
  mlp_step(state, {784, 50, 10}, 100, gradus::nn::Activation::sigmoid);
}
void mlp_784_512_512_10_batch_128_relu_ce_sgd(benchmark::State& state) {
  mlp_step(state, {784, 512, 512, 10}, 128, gradus::nn::Activation::relu);
}
BENCHMARK(mlp_2_16_16_1_batch_100_relu_mse_sgd)->Unit(benchmark::kMicrosecond);
BENCHMARK(mlp_784_50_10_batch_100_sigmoid_ce_sgd)->Unit(benchmark::kMicrosecond);
BENCHMARK(mlp_784_512_512_10_batch_128_relu_ce_sgd)->Unit(benchmark::kMicrosecond);

}  // namespace
