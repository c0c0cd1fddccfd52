#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

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
  KeepBest<float> keep{Module<float>(moons.model), {.file = folder.path() / "best.safetensors"}};
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
  EXPECT_NE(text.find("test "), std::string::npos) << text;
}

/// A metric that has these values, epoch by epoch (it is asked twice in each: for training and validation).
Metric<> scripted(std::vector<double> values, std::size_t first_epoch = 1) {
  auto asked = std::make_shared<std::size_t>(2 * (first_epoch - 1));
  return {"script", [values, asked](const auto&, const auto&) { return values.at((*asked)++ / 2); }};
}

/// A run of moons in which the second epoch is the best, watched by both callbacks.
struct Watched {
  Watched(std::size_t epochs, const std::filesystem::path& best, std::size_t first_epoch = 1)
      : batches(moons.batches()),
        trainer(moons.trainer(
            {.epochs = epochs,
             .metrics = {metric::accuracy(), scripted({0.5, 0.9, 0.6, 0.7, 0.8, 0.85, 0.1}, first_epoch)}})),
        keep(std::make_shared<KeepBest<float>>(
            Module<float>(moons.model),
            KeepBestOptions{.monitor = {.name = "validation_script"}, .file = best})) {
    trainer.add(std::make_shared<EarlyStopping>(
        EarlyStoppingOptions{.monitor = {.name = "validation_script"}, .patience = 4}));
    trainer.add(keep);
  }
  void fit() { trainer.fit(batches, moons.data(20, 9)); }

  Moons moons;
  DataLoader<> batches;
  Trainer<> trainer;
  std::shared_ptr<KeepBest<float>> keep;
};

/// Saves the run after each epoch.
struct SaveEach final : Callback {
  SaveEach(Trainer<>& saved, std::filesystem::path into) : trainer(saved), file(std::move(into)) {}
  void after_epoch(const EpochRecord&, TrainingControl&) override { trainer.save(file); }
  Trainer<>& trainer;
  std::filesystem::path file;
};

TEST(Callbacks, OfAResumedRunEndAsThoseOfAnUninterruptedOne) {
  const TempFolder folder;
  const auto run = folder.path() / "run.st", best = folder.path() / "best.st";
  Watched whole(7, folder.path() / "whole.st");
  whole.fit();
  EXPECT_EQ(whole.trainer.history().epochs.size(), 6u);
  EXPECT_EQ(whole.keep->best().best_epoch(), 2u);

  Watched first(3, best);
  first.trainer.add(std::make_shared<SaveEach>(first.trainer, run));
  first.fit();

  Watched second(7, best, 4);
  second.trainer.load(run);
  second.fit();
  EXPECT_EQ(second.trainer.stop_reason(), whole.trainer.stop_reason());
  EXPECT_EQ(second.trainer.history().values("train_loss"), whole.trainer.history().values("train_loss"));
  EXPECT_EQ(numbers_of(second.moons.model), numbers_of(whole.moons.model));
  Moons loaded{7};
  load_model(best, loaded.model);
  EXPECT_EQ(numbers_of(loaded.model), numbers_of(whole.moons.model)) << "a worse model has replaced the best";
}

TEST(KeepBest, SaysWhenTheBestModelIsNowhere) {
  const TempFolder folder;
  const auto run = folder.path() / "run.st", best = folder.path() / "best.st";
  Watched first(3, best);
  first.trainer.add(std::make_shared<SaveEach>(first.trainer, run));
  first.fit();
  std::filesystem::remove(best);
  for (const auto& file : {best, std::filesystem::path{}}) {
    Watched second(7, file, 4);
    second.trainer.load(run);
    EXPECT_THROW(second.fit(), ValueError);
    EXPECT_EQ(second.trainer.history().epochs.size(), 3u);
  }
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

}  // namespace
}  // namespace gradus::nn
