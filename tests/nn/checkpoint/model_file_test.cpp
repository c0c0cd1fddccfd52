#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint.hpp>
#include <gradus/nn/modules.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

Sequential<float> network(std::uint64_t seed, std::size_t hidden = 5) {
  Rng rng{seed};
  return Sequential{Linear{4, hidden, rng}, BatchNorm1d<float>{hidden}, ReLU{}, Dropout{0.5, rng},
                    Linear{hidden, 3, rng}};
}

Tensor<float> input() {
  Rng rng{99};
  xt::xarray<float> x = xt::xarray<float>::from_shape({6, 4});
  for (float& value : x) value = static_cast<float>(rng.normal());
  return x;
}

/// All that a file of the model holds.
template <class M>
std::vector<xt::xarray<float>> numbers_of(const M& model) {
  std::vector<xt::xarray<float>> all;
  for (const auto& [name, tensor] : model.named_parameters()) all.push_back(tensor.value());
  for (const auto& [name, buffer] : model.named_buffers()) all.push_back(buffer.value());
  return all;
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const DataError& error) {
    return error.what();
  }
  return "no DataError";
}

TEST(ModelFile, ParametersAndBuffersComeBack) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  const auto saved = network(1), loaded = network(2);
  saved(input());  // the running statistics move
  save_model(file, saved);
  EXPECT_NE(numbers_of(saved), numbers_of(loaded));
  load_model(file, loaded);
  EXPECT_EQ(numbers_of(saved), numbers_of(loaded));
  saved.eval();
  loaded.eval();
  EXPECT_EQ(saved(input()).value(), loaded(input()).value());
}

TEST(ModelFile, ADescribedModelIsMadeFromItsFileAlone) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  const auto saved = network(1);
  saved(input());
  save_model(file, saved, {}, {{"author", "somebody"}});
  const Module<float> made = read_model<float>(file);
  EXPECT_EQ(numbers_of(saved), numbers_of(made));
  saved.eval();
  made.eval();
  EXPECT_EQ(saved(input()).value(), made(input()).value());
  EXPECT_EQ(read_safetensors(file).metadata.at("author"), "somebody");
  EXPECT_EQ(describe_model(made), describe_model(saved));
}

TEST(ModelFile, AModelWithAFunctionIsLoadedWhereThereIsOne) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  Rng rng{1};
  const auto make = [&] {
    return Sequential{Linear{2, 2, rng}, [](const Tensor<float>& x) { return x * 2; }};
  };
  const auto saved = make(), loaded = make();
  save_model(file, saved);
  load_model(file, loaded);
  EXPECT_EQ(numbers_of(saved), numbers_of(loaded));
  EXPECT_NE(error_of([&] { read_model<float>(file); }).find("does not say"), std::string::npos);
}

TEST(ModelFile, SaysAllThatDoesNotFitAtOnceAndChangesNothing) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  save_model(file, network(1));
  Safetensors contents = read_safetensors(file);
  contents.tensors.erase("0.bias");
  contents.tensors["1.running_mean"] = xt::xarray<float>{1, 2};
  contents.tensors["4.weight"] = xt::xarray<double>(xt::zeros<double>({5, 3}));
  contents.tensors["5.weight"] = xt::xarray<float>{1};
  write_safetensors(file, contents);
  const auto model = network(2);
  const auto before = numbers_of(model);
  EXPECT_EQ(error_of([&] { load_model(file, model); }),
            "[load_model] " + file.string() +
                ": does not fit:\n  '0.bias' (5) is missing\n  '4.weight' is of float64: expected float32\n"
                "  '1.running_mean' has shape (2): expected (5)\n  '5.weight' (1) is unexpected");
  EXPECT_EQ(numbers_of(model), before);
}

TEST(ModelFile, OtherDtypesAreReadWhenAskedFor) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  Rng rng{1};
  const Linear<double> saved{2, 3, rng};
  const Linear<float> loaded{2, 3, rng};
  save_model(file, saved);
  EXPECT_THROW(load_model(file, loaded), DataError);
  load_model(file, loaded, {.cast = true});
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(loaded.weight().data()[i], static_cast<float>(saved.weight().data()[i]));
}

TEST(ModelFile, ASharedModuleStandsThereOnce) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  Rng rng{1};
  const Linear<float> shared{3, 3, rng};
  save_model(file, Sequential{shared, ReLU{}, shared});
  EXPECT_EQ(read_safetensors(file).tensors.size(), 2u);
}

TEST(ModelFile, AModelThatUsesAModuleTwiceIsMadeAgain) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  Rng rng{1};
  const Linear<float> shared{4, 4, rng};
  const BatchNorm1d<float> norm{4};
  const Dropout drop{0.5, rng};
  const Sequential<float> block{shared, ReLU{}}, saved{block, norm, drop, block, norm, drop};
  saved(input());
  save_model(file, saved);
  const Module<float> made = read_model<float>(file), like = make_like(Module<float>(saved), rng);
  EXPECT_EQ(numbers_of(saved), numbers_of(made));
  EXPECT_EQ(made.named_states().size(), 2u);
  EXPECT_EQ(describe_model(made), describe_model(saved));
  EXPECT_EQ(describe_model(like), describe_model(saved));
  saved.eval();
  made.eval();
  EXPECT_EQ(saved(input()).value(), made(input()).value());
}

TEST(ModelFile, ADescriptionOfMoreNumbersThanTheFileHasIsNotMade) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  for (const std::string module :
       {R"("Linear","attributes":{"in":1e9,"out":1e9})", R"("Linear","attributes":{"in":60000,"out":60000})",
        R"("Embedding","attributes":{"items":1e9,"features":1e9})", R"("PReLU","attributes":{"slopes":1e10})",
        R"("Conv2d","attributes":{"in":1000,"out":1000,"kernel":[1000,1000]})",
        R"("BatchNorm1d","attributes":{"features":1e10})", R"("RMSNorm","attributes":{"features":1e10})",
        R"("LayerNorm","attributes":{"shape":[100000,100000]})",
        R"("MLP","attributes":{"widths":[100000,100000],"hidden":"relu"})"}) {
    write_safetensors(
        file,
        {{{"0.weight", xt::xarray<float>{1}}},
         {{"gradus.model", R"({"type":"Sequential","children":[{"name":"0","type":)" + module + "}]}"}}});
    EXPECT_NE(error_of([&] { read_model<float>(file); }).find("more than the 1 numbers"), std::string::npos)
        << module;
  }
}

TEST(ModelFile, NamesThatMeetInTheFileAreAnError) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  EXPECT_THROW(save_model(file, network(1), {.rename = [](const std::string&) { return "x"; }}), ValueError);
  EXPECT_THROW(save_model(file, network(1), {.rename = [](const std::string& n) { return "training/" + n; }}),
               ValueError);
  EXPECT_FALSE(fs::exists(file));
}

TEST(ModelFile, EveryTruncationAndFlippedByteIsAnErrorOrAWholeModel) {
  const TempFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  Rng rng{1};
  const Sequential<float> model{Linear{2, 1, rng}, Sigmoid{}}, target{Linear{2, 1, rng}, Sigmoid{}};
  save_model(file, model);
  std::ifstream in(file, std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  const auto attempt = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
    const auto before = numbers_of(target);
    const auto unchanged_by = [&](const auto& f) {
      try {
        f();
        return false;
      } catch (const DataError&) {
        return numbers_of(target) == before;
      }
    };
    const bool loaded = !unchanged_by([&] { load_model(file, target); });
    unchanged_by([&] { read_model<float>(file); });  // a DataError or a model
    return loaded;
  };
  for (std::size_t size = 0; size < good.size(); size += 3)
    EXPECT_FALSE(attempt(good.substr(0, size))) << size;
  const std::size_t data = good.size() - 12;
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
    const bool loaded = attempt(bad);
    EXPECT_TRUE(at < data || loaded) << at;
  }
}

TEST(Describe, SaysTypesAttributesAndChildren) {
  Rng rng{1};
  EXPECT_EQ(describe_model(Sequential{Linear{2, 3, rng}, LeakyReLU{0.2}}),
            R"({"type":"Sequential","children":[{"name":"0","type":"Linear","attributes":)"
            R"({"bias":true,"in":2,"out":3}},{"name":"1","type":"LeakyReLU","attributes":{"slope":0.2}}]})");
}

TEST(Describe, EveryModelIsMadeAgain) {
  Rng rng{1};
  const std::vector<Module<float>> models{
      MLP<float>{{4, 3, 2}, Activation::tanh, rng, {.bias = false}},
      Sequential<float>{{"a", Linear{4, 2, rng}}, {"b", Sequential{ReLU{}, Softmax{}}}},
      Sequential{Flatten{}, Linear{4, 4, rng, {.bias = false}}, LayerNorm<float>{Shape{4}},
                 Residual<float>{GELU{}}},
      Embedding<float>{7, 3, rng},
  };
  for (const Module<float>& model : models) {
    const std::string description = describe_model(model);
    const Module<float> made = build_model<float>(description, rng);
    EXPECT_EQ(describe_model(made), description);
    const auto old = model.named_parameters(), fresh = made.named_parameters();
    ASSERT_EQ(old.size(), fresh.size());
    for (std::size_t i = 0; i < old.size(); ++i) {
      EXPECT_EQ(old[i].name, fresh[i].name);
      EXPECT_EQ(old[i].tensor.shape(), fresh[i].tensor.shape());
    }
  }
}

TEST(Describe, WritesNoMoreModulesInModulesThanItReads) {
  const TempFolder folder;
  Rng rng{1};
  Module<float> model = ReLU{};
  for (int i = 0; i < 100; ++i) model = Sequential<float>{{"0", model}};
  EXPECT_EQ(describe_model(build_model<float>(describe_model(model), rng)), describe_model(model));
  model = Sequential<float>{{"0", model}};
  EXPECT_THROW(describe_model(model), ValueError);
  EXPECT_THROW(save_model(folder.path() / "model.safetensors", model), ValueError);
}

TEST(Describe, AModuleMayBeSaidToStandElsewhereToo) {
  Rng rng{1};
  const auto model = [](const std::string& second) {
    return R"({"type":"Sequential","children":[{"name":"0","type":"Linear","attributes":{"bias":true,"in":2,"out":2}},)" +
           second + "]}";
  };
  EXPECT_EQ(build_model<float>(model(R"({"name":"1","same_as":"0"})"), rng).named_parameters().size(), 2u);
  for (const char* const second :
       {R"({"name":"1","same_as":"1"})", R"({"name":"1","same_as":""})", R"({"name":"1","same_as":0})",
        R"({"name":"1","same_as":"0","type":"ReLU"})"})
    EXPECT_THROW(build_model<float>(model(second), rng), DataError) << second;
  EXPECT_THROW(build_model<float>(R"({"same_as":""})", rng), DataError);
}

TEST(Describe, SaysWhichModuleHasNoType) {
  Rng rng{1};
  const Sequential<float> model{ReLU{}, Sequential<float>{[](const Tensor<float>& x) { return x; }}};
  try {
    describe_model(model);
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("'1.0' has no type"), std::string::npos) << error.what();
  }
}

TEST(Describe, RejectsTextsThatAreNone) {
  Rng rng{1};
  std::string deep = R"({"type":"ReLU"})";
  for (int i = 0; i < 200; ++i)
    deep = R"({"type":"Sequential","children":[{"name":"0",)" + deep.substr(1) + "]}";
  for (const std::string& bad :
       {std::string(), std::string("{"), std::string("[]"), std::string("{}"), std::string(R"({"type":1})"),
        std::string(R"({"type":"ReLU","more":1})"), std::string(R"({"type":"ReLU","attributes":[]})"),
        std::string(R"({"type":"Sequential","children":{}})"),
        std::string(R"({"type":"Sequential","children":[{"type":"ReLU"}]})"),
        std::string(R"({"type":"ELU","attributes":{"alpha":null}})"), deep,
        R"({"type":"ELU","attributes":{"alpha":)" + std::string(200'000, '[') + std::string(200'000, ']') +
            "}}"})
    EXPECT_THROW(build_model<float>(bad, rng), DataError) << bad.substr(0, 100);
  EXPECT_THROW(build_model<float>(R"({"type":"Nothing"})", rng), ValueError);
}

}  // namespace
}  // namespace gradus::nn
