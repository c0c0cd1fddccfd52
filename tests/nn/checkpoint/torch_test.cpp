#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/modules.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

// Weights to PyTorch and back, with Debian's python3-torch where it is installed.

namespace gradus::nn {
namespace {

using testing::TempFolder;

bool has_torch() { return std::system("/usr/bin/python3 -c 'import torch, numpy' 2>/dev/null") == 0; }

/// The network of torch_linear.py.
Sequential<float> network(std::uint64_t seed) {
  Rng rng{seed};
  Sequential model{Linear{4, 5, rng}, BatchNorm1d<float>{5}, ReLU{}, Linear{5, 3, rng}};
  return model;
}

Tensor<float> input() {
  xt::xarray<float> x = xt::xarray<float>::from_shape({6, 4});
  for (std::size_t i = 0; i < 24; ++i) x.data()[i] = static_cast<float>(i) / 10 - 1;
  return x;
}

/// What torch_linear.py prints.
std::vector<double> torch_output(const std::string& verb, const std::filesystem::path& file) {
  const std::string command = "/usr/bin/python3 " GRADUS_SOURCE_DIR "/tests/nn/checkpoint/torch_linear.py " +
                              verb + " " + file.string();
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 256> part;
  while (std::fgets(part.data(), part.size(), pipe.get())) text += part.data();
  std::istringstream numbers(text);
  return {std::istream_iterator<double>(numbers), {}};
}

void expect_output(const Sequential<float>& model, const std::vector<double>& expected) {
  model.eval();
  const Tensor<float> y = model(input());
  ASSERT_EQ(expected.size(), y.size());
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y.data()[i], expected[i], 1e-6) << i;
}

TEST(TorchWeights, PyTorchsAreLoaded) {
  if (!has_torch()) GTEST_SKIP() << "python3-torch is not installed";
  const TempFolder folder;
  const auto file = folder.path() / "torch.safetensors";
  const std::vector<double> expected = torch_output("write", file);
  const auto model = network(1);
  load_model(file, model, {.torch = true});
  expect_output(model, expected);
  EXPECT_THROW(load_model(file, model), DataError) << "the layout is another";
}

TEST(TorchWeights, OursAreLoadedByPyTorch) {
  if (!has_torch()) GTEST_SKIP() << "python3-torch is not installed";
  const TempFolder folder;
  const auto file = folder.path() / "ours.safetensors";
  const auto model = network(2);
  model(input());  // the running statistics move
  save_model(file, model, {.torch = true});
  expect_output(model, torch_output("read", file));
}

TEST(TorchWeights, NamesAreMapped) {
  const TempFolder folder;
  const auto file = folder.path() / "named.safetensors";
  Rng rng{1};
  const MLP<float> mlp{{4, 3, 2}, Activation::relu, rng}, other{{4, 3, 2}, Activation::relu, rng};
  const auto rename = [](const std::string& name) {  // layers.0.weight -> fc1.weight
    return "fc" + std::to_string(name[7] - '0' + 1) + name.substr(8);
  };
  save_model(file, mlp, {.torch = true, .rename = rename});
  EXPECT_THROW(load_model(file, other, {.torch = true}), DataError);
  load_model(file, other, {.torch = true, .rename = rename});
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(mlp.parameters()[i].value(), other.parameters()[i].value());
}

}  // namespace
}  // namespace gradus::nn
