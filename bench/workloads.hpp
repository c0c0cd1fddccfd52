#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "scalar_workloads.hpp"

/// What is measured, in Gradus and in its peers. A row more here, and the same key where an engine lists what
/// it can run: that is a row more in the table.
namespace workloads {

/// A training step of a multilayer perceptron: forward, loss, backward, update. Softmax cross-entropy for
/// several outputs, mean squared error for one.
struct Network {
  std::string key;
  std::vector<int> widths;
  int batch;
  bool sigmoid, adam;  // otherwise ReLU, SGD
};

inline const std::vector<Network> networks{
    {"mlp_2_16_16_1", {2, 16, 16, 1}, 100, false, false},
    {"mlp_784_50_10", {784, 50, 10}, 100, true, false},
    {"mlp_784_512_512_10", {784, 512, 512, 10}, 128, false, true},
    {"mlp_784_2048_2048_10", {784, 2048, 2048, 10}, 512, false, false},
};

struct Row {
  std::string key, title;
  double steps;           // 0: microseconds a repetition; otherwise nanoseconds a step
  std::string reference;  // Gradus is to take at most `target` times as long as this engine
  double target;
  bool large = false;  // two threads are to be worth while
};

inline const std::vector<Row> rows{
    {"mlp_2_16_16_1", "MLP 2-16-16-1, batch 100, ReLU, MSE, SGD", 0, "limit", 1.5},
    {"mlp_784_50_10", "MLP 784-50-10, batch 100, sigmoid, CE, SGD", 0, "limit", 1.05},
    {"mlp_784_512_512_10", "MLP 784-512-512-10, batch 128, ReLU, CE, Adam", 0, "limit", 1.05, true},
    {"mlp_784_2048_2048_10", "MLP 784-2048-2048-10, batch 512, ReLU, CE, SGD", 0, "limit", 1.03, true},
    {"elementwise_1e6", "`sum(sigmoid(x)*tanh(x)+exp(-x*x))`, 1e6", 0, "libtorch", 0.35, true},
    {"elementwise_1e7", "`sum(sigmoid(x)*tanh(x)+exp(-x*x))`, 1e7", 0, "libtorch", 0.2, true},
    {"fused_1e6", "the same through `fuse`, 1e6", 0, "limit", 1.2, true},
    {"fused_1e7", "the same through `fuse`, 1e7", 0, "limit", 1.2, true},
    {"softmax_cross_entropy", "softmax cross-entropy 4096x1000", 0, "libtorch", 0.4, true},
    {"scalar_moons", "scalar moons network", moons_steps, "stan_math", 0.5},
    {"scalar_staged", "scalar CS231n expression 20,000 times", staged_steps, "stan_math", 0.55},
    {"scalar_chain", "scalar chain of 1,000,000 steps", chain_steps, "stan_math", 0.33},
};

/// Makes a workload ready; what it returns runs it once.
using Setup = std::function<std::function<void()>()>;
/// What an engine can run, by key.
using Setups = std::map<std::string, Setup>;

}  // namespace workloads
