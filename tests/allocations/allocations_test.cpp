#include <atomic>
#include <cerrno>
#include <cstddef>
#include <span>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

#include <gradus/gradus.hpp>

// A program of its own: it counts every request to the system's allocator, whoever makes it.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define GRADUS_COUNTS_ALLOCATIONS 1

namespace {
std::atomic<long> requests{0}, blocks{0}, bytes{0}, most_bytes{0};

void* counted(void* memory) {
  requests.fetch_add(1, std::memory_order_relaxed);
  if (!memory) return memory;
  blocks.fetch_add(1, std::memory_order_relaxed);
  const long now = bytes += static_cast<long>(malloc_usable_size(memory));
  if (now > most_bytes) most_bytes = now;
  return memory;
}
void uncounted(void* memory) {
  if (!memory) return;
  blocks.fetch_sub(1, std::memory_order_relaxed);
  bytes -= static_cast<long>(malloc_usable_size(memory));
}
}  // namespace

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t bytes) { return counted(__libc_malloc(bytes)); }
void* calloc(std::size_t count, std::size_t bytes) { return counted(__libc_calloc(count, bytes)); }
void* memalign(std::size_t alignment, std::size_t bytes) {
  return counted(__libc_memalign(alignment, bytes));
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  *memory = memalign(alignment, bytes);
  return *memory ? 0 : ENOMEM;
}
void free(void* memory) {
  uncounted(memory);
  __libc_free(memory);
}
void* realloc(void* memory, std::size_t bytes) {
  uncounted(memory);
  return counted(__libc_realloc(memory, bytes));
}
}

#endif

namespace gradus {
namespace {

#if GRADUS_COUNTS_ALLOCATIONS

struct Growth {
  long requests, blocks;
};

/// What `steps` calls ask the allocator for, after a few to warm up.
template <class Step>
Growth growth_over(int steps, const Step& step) {
  for (int i = 0; i < 5; ++i) step();
  const Growth before{requests, blocks};
  for (int i = 0; i < steps; ++i) step();
  return {requests - before.requests, blocks - before.blocks};
}

xt::xarray<float> random_rows(std::size_t rows, std::size_t columns) {
  Rng rng{1};
  xt::xarray<float> x = xt::xarray<float>::from_shape({rows, columns});
  for (float& v : x) v = static_cast<float>(rng.normal());
  return x;
}

TEST(Allocations, AreCounted) {
  const Growth growth = growth_over(10, [] { delete new volatile int(3); });
  EXPECT_EQ(growth.requests, 10);
  EXPECT_EQ(growth.blocks, 0);
}

TEST(Allocations, TrainingMakesNoneAfterWarmUp) {
  Rng rng{1};
  const nn::MLP<float> model{{2, 16, 16, 1}, nn::Activation::relu, rng};
  const Tensor<float> x = random_rows(100, 2), t = random_rows(100, 1);
  for (const double momentum : {0.0, 0.9}) {
    nn::SGD opt{model.parameters(), {.lr = 1e-3, .momentum = momentum}};
    const Growth growth = growth_over(10'000, [&] {
      opt.zero_grad();
      nn::mse_loss(model(x), t).backward();
      opt.step();
    });
    EXPECT_EQ(growth.requests, 0) << "momentum " << momentum;
  }
}

TEST(Allocations, EveryLossAndActivationMakesNone) {
  Rng rng{1};
  const xt::xarray<int> labels = xt::ones<int>({16});
  const Tensor<float> x = random_rows(16, 4), rows = softmax(Tensor<float>(random_rows(16, 3)));
  for (const nn::Activation activation :
       {nn::Activation::sigmoid, nn::Activation::tanh, nn::Activation::relu}) {
    const nn::MLP<float> model{{4, 8, 3}, activation, rng};
    nn::SGD opt{model.parameters(), {.lr = 1e-3}};
    const Growth growth = growth_over(100, [&] {
      opt.zero_grad();
      const Tensor<float> y = model(x);
      (nn::cross_entropy(y, labels) + nn::cross_entropy(y, rows) + nn::sum_squared_error(y, rows) +
       nn::binary_cross_entropy_with_logits(y, rows))
          .backward();
      opt.step();
    });
    EXPECT_EQ(growth.requests, 0);
  }
}

TEST(Allocations, LargeElementwiseExpressionsMakeNone) {
  const Tensor<float> x = variable(random_rows(400, 1000));
  const Growth growth = growth_over(20, [&] {
    x.zero_grad();
    sum(sigmoid(x) * tanh(x) + exp(-x * x)).backward();
  });
  EXPECT_EQ(growth.requests, 0);
}

/// A sweep of large steps writes nothing but the gradient of the variable: what lies between never is an
/// array.
TEST(Allocations, SweepingLargeElementwiseStepsTakesOneArray) {
  const Tensor<float> x = variable(random_rows(400, 1000));
  Tensor<float> y = x;
  for (int i = 0; i < 20; ++i) y = tanh(y) + x;
  const Tensor<float> root = sum(y);
  release_cached_memory();
  const long before = bytes;
  most_bytes = before;
  backward(root, {.retain_graph = true});
  EXPECT_LE(most_bytes - before, static_cast<long>(1.3 * 400 * 1000 * sizeof(float)));
}

using Layers = std::span<const nn::Linear<float>>;

Tensor<float> run(Tensor<float> x, Layers layers) {
  for (const nn::Linear<float>& layer : layers) x = relu(layer(x));
  return x;
}

/// The same in four parts, of which only the inputs are kept, and each of them in four.
Tensor<float> run_checkpointed(Tensor<float> x, Layers layers) {
  if (layers.size() <= 4) return run(x, layers);
  const std::size_t part = layers.size() / 4;
  for (; !layers.empty(); layers = layers.subspan(part)) {
    const auto run_part = [inside = layers.first(part)](const std::vector<Tensor<float>>& in) {
      return run_checkpointed(in[0], inside);
    };
    x = checkpoint(run_part, std::vector{x});
  }
  return x;
}

TEST(Allocations, CheckpointsCutTheMemoryOfADeepNetworkToAQuarter) {
  constexpr std::size_t depth = 64, batch = 4096, width = 32;
  Rng rng{1};
  std::vector<nn::Linear<float>> layers;
  for (std::size_t i = 0; i < depth; ++i) layers.emplace_back(width, width, rng);
  const Tensor<float> x = random_rows(batch, width);
  const auto peak_of = [&](auto network, std::vector<xt::xarray<float>>& gradients) {
    release_cached_memory();
    const long before = bytes;
    most_bytes = before;
    const Tensor<float> loss = mean(network(x, Layers(layers)));
    loss.backward();
    const long peak = most_bytes - before;
    for (const nn::Linear<float>& layer : layers)
      for (const Tensor<float>& p : layer.parameters()) {
        gradients.push_back(p.grad());
        p.zero_grad();
      }
    return peak;
  };
  std::vector<xt::xarray<float>> expected, gradients;
  const long plain = peak_of(run, expected), checkpointed = peak_of(run_checkpointed, gradients);
  EXPECT_LE(4 * checkpointed, plain) << checkpointed << " bytes instead of " << plain;
  EXPECT_EQ(gradients, expected);
}

TEST(Allocations, WideLayersLeaveNothingBehind) {
  Rng rng{1};
  const nn::MLP<float> model{{784, 50, 10}, nn::Activation::sigmoid, rng};
  const Tensor<float> x = random_rows(100, 784);
  const xt::xarray<int> labels = xt::ones<int>({100});
  nn::SGD opt{model.parameters(), {.lr = 0.1}};
  const Growth growth = growth_over(1'000, [&] {
    opt.zero_grad();
    nn::cross_entropy(model(x), labels).backward();
    opt.step();
  });
  EXPECT_EQ(growth.blocks, 0);
  // Five products a step, for each of which oneDNN takes one buffer to pack its operands into.
  EXPECT_LE(growth.requests, 5 * 1'000);
}

TEST(Allocations, ATrainingStepNeedsLittleMoreThanWhatItMustKeep) {
  constexpr std::size_t batch = 128;
  const std::vector<std::size_t> widths{784, 512, 512, 10};
  const Tensor<float> x = random_rows(batch, widths.front());
  const xt::xarray<int> labels = xt::ones<int>({batch});
  const long before = bytes;
  most_bytes = before;

  Rng rng{1};
  const nn::MLP<float> model{widths, nn::Activation::relu, rng};
  nn::SGD opt{model.parameters(), {.lr = 0.1, .momentum = 0.9}};
  for (int i = 0; i < 3; ++i) {
    opt.zero_grad();
    nn::cross_entropy(model(x), labels).backward();
    opt.step();
  }

  std::size_t parameters = 0, activations = 0;
  for (std::size_t layer = 1; layer < widths.size(); ++layer) {
    parameters += (widths[layer - 1] + 1) * widths[layer];
    activations += 2 * batch * widths[layer];  // before and after the activation, or logits and softmax
  }
  const std::size_t largest_temporary = batch * widths[1];
  const auto needed = static_cast<double>((3 * parameters + activations + largest_temporary) * sizeof(float));
  EXPECT_LE(static_cast<double>(most_bytes - before), 1.2 * needed);
}

TEST(Allocations, AThreadThatOnlyDropsWhatOthersMadeKeepsLittle) {
  constexpr std::size_t megabyte = std::size_t{1} << 20;
  const long before = bytes;
  std::vector<Tensor<double>> made;
  for (int i = 0; i < 100; ++i) made.push_back(empty_array<double>({megabyte / 2}));
  std::thread([taken = std::move(made), before]() mutable {
    taken.clear();
    EXPECT_LT(static_cast<double>(bytes - before) / megabyte, 66);  // 400 MB were dropped
  }).join();
}

TEST(Allocations, WhatAThreadNeededBeforeDoesNotKeepItFromCachingWhatItNeedsNow) {
  const Growth growth = growth_over(100, [] {
    for (const std::size_t size : {1'000'000, 3'000'000, 9'000'000}) {
      const Tensor<double> a(empty_array<double>({size})), b(empty_array<double>({size}));
    }
  });
  EXPECT_EQ(growth.requests, 0);
}

TEST(Allocations, ScalarGraphsMakeNoneAfterWarmUp) {
  const Scalar a = variable(0.5), b = variable(-1.5);
  const Growth growth = growth_over(100, [&] {
    a.zero_grad();
    b.zero_grad();
    Scalar y = a;
    for (int i = 0; i < 10'000; ++i) y = tanh(y * b + a);
    y.backward();
    a.set_value(a.value() - 0.1 * a.grad());
  });
  EXPECT_EQ(growth.requests, 0);
}

#else

TEST(Allocations, AreCounted) { GTEST_SKIP() << "needs glibc's allocator, without sanitizers"; }

#endif

}  // namespace
}  // namespace gradus
