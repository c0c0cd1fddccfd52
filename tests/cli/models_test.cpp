#include <cmath>
#include <sstream>

#include "gradus.hpp"

#include <gradus/core/rng.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/modules.hpp>
#include <gradus/nn/training/classification.hpp>
#include <gradus/nn/training/trainer.hpp>

// Models that are no perceptrons of the program's own.

namespace gradus::testing {
namespace {

const char* const convolutions = R"({"type": "Sequential", "children": [
    {"name": "0", "type": "Unflatten", "attributes": {"shape": [1, 28, 28]}},
    {"name": "1", "type": "Conv2d", "attributes": {"in": 1, "out": 4, "kernel": 5, "stride": 3}},
    {"name": "2", "type": "ReLU"},
    {"name": "3", "type": "Flatten"},
    {"name": "4", "type": "Linear", "attributes": {"in": 256, "out": 10}}]})";

TEST(Models, ConvolutionsLearnDigitsThatLieAsRows) {
  const TempFolder here;
  write_text(here.path() / "conv.json", convolutions);
  const std::string out = gradus_fine(
      "train --data digits --rows 1500 --model conv.json --epochs 4 --lr 0.005 --quiet", here.path());
  EXPECT_GT(number_after(out, "accuracy"), 70) << out;
  const std::string again = gradus_fine("evaluate run/model.safetensors digits --rows 1500", here.path());
  EXPECT_EQ(number_after(again, "accuracy"), number_after(out, "accuracy"));
  EXPECT_TRUE(contains(gradus_fine("inspect run/model.safetensors", here.path()), "(2,4,8,8)"));
  gradus_fine("check conv.json --rows 1", here.path());
}

TEST(Models, AreCheckedByWhatIsWrongNotByAStencilThatIsTooCoarse) {
  const TempFolder here;
  gradus_fine("train --data moons --hidden 16 --activation tanh --epochs 3 --quiet", here.path());
  const std::string check = "check run/model.safetensors";
  EXPECT_TRUE(contains(gradus_fine(check, here.path()), "gradients agree"));
  for (const char* flags : {" --stencil forward --step 0.1", " --stencil five_point --step 1"}) {
    const std::string out = gradus_fine(check + flags, here.path());
    EXPECT_TRUE(contains(out, "no rule is wrong: largest relative error")) << out;
    EXPECT_TRUE(contains(out, "spoilt by truncation")) << out;
    EXPECT_FALSE(contains(out, "DIFFER")) << out;
  }
}

TEST(Models, AreNotSoundWhereAGradientIsNotANumber) {
  const TempFolder here;
  Rng rng{7};
  nn::Linear<float> layer{2, 2, rng};
  layer.weight().set_value(xt::xarray<float>{{1, 2}, {3, std::nanf("")}});
  nn::save_model(here.path() / "model.safetensors", nn::Sequential<float>{layer});
  const Outcome run = gradus("check model.safetensors", here.path());
  EXPECT_EQ(run.status, 1) << run.err;
  EXPECT_TRUE(contains(run.out, "gradients DIFFER") && contains(run.out, "NaN")) << run.out << run.err;
}

/// A program of somebody's own saves a model that takes images.
nn::Module<float> saved_images(const std::filesystem::path& file) {
  Rng rng{7};
  const nn::Module<float> model =
      nn::Sequential<float>{nn::Conv2d<float>{1, 2, 3, rng}, nn::Flatten{}, nn::Linear<float>{18, 3, rng}};
  nn::save_model(file, model);
  return model;
}

xt::xarray<float> random_images(std::size_t count) {
  Rng rng{2};
  xt::xarray<float> images =
      xt::xarray<float>::from_shape({count, std::size_t{1}, std::size_t{5}, std::size_t{5}});
  for (float& each : images) each = static_cast<float>(rng.normal());
  return images;
}

TEST(Models, ThoseThatTakeImagesAreGivenImages) {
  const TempFolder here;
  const nn::Module<float> model = saved_images(here.path() / "conv.safetensors");
  const xt::xarray<float> images = random_images(20);
  nn::write_npy(here.path() / "x.npy", images);
  const auto rows = lines(gradus_fine("predict conv.safetensors x.npy", here.path()));
  ASSERT_EQ(rows.size(), 21u);
  const auto classes = nn::predict_classes(nn::predict(model, images));
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_TRUE(rows[i + 1].starts_with(std::to_string(classes(i)) + ",")) << rows[i + 1];
}

TEST(Models, ThoseThatTakeImagesLearnFromImages) {
  const TempFolder here;
  write_text(here.path() / "conv.json", R"({"type": "Sequential", "children": [
    {"name": "0", "type": "Conv2d", "attributes": {"in": 1, "out": 2, "kernel": 3}},
    {"name": "1", "type": "Flatten"},
    {"name": "2", "type": "Linear", "attributes": {"in": 18, "out": 2}}]})");
  const xt::xarray<float> images = random_images(60);
  xt::xarray<std::int64_t> labels = xt::xarray<std::int64_t>::from_shape({std::size_t{60}});
  for (std::size_t i = 0; i < 60; ++i) labels(i) = images(i, 0, 2, 2) > 0;
  nn::write_npy(here.path() / "x.npy", images);
  nn::write_npy(here.path() / "y.npy", labels);
  gradus_fine("train --data x.npy --targets y.npy --model conv.json --epochs 40 --lr 0.02 --batch 16 --quiet",
              here.path());
  const std::string out = gradus_fine("evaluate run/model.safetensors x.npy --targets y.npy", here.path());
  EXPECT_GT(number_after(out, "accuracy"), 85) << out;
  EXPECT_TRUE(contains(gradus_fine("inspect run/model.safetensors", here.path()), "(2,2,3,3)"));
}

TEST(Models, ThoseThatTakeVectorsAreGivenVectors) {
  const TempFolder here;
  Rng rng{7};
  nn::save_model(here.path() / "mlp.safetensors", nn::MLP<float>{{25, 4, 3}, nn::Activation::relu, rng});
  nn::write_npy(here.path() / "x.npy", random_images(20));
  EXPECT_EQ(lines(gradus_fine("predict mlp.safetensors x.npy", here.path())).size(), 21u);
}

TEST(Models, AreInspectedThoughTheirInputsAreNotKnown) {
  const TempFolder here;
  saved_images(here.path() / "conv.safetensors");
  const std::string out = gradus_fine("inspect conv.safetensors", here.path());
  for (const char* part : {"--input", "1,28,28", "0.weight", "(2,1,3,3)"})
    EXPECT_TRUE(contains(out, part)) << part << out;
  EXPECT_TRUE(contains(gradus_fine("inspect conv.safetensors --input 1,5,5", here.path()), "(2,2,3,3)"));
  const Outcome drawn = gradus("inspect conv.safetensors --dot a.dot", here.path());
  EXPECT_EQ(drawn.status, 1);
  EXPECT_TRUE(contains(drawn.err, "--input")) << drawn.err;
  gradus_fine("check conv.safetensors --input 1,5,5", here.path());
}

TEST(Models, PlacesThatCannotBeWrittenAreFoundBeforeTheTraining) {
  const TempFolder here;
  std::filesystem::create_directory(here.path() / "folder");
  for (const char* flag : {"--model-out", "--history", "--report"}) {
    const Outcome run = gradus(
        std::string("train --data moons --rows 60 --hidden 3 --epochs 1 ") + flag + " folder", here.path());
    EXPECT_EQ(run.status, 1) << flag;
    EXPECT_TRUE(contains(run.err, "'folder' is a folder")) << run.err;
    EXPECT_FALSE(contains(run.out, "epoch")) << flag << run.out;
  }
}

}  // namespace
}  // namespace gradus::testing
