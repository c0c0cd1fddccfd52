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
void expect_same(const Module<T>& model, const Shape& input_shape) {
  const TempFolder folder;
  const auto file = folder.path() / "model.onnx";
  Shape batch{5};
  batch.insert(batch.end(), input_shape.begin(), input_shape.end());
  const Tensor<T> x = input<T>(batch);
  model(x);  // running statistics move
  export_onnx(file, model, input_shape);
  const std::vector<double> expected = run_onnx(file, x);
  model.eval();
  const Tensor<T> y = model(x);
  ASSERT_EQ(y.size(), expected.size());
  const double tolerance = sizeof(T) == 4 ? 2e-5 : 1e-6;  // attributes are floats
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y.data()[i], expected[i], tolerance) << i;
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

TEST(Onnx, EveryActivationGivesTheSameThere) {
  if (!can_check()) GTEST_SKIP() << "built without ONNX, or python3-onnx is not installed";
  expect_same(Module<double>(Sequential<double>{Sigmoid{}, Tanh{}, ReLU{}, Identity{}}), {30});
  for (const Module<double>& activation :
       {Module<double>(LeakyReLU{0.2}), Module<double>(ELU{0.5}), Module<double>(SELU{}),
        Module<double>(Softplus{}), Module<double>(Softsign{}), Module<double>(HardSigmoid{}),
        Module<double>(HardSwish{}), Module<double>(Softmax{0})}) {
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
  const Sequential<float> strange{ReLU{}, Sequential<float>{Mish{}}};
  if (!has_onnx()) {
    EXPECT_NE(message(strange).find("libonnx-dev"), std::string::npos) << message(strange);
    return;
  }
  EXPECT_NE(message(strange).find("'1.0' is a Mish"), std::string::npos) << message(strange);
  EXPECT_NE(message(Sequential<float>{[](const Tensor<float>& x) { return x; }}).find("a function"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace gradus::nn
