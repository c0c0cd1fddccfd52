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

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/modules.hpp>
#include <gradus/tests/nn/data/bytes.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

// Weights to PyTorch and back, with Debian's python3-torch where it is installed.

namespace gradus::nn {
namespace {

using testing::expect_named, testing::message_of, testing::TempFolder;

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
  EXPECT_THROW(load_model(file, model), DataError) << "the layout is another, and the file does not say so";
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

/// Square weights fit in either layout.
Sequential<float> square(std::uint64_t seed) {
  Rng rng{seed};
  Sequential model{Linear{4, 4, rng}, Tanh{}, Linear{4, 4, rng}};
  return model;
}

TEST(TorchWeights, AFileOfOursIsReadInTheLayoutItWasSavedIn) {
  const TempFolder folder;
  const auto file = folder.path() / "square.safetensors";
  const auto saved = square(1);
  const xt::xarray<float> expected = saved(input()).value();
  for (const bool torch : {false, true}) {
    save_model(file, saved, {.torch = torch});
    for (const bool asked : {false, true}) {
      SCOPED_TRACE(std::to_string(torch) + std::to_string(asked));
      EXPECT_EQ(read_model<float>(file, {.torch = asked})(input()).value(), expected);
      const auto loaded = square(2);
      load_model(file, loaded, {.torch = asked});
      EXPECT_EQ(loaded(input()).value(), expected);
    }
  }
}

TEST(TorchWeights, AFileThatSaysNothingIsReadAsAsked) {
  const TempFolder folder;
  const auto file = folder.path() / "silent.safetensors";
  const auto saved = square(1), loaded = square(2);
  save_model(file, saved, {.torch = true});
  write_safetensors(file, {read_safetensors(file).tensors, {}});
  load_model(file, loaded, {.torch = true});
  EXPECT_EQ(loaded(input()).value(), saved(input()).value());
  load_model(file, loaded);
  EXPECT_EQ(loaded.parameters()[0].value(), xt::xarray<float>(xt::transpose(saved.parameters()[0].value())));
}

std::string error_of_loading(const std::filesystem::path& file, const Safetensors& contents,
                             const ModelFileOptions& options) {
  write_safetensors(file, contents);
  return message_of<DataError>([&] { load_model(file, network(3), options); });
}

TEST(TorchWeights, AnErrorSaysThatTheLayoutIsAnother) {
  const TempFolder folder;
  const auto file = folder.path() / "other.safetensors";
  const auto contents_of = [&](bool torch) {
    save_model(file, network(1), {.torch = torch});
    return Safetensors{read_safetensors(file).tensors, {}};
  };
  Safetensors torchs = contents_of(true), ours = contents_of(false);
  expect_named(error_of_loading(file, torchs, {}), {"try {.torch = true}"});
  expect_named(error_of_loading(file, ours, {.torch = true}), {"try without torch = true"});
  ours.tensors["1.num_batches_tracked"] = xt::xarray<std::int64_t>(1);
  expect_named(error_of_loading(file, ours, {}), {"try {.torch = true}"});
  torchs.tensors["0.weight"] = xt::xarray<float>{1};
  torchs.tensors["3.weight"] = xt::xarray<float>{1};
  EXPECT_EQ(error_of_loading(file, torchs, {}).find("torch ="), std::string::npos);
  torchs.metadata["gradus.layout"] = "sideways";
  expect_named(error_of_loading(file, torchs, {}),
               {"the layout is 'sideways': expected 'gradus' or 'torch'"});
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
