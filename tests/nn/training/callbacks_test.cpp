#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>
#include <gradus/tests/nn/temp_folder.hpp>
#include <gradus/tests/nn/training/moons.hpp>

namespace gradus::nn {
namespace {

using gradus::testing::TempFolder;

EpochRecord epoch_with(std::size_t epoch, double validation_loss) {
  return {.epoch = epoch, .validation_loss = validation_loss};
}

TEST(EarlyStopping, StopsAfterEpochsWithoutImprovement) {
  EarlyStopping stopping{{.monitor = {.min_delta = 0.1}, .patience = 2}};
  TrainingControl control;
  const double losses[]{1.0, 0.95, 0.8, std::nan(""), 0.75};
  for (std::size_t i = 0; i < 4; ++i) {
    stopping.after_epoch(epoch_with(i + 1, losses[i]), control);
    EXPECT_FALSE(control.stop_reason()) << i;
  }
  stopping.after_epoch(epoch_with(5, losses[4]), control);
  ASSERT_TRUE(control.stop_reason());
  EXPECT_NE(control.stop_reason()->find("0.8 in epoch 3"), std::string::npos) << *control.stop_reason();
  EXPECT_THROW(stopping.after_epoch({.epoch = 6}, control), ValueError) << "no validation loss";
}

TEST(KeepBest, PutsTheBestModelBackAndSavesIt) {
  const TempFolder folder;
  Moons moons;
  KeepBest<float> keep{Module<float>(moons.model),
                       {.file = folder.path() / "best.safetensors", .metadata = {{"run", "7"}}}};
  TrainingControl control;
  keep.begin({.epochs = 3, .quantities = {{"validation_loss"}}});
  std::vector<float> best;
  for (const auto& [epoch, loss] : {std::pair{1, 0.5}, {2, 0.25}, {3, 0.75}}) {
    moons.model.parameters()[0].set_value(xt::xarray<float>(xt::ones<float>({2, 16}) * epoch));
    if (epoch == 2) best = numbers_of(moons.model);
    keep.after_epoch(epoch_with(static_cast<std::size_t>(epoch), loss), control);
  }
  EXPECT_NE(numbers_of(moons.model), best);
  keep.end({});
  EXPECT_EQ(numbers_of(moons.model), best);
  EXPECT_EQ(read_safetensors(folder.path() / "best.safetensors").metadata.at("run"), "7");
  EXPECT_EQ(keep.best().best_epoch(), 2u);
  Moons loaded{7};
  load_model(folder.path() / "best.safetensors", loaded.model);
  EXPECT_EQ(numbers_of(loaded.model), best);
}

TEST(ShowProgress, WritesALineAnEpoch) {
  Moons moons;
  std::ostringstream out;
  DataLoader<> batches = moons.batches();
  Trainer<> trainer = moons.trainer({.epochs = 2, .metrics = {metric::accuracy()}});
  trainer.add(std::make_shared<ShowProgress>(out));
  trainer.fit(batches, moons.data(50, 9));
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_NE(text.find("epoch 2/2  loss "), std::string::npos) << text;
  EXPECT_NE(text.find("validation "), std::string::npos) << text;
}

TEST(KeepBest, KnowsWhichWayAMetricIsBetter) {
  Moons moons;
  DataLoader<> batches = moons.batches();
  Trainer<> trainer =
      moons.trainer({.epochs = 3, .metrics = {metric::accuracy(), scripted({0.2, 0.8, 0.5})}});
  const auto named = [&](std::optional<bool> larger) {
    auto keep = std::make_shared<KeepBest<float>>(
        Module<float>(moons.model),
        KeepBestOptions{.monitor = {.name = "validation_script", .larger_is_better = larger}});
    trainer.add(keep);
    return keep;
  };
  const auto as_metric = named({}), larger = named(true), smaller = named(false);
  trainer.fit(batches, moons.data(20, 9));
  EXPECT_EQ(as_metric->best().best_epoch(), 2u);
  EXPECT_EQ(larger->best().best_epoch(), 2u);
  EXPECT_EQ(smaller->best().best_epoch(), 1u);
}

TEST(Callbacks, RefuseToMonitorWhatThereWillNotBe) {
  Moons moons;
  DataLoader<> batches = moons.batches();
  for (const char* name : {"validation_recall", "accuracy", "validation_loss"}) {
    Trainer<> trainer = moons.trainer({.epochs = 1, .metrics = {metric::accuracy()}});
    trainer.add(std::make_shared<EarlyStopping>(EarlyStoppingOptions{.monitor = {.name = name}}));
    try {
      trainer.fit(batches);
      FAIL() << name;
    } catch (const ValueError& error) {
      EXPECT_NE(std::string(error.what()).find("train_loss, train_accuracy, lr"), std::string::npos)
          << error.what();
    }
    EXPECT_TRUE(trainer.history().epochs.empty());
    EXPECT_EQ(moons.optimizer.steps(), 0u);
  }
  for (double delta : {-0.1, std::nan("")})
    EXPECT_THROW((EarlyStopping{{.monitor = {.min_delta = delta}}}), ValueError);
}

/// Throws after the first step.
struct Throws final : Callback {
  using Callback::after_step;
  void after_step(const StepRecord&) override { throw std::runtime_error("stopped"); }
};

TEST(ShowProgress, EndsItsLineWhenSomethingIsThrown) {
  Moons moons;
  std::ostringstream out;
  Trainer<> trainer = moons.trainer({.epochs = 2, .metrics = {metric::accuracy()}});
  trainer.add(std::make_shared<ShowProgress>(out, true));
  trainer.add(Throws{});
  EXPECT_THROW(trainer.fit(moons.batches()), std::runtime_error);
  ASSERT_FALSE(out.str().empty());
  EXPECT_EQ(out.str().back(), '\n');
}

TEST(Callbacks, ThatAnErrorKeptFromAnEpochAreToldOfItLater) {
  struct FailsOnce final : Callback {
    void after_epoch(const EpochRecord& record, TrainingControl&) override {
      if (record.epoch == 2 && !std::exchange(has_failed, true)) throw std::runtime_error("no space");
    }
    bool has_failed = false;
  };
  Moons moons;
  DataLoader<> batches = moons.batches();
  Trainer<> trainer = moons.trainer({.epochs = 4, .metrics = {metric::accuracy(), scripted({1, 9, 3, 4})}});
  trainer.add(FailsOnce{});
  const auto keep = trainer.add(KeepBest{moons.model, {.monitor = {.name = "validation_script"}}});
  EXPECT_THROW(trainer.fit(batches, moons.data(20, 9)), std::runtime_error);
  EXPECT_EQ(keep->best().best_epoch(), 1u);
  EXPECT_EQ(trainer.fit(batches, moons.data(20, 9)).epochs.size(), 4u);
  EXPECT_EQ(keep->best().best_epoch(), 2u);
}

TEST(FallOnPlateau, LetsTheRateFallAndKnowsItsQuantity) {
  Moons moons;
  DataLoader<> batches = moons.batches();
  Trainer<> trainer =
      moons.trainer({.epochs = 5, .metrics = {metric::accuracy(), scripted({1, 2, 2, 2, 3})}});
  const auto fall = trainer.add(
      FallOnPlateau{moons.optimizer, "validation_script", {.factor = 0.5, .maximize = true, .patience = 1}});
  const History history = trainer.fit(batches, moons.data(20, 9));
  EXPECT_EQ(history.values("lr"), (std::vector<double>{0.02, 0.02, 0.02, 0.02, 0.01}));
  EXPECT_EQ(fall->plateau().best(), 3);
  trainer.add(FallOnPlateau{moons.optimizer, "script"});
  trainer.set_epochs(6);
  EXPECT_THROW(trainer.fit(batches, moons.data(20, 9)), ValueError);
}

TEST(AverageWeights, AreThoseOfEveryStep) {
  Moons moons, same;
  EMA by_hand{same.model.parameters(), {.decay = 0.9}};
  struct Update final : Callback {
    explicit Update(EMA<float>& updated) : ema(updated) {}
    using Callback::after_step;
    void after_step(const StepRecord&) override { ema.update(); }
    EMA<float>& ema;
  };
  Trainer<> trainer = moons.trainer({.epochs = 2}), other = same.trainer({.epochs = 2});
  const auto average = trainer.add(AverageWeights{moons.model.parameters(), {.decay = 0.9}});
  other.add(Update{by_hand});
  DataLoader<> batches = moons.batches();
  trainer.fit(batches);
  other.fit(same.batches());
  EXPECT_EQ(average->ema().values(), by_hand.values());
  average->ema().apply();
  by_hand.apply();
  EXPECT_EQ(numbers_of(moons.model), numbers_of(same.model));
  trainer.set_epochs(3);
  EXPECT_THROW(trainer.fit(batches), ValueError) << "the averages are applied";
  average->ema().restore();
  EXPECT_EQ(trainer.fit(batches).epochs.size(), 3u);
}

}  // namespace
}  // namespace gradus::nn

namespace {

using namespace gradus;

TEST(Trainer, TakesCallbacksAsTheReadmeWritesThem) {
  const gradus::testing::TempFolder folder;
  Rng rng{1};
  nn::Sequential model{nn::Linear{2, 8, rng}, nn::Tanh{}, nn::Linear{8, 2, rng}};
  nn::Adam optimizer{model.parameters()};
  nn::Trainer trainer{model,
                      optimizer,
                      [](const Tensor<float>& z, const auto& labels) { return nn::cross_entropy(z, labels); },
                      {.epochs = 2}};
  trainer.add(nn::EarlyStopping{});
  auto keep = trainer.add(nn::KeepBest{model, {.file = folder.path() / "best.safetensors"}});
  trainer.fit(nn::DataLoader{nn::generate_moons(40, 0.1, rng)}, nn::generate_moons(20, 0.1, rng));
  EXPECT_GE(keep->best().best_epoch(), 1u);
  EXPECT_NO_THROW(nn::load_model(folder.path() / "best.safetensors", model));
}

}  // namespace
