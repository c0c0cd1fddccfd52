#include "gradus_workloads.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

#include <gradus/gradus.hpp>

namespace {

using gradus::Scalar;
using gradus::Tensor;
using Run = std::function<void()>;

Tensor<float> normal_tensor(const gradus::Shape& shape, gradus::Rng& rng) {
  gradus::Array<float> values = gradus::empty_array<float>(shape);
  for (float& v : values) v = static_cast<float>(rng.normal());
  return values;
}

xt::xarray<std::int64_t> random_labels(std::size_t n, std::size_t classes, gradus::Rng& rng) {
  xt::xarray<std::int64_t> labels = xt::xarray<std::int64_t>::from_shape({n});
  for (std::int64_t& label : labels) label = static_cast<std::int64_t>(rng.below(classes));
  return labels;
}

Run elementwise(std::size_t n) {
  gradus::Rng rng{1};
  return [x = gradus::variable(normal_tensor({n}, rng).value())] {
    x.zero_grad();
    sum(sigmoid(x) * tanh(x) + exp(-x * x)).backward();
  };
}

Run fused(std::size_t n) {
  gradus::Rng rng{1};
  return [x = gradus::variable(normal_tensor({n}, rng).value())] {
    x.zero_grad();
    sum(gradus::fuse([](auto t) { return sigmoid(t) * tanh(t) + exp(-t * t); }, x)).backward();
  };
}

Run softmax_cross_entropy() {
  gradus::Rng rng{1};
  return [x = gradus::variable(normal_tensor({4096, 1000}, rng).value()),
          labels = random_labels(4096, 1000, rng)] {
    x.zero_grad();
    gradus::nn::cross_entropy(x, labels).backward();
  };
}

void zero_grads(const std::vector<Scalar>& variables) {
  for (const Scalar& v : variables) v.zero_grad();
}

Run scalar_moons() {
  const workloads::Moons data;
  std::vector<Scalar> parameters;
  for (const double p : data.parameters) parameters.push_back(gradus::variable(p));
  return [=] {
    zero_grads(parameters);
    workloads::moons_loss(data, parameters, [](const Scalar& x) { return relu(x); }).backward();
  };
}

Run scalar_staged() {
  return [x = gradus::variable(3.0), y = gradus::variable(-4.0)] {
    zero_grads({x, y});
    workloads::staged_sum(
        x, y, [](const Scalar& v) { return sigmoid(v); }, [](const Scalar& v) { return square(v); })
        .backward();
  };
}

/// The staged expression swept by itself: what one small backward() costs.
Run scalar_staged_alone() {
  return [x = gradus::variable(3.0), y = gradus::variable(-4.0)] {
    ((x + sigmoid(y)) / (sigmoid(x) + square(x + y))).backward();
  };
}

Run scalar_chain() {
  return [a = gradus::variable(0.999999), b = gradus::variable(1e-6)] {
    zero_grads({a, b});
    workloads::chain(a, b).backward();
  };
}

}  // namespace

std::function<void()> training_step(const workloads::Network& network) {
  gradus::Rng rng{1};
  const std::vector<std::size_t> widths(network.widths.begin(), network.widths.end());
  const auto batch = static_cast<std::size_t>(network.batch);
  const gradus::nn::MLP mlp{
      widths, network.sigmoid ? gradus::nn::Activation::sigmoid : gradus::nn::Activation::relu, rng};
  std::shared_ptr<gradus::nn::Optimizer<float>> optimizer;
  if (network.adam)
    optimizer = std::make_shared<gradus::nn::Adam<float>>(mlp.parameters());
  else
    optimizer = std::make_shared<gradus::nn::SGD<float>>(mlp.parameters());
  return [=, several = widths.back() > 1, x = normal_tensor({batch, widths.front()}, rng),
          target = normal_tensor({batch, 1}, rng), labels = random_labels(batch, widths.back(), rng)] {
    optimizer->zero_grad();
    const Tensor<float> y = mlp(x);
    const Tensor<float> loss =
        several ? gradus::nn::cross_entropy(y, labels) : gradus::nn::mse_loss(y, target);
    loss.backward();
    optimizer->step();
  };
}

workloads::Setups gradus_workloads() {
  gradus::set_num_threads(1);
  workloads::Setups setups{
      {"elementwise_1e6", [] { return elementwise(1000000); }},
      {"elementwise_1e7", [] { return elementwise(10000000); }},
      {"fused_1e6", [] { return fused(1000000); }},
      {"fused_1e7", [] { return fused(10000000); }},
      {"softmax_cross_entropy", softmax_cross_entropy},
      {"scalar_moons", scalar_moons},
      {"scalar_staged", scalar_staged},
      {"scalar_staged_alone", scalar_staged_alone},
      {"scalar_chain", scalar_chain},
  };
  for (const workloads::Network& network : workloads::networks)
    setups[network.key] = [=] { return training_step(network); };
  return setups;
}
