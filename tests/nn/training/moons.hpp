#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <gradus/gradus.hpp>

namespace gradus::nn {

inline const auto cross_entropy_loss = [](const Tensor<float>& scores, const auto& labels) {
  return cross_entropy(scores, labels);
};

/// Two moons, a network with everything that has a state, and an optimizer that has one.
struct Moons {
  explicit Moons(std::uint64_t seed = 1)
      : rng(seed),
        model{Linear{2, 16, rng}, BatchNorm1d{16}, Tanh{}, Dropout{0.2, rng}, Linear{16, 2, rng}},
        optimizer{model.parameters(), {.lr = 0.02}} {}

  Dataset<> data(std::size_t n, std::uint64_t seed) const {
    Rng draw{seed};
    return generate_moons(n, 0.1, draw);
  }
  DataLoader<> batches() const {
    return DataLoader<>{data(200, 5), {.batch_size = 32, .shuffle = true, .seed = 3}};
  }
  Trainer<> trainer(TrainerOptions<> options) {
    return {Module<float>(model), optimizer, cross_entropy_loss, std::move(options)};
  }

  Rng rng;
  Sequential<float> model;
  Adam<float> optimizer;
};

/// Bits of all parameters and buffers.
inline std::vector<float> numbers_of(const Sequential<float>& model) {
  std::vector<float> numbers;
  for (const auto& each : model.named_parameters())
    numbers.insert(numbers.end(), each.tensor.value().begin(), each.tensor.value().end());
  for (const auto& each : model.named_buffers())
    numbers.insert(numbers.end(), each.buffer.value().begin(), each.buffer.value().end());
  return numbers;
}

/// A metric that has these values, epoch by epoch (it is asked twice in each: for training and validation).
inline Metric<> scripted(std::vector<double> values, std::size_t first_epoch = 1) {
  auto asked = std::make_shared<std::size_t>(2 * (first_epoch - 1));
  return {"script", [values, asked](const auto&, const auto&) { return values.at((*asked)++ / 2); }};
}

}  // namespace gradus::nn
