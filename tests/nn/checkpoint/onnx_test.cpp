#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/onnx.hpp>
#include <gradus/nn/modules.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

// Exported models, checked and run by onnx_run.py where Debian's python3-onnx is installed.

namespace gradus::nn {
namespace {

using testing::TempFolder;

bool can_check() {
  return has_onnx() && std::system("/usr/bin/python3 -c 'import onnx, numpy' 2>/dev/null") == 0;
}

template <class T>
Tensor<T> input(const Shape& shape) {
  Rng rng{9};
  Array<T> x = empty_array<T>(shape);
  for (T& value : x) value = static_cast<T>(rng.normal(0, 2));
  return x;
}

/// What onnx_run.py prints.
template <class T>
std::vector<double> run_onnx(const std::filesystem::path& file, const Tensor<T>& x) {
  const std::filesystem::path numbers = file.string() + ".input";
  std::ofstream out(numbers);
  out.precision(17);
  for (const std::size_t extent : x.shape()) out << extent << ' ';
  out << '\n';
  for (const T value : x.value()) out << value << ' ';
  out << '\n';
  out.close();
  const std::string command = "/usr/bin/python3 " GRADUS_SOURCE_DIR "/tests/nn/checkpoint/onnx_run.py " +
                              file.string() + " < " + numbers.string();
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 256> part;
  while (std::fgets(part.data(), part.size(), pipe.get())) text += part.data();
  std::istringstream values(text);
  return {std::istream_iterator<double>(values), {}};
}

template <class T>
void expect_same_for(const Tensor<T>& x, const Module<T>& model) {
  const TempFolder folder;
  const auto file = folder.path() / "model.onnx";
  const Shape input_shape(x.shape().begin() + 1, x.shape().end());
  model(x);  // running statistics move
  export_onnx(file, model, input_shape);
  const std::vector<double> expected = run_onnx(file, x);
  model.eval();
  const Tensor<T> y = model(x);
  ASSERT_EQ(y.size(), expected.size());
  const double tolerance = sizeof(T) == 4 ? 2e-5 : 1e-6;  // attributes are floats
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y.data()[i], expected[i], tolerance) << i;
}

template <class T>
void expect_same(const Module<T>& model, const Shape& input_shape) {
  Shape batch{5};
  batch.insert(batch.end(), input_shape.begin(), input_shape.end());
  expect_same_for(input<T>(batch), model);
}

TEST(Onnx, ModelsGiveTheSameThere) {
  if (!can_check()) GTEST_SKIP() << "built without ONNX, or python3-onnx is not installed";
  Rng rng{1};
  expect_same(Module<float>(MLP{{4, 8, 3}, Activation::relu, rng, {.output = Activation::softmax}}), {4});
  expect_same(Module<double>(MLP<double>{{4, 8, 6, 3}, Activation::tanh, rng, {.bias = false}}), {4});
  expect_same(Module<float>(Sequential{Flatten{}, Linear{12, 6, rng}, BatchNorm1d<float>{6}, Sigmoid{},
                                       Dropout{0.5, rng}, Linear{6, 3, rng}, LogSoftmax{}}),
              {3, 4});
  expect_same(Module<float>(Sequential{BatchNorm2d<float>{2, {.affine = false}}, Flatten{}}), {2, 3, 3});
  expect_same(Module<float>(Sequential{Unflatten{{2, 3, 3}}, BatchNorm2d<float>{2}, Flatten{}}), {18});
  const Linear<float> shared{4, 4, rng};
  expect_same(Module<float>(Sequential{shared, Residual<float>{Sequential{shared, Tanh{}}}}), {4});
}

TEST(Onnx, NormalisationGivesTheSameThere) {
  if (!can_check()) GTEST_SKIP() << "built without ONNX, or python3-onnx is not installed";
  Rng rng{2};
  const auto with_parameters = [&](const Module<double>& module) {
    for (const Tensor<double>& each : module.parameters())
      each.set_value(input<double>(each.shape()).value());
    return module;
  };
  expect_same(with_parameters(LayerNorm<double>{6}), {6});
  expect_same(with_parameters(LayerNorm<double>{Shape{3, 2}, {.eps = 0.1}}), {4, 3, 2});
  expect_same(with_parameters(RMSNorm<double>{6}), {3, 6});
  for (const double eps : {1e-3, 0.5})
    expect_same(Module<double>(Sequential<double>{LayerNorm<double>{4, {.eps = eps, .affine = false}},
                                                  Linear<double>{4, 3, rng},
                                                  RMSNorm<double>{3, {.eps = eps, .affine = false}}}),
                {4});
  expect_same(Module<float>(Sequential{Linear{4, 6, rng}, LayerNorm<float>{6}, GELU{}, RMSNorm<float>{6}}),
              {4});
}

TEST(Onnx, EmbeddingsGiveTheSameThere) {
  if (!can_check()) GTEST_SKIP() << "built without ONNX, or python3-onnx is not installed";
  Rng rng{3};
  const Tensor<double> indices = xt::xarray<double>{{0, 4, 2}, {3, 3, 1}};
  expect_same_for(indices, Module<double>(Embedding<double>{5, 2, rng, {.padding_index = 3}}));
  expect_same_for(indices,
                  Module<double>(Sequential<double>{Embedding<double>{5, 4, rng}, LayerNorm<double>{4},
                                                    Flatten{}, Linear<double>{12, 2, rng}}));
}

TEST(Onnx, EveryActivationGivesTheSameThere) {
  if (!can_check()) GTEST_SKIP() << "built without ONNX, or python3-onnx is not installed";
  expect_same(Module<double>(Sequential<double>{Sigmoid{}, Tanh{}, ReLU{}, Identity{}}), {30});
  for (const Module<double>& activation :
       {Module<double>(LeakyReLU{0.2}), Module<double>(ELU{0.5}), Module<double>(SELU{}),
        Module<double>(Softplus{}), Module<double>(Softsign{}), Module<double>(HardSigmoid{}),
        Module<double>(HardSwish{}), Module<double>(Softmax{0}), Module<double>(GELU{}),
        Module<double>(SiLU{}), Module<double>(Mish{})}) {
    SCOPED_TRACE(activation.parts().type);
    expect_same(activation, {30});
  }
}

TEST(Onnx, SaysWhichModuleItCannotWrite) {
  const TempFolder folder;
  const auto file = folder.path() / "model.onnx";
  Rng rng{1};
  const auto message = [&](const Module<float>& model) -> std::string {
    try {
      export_onnx(file, model, {4});
    } catch (const ValueError& error) {
      return error.what();
    }
    return "no error";
  };
  const Sequential<float> strange{ReLU{}, Sequential<float>{GELUTanh{}}};
  if (!has_onnx()) {
    EXPECT_NE(message(strange).find("libonnx-dev"), std::string::npos) << message(strange);
    return;
  }
  EXPECT_NE(message(strange).find("'1.0' is a GELUTanh"), std::string::npos) << message(strange);
  EXPECT_NE(message(Sequential<float>{[](const Tensor<float>& x) { return x; }}).find("a function"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace gradus::nn
