// The tensor workloads in libtorch.
#include <memory>

#include "engine.hpp"
#include <torch/torch.h>

namespace {

using Run = std::function<void()>;

torch::nn::Sequential network_model(const workloads::Network& network) {
  torch::nn::Sequential model;
  for (std::size_t i = 0; i + 1 < network.widths.size(); ++i) {
    model->push_back(torch::nn::Linear(network.widths[i], network.widths[i + 1]));
    if (i + 2 == network.widths.size()) continue;
    if (network.sigmoid)
      model->push_back(torch::nn::Sigmoid());
    else
      model->push_back(torch::nn::ReLU());
  }
  return model;
}

Run training_step(const workloads::Network& network) {
  torch::nn::Sequential model = network_model(network);
  std::shared_ptr<torch::optim::Optimizer> optimizer;
  if (network.adam)
    optimizer = std::make_shared<torch::optim::Adam>(model->parameters(), 1e-3);
  else
    optimizer = std::make_shared<torch::optim::SGD>(model->parameters(), 0.01);
  const int classes = network.widths.back();
  return [=, x = torch::randn({network.batch, network.widths.front()}),
          label = torch::randint(0, classes, {network.batch}, torch::kLong),
          target = torch::randn({network.batch, 1})]() mutable {
    optimizer->zero_grad();
    const torch::Tensor y = model->forward(x);
    (classes > 1 ? torch::cross_entropy_loss(y, label) : torch::mse_loss(y, target)).backward();
    optimizer->step();
  };
}

void zero_grad(const torch::Tensor& x) {
  if (x.grad().defined()) x.grad().zero_();
}

Run elementwise(long n) {
  return [x = torch::randn({n}).set_requires_grad(true)] {
    zero_grad(x);
    (torch::sigmoid(x) * torch::tanh(x) + torch::exp(-x * x)).sum().backward();
  };
}

Run softmax_cross_entropy() {
  return [x = torch::randn({4096, 1000}).set_requires_grad(true),
          label = torch::randint(0, 1000, {4096}, torch::kLong)] {
    zero_grad(x);
    torch::cross_entropy_loss(x, label).backward();
  };
}

}  // namespace

int main() {
  at::set_num_threads(1);
  workloads::Setups setups{
      {"elementwise_1e6", [] { return elementwise(1000000); }},
      {"elementwise_1e7", [] { return elementwise(10000000); }},
      {"softmax_cross_entropy", softmax_cross_entropy},
  };
  for (const workloads::Network& network : workloads::networks)
    setups[network.key] = [=] { return training_step(network); };
  return workloads::Engine(std::move(setups)).serve();
}
