#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/nn/data/data_loader.hpp>
#include <gradus/nn/data/digits.hpp>
#include <gradus/nn/data/idx.hpp>
#include <gradus/nn/losses.hpp>
#include <gradus/nn/modules/activations.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/nn/modules/mlp.hpp>
#include <gradus/nn/modules/sequential.hpp>
#include <gradus/nn/optimizers/sgd.hpp>
#include <gradus/nn/training/classification.hpp>
#include <gradus/tests/nn/mnist_folder.hpp>
#include <gradus/tests/thread_scope.hpp>

namespace gradus::nn {
namespace {

using Array2 = xt::xarray<double>;

using gradus::testing::Threads;

TEST(Training, OneStepOfTheWholeChainByHand) {
  // y = W2 sigmoid(W1 x + b1) + b2 at x = 1 and t = 2, with W1 = 0.5, W2 = -1 and no biases yet.
  Rng rng{1};
  const Linear<double> first{1, 1, rng, {.weight = init::constant(0.5)}},
      second{1, 1, rng, {.weight = init::constant(-1)}};
  const Sequential model{first, Sigmoid{}, second};
  SGD opt{model.parameters(), {.lr = 0.1}};
  const double h = 1 / (1 + std::exp(-0.5)), y = -h, dy = 2 * (y - 2), dh = -dy;
  const Tensor<double> loss = mse_loss(model(Array2({1, 1}, 1.0)), Array2({1, 1}, 2.0));
  EXPECT_DOUBLE_EQ(loss.item(), (y - 2) * (y - 2));
  loss.backward();
  opt.step();
  EXPECT_DOUBLE_EQ(second.weight().item(), -1 - 0.1 * dy * h);
  EXPECT_DOUBLE_EQ(second.bias().item(), -0.1 * dy);
  EXPECT_DOUBLE_EQ(first.weight().item(), 0.5 - 0.1 * dh * h * (1 - h));
  EXPECT_DOUBLE_EQ(first.bias().item(), -0.1 * dh * h * (1 - h));
}

TEST(Training, LearnsXor) {
  const xt::xarray<float> corners{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  const xt::xarray<int> labels{0, 1, 1, 0};
  for (const Activation activation : {Activation::sigmoid, Activation::tanh}) {
    Rng rng{3};
    const MLP model{{2, 8, 2}, activation, rng};
    SGD opt{model.parameters(), {.lr = 0.5, .momentum = 0.9}};
    for (int step = 0; step < 400; ++step) {
      opt.zero_grad();
      cross_entropy(model(corners), labels).backward();
      opt.step();
    }
    EXPECT_EQ(accuracy(model(corners).value(), labels), 1.0);
    EXPECT_LT(cross_entropy(model(corners), labels).item(), 0.05f);
  }
}

TEST(Training, FindsTheLineThroughPointsThatLieOnOne) {
  Rng rng{4};
  const Linear<double> line{2, 1, rng};
  Array2 x = Array2::from_shape({20, 2}), t = Array2::from_shape({20, 1});
  for (std::size_t i = 0; i < 20; ++i) {
    x(i, 0) = rng.uniform(-1, 1);
    x(i, 1) = rng.uniform(-1, 1);
    t(i, 0) = 3 * x(i, 0) - 2 * x(i, 1) + 0.5;
  }
  SGD opt{line.parameters(), {.lr = 0.1, .momentum = 0.8}};
  for (int step = 0; step < 500; ++step) {
    opt.zero_grad();
    mse_loss(line(x), t).backward();
    opt.step();
  }
  EXPECT_NEAR(line.weight().value()(0, 0), 3, 1e-9);
  EXPECT_NEAR(line.weight().value()(1, 0), -2, 1e-9);
  EXPECT_NEAR(line.bias().value()(0), 0.5, 1e-9);
}

TEST(Training, LearnsASineByTheSumOfSquares) {
  Rng rng{5};
  const Sequential model{Linear<double>{1, 8, rng, {.weight = init::normal(2)}}, Sigmoid{},
                         Linear<double>{8, 1, rng}};
  Array2 x = Array2::from_shape({40, 1}), t = x;
  for (std::size_t i = 0; i < 40; ++i) {
    x(i, 0) = -1 + 2.0 * static_cast<double>(i) / 39;
    t(i, 0) = std::sin(std::numbers::pi * x(i, 0));
  }
  SGD opt{model.parameters(), {.lr = 0.01, .momentum = 0.9}};
  for (int step = 0; step < 3000; ++step) {
    opt.zero_grad();
    sum_squared_error(model(x), t).backward();
    opt.step();
  }
  EXPECT_LT(mse_loss(model(x), t).item(), 1e-3);
}

TEST(Training, TwoClassesByBinaryCrossEntropyAgreeWithCrossEntropyOfTwoLogits) {
  // Logits (0, z) make the same loss as one logit z: so do the weights of the second column.
  Rng rng{6};
  const Array2 x{{1, 2}, {-1, 0.5}, {0.25, -2}}, t_column({3, 1}, 1.0);
  const Linear<double> one{2, 1, rng};
  const auto logit = one(x);
  const auto binary = binary_cross_entropy_with_logits(logit, t_column);
  const auto two = logit * Array2{{0, 1}};
  EXPECT_NEAR(cross_entropy(two, xt::xarray<int>{1, 1, 1}).item(), binary.item(), 1e-14);
}

/// A small network after two epochs of digits, as wide as is needed for threads to take part.
std::vector<xt::xarray<float>> trained_weights(std::uint64_t seed, int threads) {
  const Threads scope(threads);
  Rng rng{seed};
  const MLP model{{784, 256, 10}, Activation::relu, rng};
  SGD opt{model.parameters(), {.lr = 0.05, .momentum = 0.9}};
  DataLoader loader{generate_digits(500, rng), {.batch_size = 120, .shuffle = true, .seed = seed}};
  for (int epoch = 0; epoch < 2; ++epoch)
    for (const Batch<>& batch : loader) {
      opt.zero_grad();
      cross_entropy(model(batch.inputs), batch.targets).backward();
      opt.step();
    }
  std::vector<xt::xarray<float>> weights;
  for (const Tensor<float>& parameter : model.parameters()) weights.push_back(parameter.value());
  return weights;
}

TEST(Training, TheSameSeedGivesBitwiseTheSameWeights) {
  const auto one = trained_weights(1, 1), two = trained_weights(1, 2);
  EXPECT_EQ(one, trained_weights(1, 1));
  EXPECT_EQ(two, trained_weights(1, 2));
  EXPECT_EQ(one, two) << "the number of threads does not matter";
  EXPECT_NE(one, trained_weights(2, 1));
}

/// The network of "Deep Learning from Scratch", 784-50-10: its accuracy on the test set.
double textbook_accuracy(DatasetSplit<> data, int epochs, double lr) {
  Rng rng{1};
  const Sequential model{Linear{784, 50, rng, {.weight = init::normal(0.01)}}, Sigmoid{},
                         Linear{50, 10, rng, {.weight = init::normal(0.01)}}};
  SGD opt{model.parameters(), {.lr = lr}};
  DataLoader loader{std::move(data.train), {.batch_size = 100, .shuffle = true}};
  for (int epoch = 0; epoch < epochs; ++epoch)
    for (const Batch<>& batch : loader) {
      opt.zero_grad();
      cross_entropy(model(batch.inputs), batch.targets).backward();
      opt.step();
    }
  const NoGrad off;
  return accuracy(model(data.test.inputs).value(), data.test.targets);
}

TEST(Training, TheTextbookNetworkLearnsGeneratedDigits) {
  Rng rng{7};
  Dataset train = generate_digits(4000, rng), test = generate_digits(1000, rng);
  EXPECT_GT(textbook_accuracy({std::move(train), std::move(test)}, 8, 0.5), 0.8);
}

TEST(Training, TheTextbookNetworkLearnsMnist) {
  const std::filesystem::path folder = gradus::testing::mnist_folder();
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "no MNIST in " << folder << "; GRADUS_MNIST may name its folder";
  EXPECT_GT(textbook_accuracy(load_mnist(folder), 16, 0.1), 0.942);
}

}  // namespace
}  // namespace gradus::nn
