#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/nn/checkpoint.hpp>
#include <gradus/nn/losses.hpp>
#include <gradus/nn/modules.hpp>
#include <gradus/nn/optimizers.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

Dataset<std::int64_t> data() {
  Rng rng{5};
  Dataset<std::int64_t> set{xt::xarray<float>::from_shape({23, 4}),
                            xt::xarray<std::int64_t>::from_shape({23})};
  for (float& x : set.inputs) x = static_cast<float>(rng.normal());
  for (std::int64_t& label : set.targets) label = static_cast<std::int64_t>(rng.below(3));
  return set;
}

using MakeOptimizer = std::function<std::unique_ptr<Optimizer<float>>(std::vector<Tensor<float>>)>;

/// A training with everything that has a state: dropout, batch normalisation, an optimizer with a rate that
/// falls on a plateau, averages, shuffling, and noise from a generator of the caller's.
struct Training {
  explicit Training(const MakeOptimizer& make)
      : model{Linear{4, 8, init}, BatchNorm1d<float>{8}, ReLU{}, Dropout{0.3, init}, Linear{8, 3, init}},
        optimizer(make(model.parameters())),
        ema(model.parameters(), {.decay = 0.9, .warm_up = true}) {
    run = {.model = model,
           .states = {{"optimizer", optimizer.get()}, {"ema", &ema}, {"plateau", &plateau}},
           .position = &position,
           .rngs = {{"noise", &noise}},
           .numbers = {{"last_loss", &last_loss}}};
  }

  /// Goes on from `position`.
  void train(std::size_t steps) {
    loader.seek(position);
    while (steps > 0) {
      for (auto batch = loader.begin(); batch != loader.end() && steps > 0; ++batch, --steps) {
        position = batch.position();
        step(*batch);
      }
    }
  }

  void step(const Batch<>& batch) {
    const xt::xarray<float> jitter = batch.inputs + static_cast<float>(noise.normal(0, 0.01));
    last_loss = optimizer->step([&] {
      optimizer->zero_grad();
      const Tensor<float> loss = cross_entropy(model(jitter), batch.targets);
      loss.backward();
      return loss;
    });
    ema.update();
    optimizer->set_lr(plateau.observe(last_loss));
  }

  std::vector<xt::xarray<float>> numbers() const {
    std::vector<xt::xarray<float>> all;
    for (const auto& [name, tensor] : model.named_parameters()) all.push_back(tensor.value());
    for (const auto& [name, buffer] : model.named_buffers()) all.push_back(buffer.value());
    for (const auto& average : ema.values()) all.push_back(average);
    return all;
  }

  Rng init{3}, noise{4};
  Sequential<float> model;
  std::unique_ptr<Optimizer<float>> optimizer;
  EMA<float> ema;
  ReduceOnPlateau plateau{0.05, {.factor = 0.5, .patience = 2}};
  DataLoader<> loader{data(), {.batch_size = 5, .shuffle = true, .seed = 11}};
  LoaderPosition position;
  double last_loss = 0;
  TrainingRun<float> run{.model = ReLU{}};
};

template <class O>
std::unique_ptr<Optimizer<float>> make(std::vector<Tensor<float>> parameters) {
  const std::vector<Tensor<float>> head{parameters.back()};
  parameters.pop_back();
  auto opt = std::make_unique<O>(std::move(parameters));
  if constexpr (requires { opt->options(0); }) opt->add_group(head, [](auto& o) { o.lr *= 2; });
  return opt;
}

const std::map<std::string, MakeOptimizer> optimizers{
    {"SGD",
     [](auto p) { return std::make_unique<SGD<float>>(p, SGDOptions{.momentum = 0.9, .dampening = 0.1}); }},
    {"AdaGrad", make<AdaGrad<float>>},
    {"RMSProp", make<RMSProp<float>>},
    {"Adadelta", make<Adadelta<float>>},
    {"Adam", make<Adam<float>>},
    {"AMSGrad", [](auto p) { return std::make_unique<Adam<float>>(p, AdamOptions{.amsgrad = true}); }},
    {"AdamW", make<AdamW<float>>},
    {"NAdam", make<NAdam<float>>},
    {"Lion", make<Lion<float>>},
    {"LBFGS", [](auto p) { return std::make_unique<LBFGS<float>>(p, LBFGSOptions{.max_iter = 3}); }},
};

TEST(TrainingFile, ARunThatWasInterruptedGoesOnBitForBit) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.safetensors";
  for (const auto& [name, make_optimizer] : optimizers) {
    SCOPED_TRACE(name);
    for (const std::size_t half : {7u, 10u}) {  // in the midst of a pass of 5 batches, and at the end of one
      Training whole(make_optimizer), first(make_optimizer), second(make_optimizer);
      whole.train(half);
      whole.train(half);
      first.train(half);
      save_training(file, first.run);
      load_training(file, second.run);
      EXPECT_EQ(second.numbers(), first.numbers());
      EXPECT_EQ(second.last_loss, first.last_loss);
      second.train(half);
      EXPECT_EQ(second.numbers(), whole.numbers());
      EXPECT_EQ(second.last_loss, whole.last_loss);
      EXPECT_EQ(second.optimizer->lr(), whole.optimizer->lr());
      EXPECT_EQ(second.optimizer->steps(), whole.optimizer->steps());
      EXPECT_TRUE(second.noise == whole.noise);
      EXPECT_EQ(second.position, whole.position);
    }
  }
}

TEST(TrainingFile, IsAModelFileToo) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.safetensors";
  Training training(optimizers.at("Adam"));
  training.train(3);
  save_training(file, training.run, {{"note", "x"}});
  const Module<float> made = read_model<float>(file);
  made.eval();
  training.model.eval();
  const Tensor<float> x = data().inputs;
  EXPECT_EQ(made(x).value(), training.model(x).value());
  EXPECT_EQ(read_safetensors(file).metadata.at("note"), "x");
}

TEST(TrainingFile, MetadataUnderTheKeysOfFilesIsAnError) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.safetensors";
  const TrainingRun<float> run{.model = ReLU{}};
  for (const char* const key : {"gradus.model", "gradus.layout", "gradus.state.optimizer", "gradus.state."}) {
    EXPECT_THROW(save_training(file, run, {{key, "mine"}}), ValueError) << key;
    EXPECT_THROW(save_model(file, run.model, {}, {{key, "mine"}}), ValueError) << key;
  }
  EXPECT_FALSE(fs::exists(file));
  save_training(file, run, {{"gradus.other", "mine"}});
  EXPECT_EQ(read_safetensors(file).metadata.at("gradus.other"), "mine");
}

TEST(TrainingFile, ModulesComeBackInTrainingOrEvaluation) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.safetensors";
  Training first(optimizers.at("SGD")), second(optimizers.at("SGD"));
  first.model.eval();
  save_training(file, first.run);
  load_training(file, second.run);
  for (const auto& each : second.model.named_states()) EXPECT_FALSE(each.state->training) << each.name;
}

TEST(TrainingFile, SaysAllThatDoesNotFitAtOnceAndChangesNothing) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.safetensors";
  Training good(optimizers.at("Adam"));
  good.train(3);
  save_training(file, good.run);
  Safetensors contents = read_safetensors(file);
  contents.tensors.erase("0.bias");
  contents.tensors.erase("training/states/optimizer/arrays/1.m");
  contents.tensors["training/states/ema/arrays/0"] = xt::xarray<float>{1};
  contents.tensors["training/rngs/noise"] = xt::xarray<std::uint64_t>{1};
  contents.tensors["training/states/plateau/numbers/lr"] = xt::xarray<double>(-1.0);
  contents.tensors["training/position/batch"] = xt::xarray<double>(0.5);
  contents.tensors["training/numbers/more"] = xt::xarray<double>(1.0);
  contents.tensors["training/more"] = xt::xarray<double>(1.0);
  contents.tensors.erase("training/modules/training/3.state");
  contents.tensors.erase("training/modules/rngs/3.state");
  write_safetensors(file, contents);

  Training other(optimizers.at("Adam"));
  const auto before = other.numbers();
  const auto rng_before = other.noise;
  try {
    load_training(file, other.run);
    FAIL() << "no error";
  } catch (const DataError& error) {
    const std::string message = error.what();
    for (const char* part : {"0.bias", "1.m", "ema: 0 has shape", "training/rngs/noise", "plateau",
                             "no count", "numbers/more", "training/more", "training/3.state", "rngs/3.state"})
      EXPECT_NE(message.find(part), std::string::npos) << part << " in\n" << message;
  }
  EXPECT_EQ(other.numbers(), before);
  EXPECT_TRUE(other.noise == rng_before);
  EXPECT_EQ(other.optimizer->steps(), 0u);
  EXPECT_EQ(other.plateau.lr(), 0.05);
  EXPECT_EQ(other.position, LoaderPosition{});
}

TEST(TrainingFile, OfAnotherOptimizerIsAnError) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.safetensors";
  Training adam(optimizers.at("Adam")), sgd(optimizers.at("SGD"));
  save_training(file, adam.run);
  EXPECT_THROW(load_training(file, sgd.run), DataError);
  sgd.run.states.erase("optimizer");
  try {
    load_training(file, sgd.run);
    FAIL() << "there is one more than wanted";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what())
                  .find("it has the states of ema, optimizer, plateau: expected those of ema, plateau"),
              std::string::npos)
        << error.what();
  }
  save_model(file, adam.model);
  EXPECT_THROW(load_training(file, adam.run), DataError) << "a model alone";
}

TEST(TrainingFile, WhileAveragesAreAppliedIsAnError) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.safetensors";
  Training training(optimizers.at("Adam"));
  training.ema.apply();
  EXPECT_THROW(save_training(file, training.run), ValueError);
  EXPECT_FALSE(fs::exists(file));
}

}  // namespace
}  // namespace gradus::nn
