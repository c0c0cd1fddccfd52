#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>
#include <gradus/tests/nn/temp_folder.hpp>
#include <gradus/tests/nn/training/moons.hpp>

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;
using gradus::testing::TempFolder;

/// Saves the run after each epoch.
struct SaveEach final : Callback {
  SaveEach(Trainer<>& saved, fs::path into) : trainer(saved), file(std::move(into)) {}
  void after_epoch(const EpochRecord&, TrainingControl&) override { trainer.save(file); }
  Trainer<>& trainer;
  fs::path file;
};

/// A callback of a user's own: counts the labels of what was learnt, and remembers the steps.
struct CountSteps final : Callback {
  using Callback::after_step;
  void after_step(const StepRecord& record) override {
    counts(record.rows % 2) += 1;
    losses += record.loss;
  }
  std::string owner() const override { return "CountSteps"; }
  State state() const override {
    return {.owner = owner(), .arrays = {{"counts", counts}}, .numbers = {{"losses", losses}}};
  }
  void put_state(const State& state) override {
    counts = std::get<xt::xarray<std::int64_t>>(state.arrays.at("counts"));
    losses = state.number("losses");
  }
  xt::xarray<std::int64_t> counts = xt::zeros<std::int64_t>({2});
  double losses = 0;
};

/// A run of moons with every callback that has a state. The script's second epoch is the best, and early
/// stopping ends the run after the sixth of seven.
struct Watched {
  explicit Watched(std::size_t epochs, bool on_plateau = true, std::size_t first_epoch = 1)
      : batches(moons.batches()),
        trainer(moons.trainer(
            {.epochs = epochs,
             .metrics = {metric::accuracy(), scripted({0.5, 0.9, 0.6, 0.7, 0.8, 0.85, 0.1}, first_epoch)}})) {
    average = trainer.add(AverageWeights{moons.model.parameters(), {.decay = 0.9}});
    if (on_plateau)
      trainer.add(FallOnPlateau{
          moons.optimizer, "validation_script", {.factor = 0.5, .maximize = true, .patience = 1}});
    else
      moons.optimizer.set_schedule(schedule::cosine(0.02, 49));
    trainer.add(EarlyStopping{{.monitor = {.name = "validation_script"}, .patience = 4}});
    keep = trainer.add(KeepBest{moons.model, {.monitor = {.name = "validation_script"}}});
    steps = trainer.add(CountSteps{});
    trainer.add(KeepBest{moons.model, {.monitor = {.name = "validation_script"}, .restore = false}});
  }
  void save_to(const fs::path& file) { trainer.add(SaveEach{trainer, file}); }
  History fit() {
    History history = trainer.fit(batches, moons.data(20, 9));
    for (EpochRecord& each : history.epochs) each.seconds = 0;
    return history;
  }

  Moons moons;
  DataLoader<> batches;
  Trainer<> trainer;
  std::shared_ptr<AverageWeights<float>> average;
  std::shared_ptr<KeepBest<float>> keep;
  std::shared_ptr<CountSteps> steps;
};

void expect_same(const Watched& a, const Watched& b) {
  EXPECT_EQ(numbers_of(a.moons.model), numbers_of(b.moons.model));
  EXPECT_TRUE(a.moons.optimizer.state() == b.moons.optimizer.state());
  EXPECT_EQ(a.average->ema().values(), b.average->ema().values());
  EXPECT_EQ(a.average->ema().updates(), b.average->ema().updates());
  EXPECT_TRUE(a.keep->state() == b.keep->state());
  EXPECT_TRUE(a.steps->state() == b.steps->state());
  EXPECT_EQ(a.trainer.stop_reason(), b.trainer.stop_reason());
}

TEST(Resume, WhereverItIsInterruptedARunWithCallbacksGivesTheSameBits) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.st";
  for (const bool on_plateau : {true, false}) {
    Watched whole(7, on_plateau);
    const History history = whole.fit();
    ASSERT_EQ(history.epochs.size(), 6u);
    ASSERT_TRUE(whole.trainer.stop_reason());
    for (std::size_t half = 1; half <= 6; ++half) {
      SCOPED_TRACE(half);
      Watched first(half, on_plateau), second(7, on_plateau, half + 1);
      first.save_to(file);
      first.fit();
      second.trainer.load(file);
      EXPECT_EQ(second.fit(), history);
      expect_same(second, whole);
    }
  }
}

TEST(Resume, ARunThatHasStoppedEarlyStaysStopped) {
  const TempFolder folder;
  Watched first(7), second(7, true, 7);
  first.save_to(folder.path() / "run.st");
  const History history = first.fit();
  EXPECT_EQ(first.fit(), history) << "the same run, told to go on";
  second.trainer.load(folder.path() / "run.st");
  EXPECT_EQ(second.fit(), history);
  EXPECT_EQ(second.trainer.stop_reason(), first.trainer.stop_reason());
}

using Callbacks = std::vector<std::shared_ptr<Callback>>;

/// The message of the error with which a file of a run with `saved` is refused by one with `loaded`.
std::string refusal(const Callbacks& saved, const Callbacks& loaded,
                    const std::function<void(Safetensors&)>& spoil = nullptr) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.st";
  Moons first, second{99};
  Trainer<> from = first.trainer({.epochs = 1}), to = second.trainer({.epochs = 2});
  for (const auto& each : saved) from.add(each);
  from.fit(first.batches(), first.data(20, 9));
  from.save(file);
  if (spoil) {
    Safetensors contents = read_safetensors(file);
    spoil(contents);
    write_safetensors(file, contents);
  }
  for (const auto& each : loaded) to.add(each);
  const std::vector<float> before = numbers_of(second.model);
  std::vector<State> states;
  for (const auto& each : loaded) states.push_back(each->state());
  std::string message = "it was loaded";
  try {
    to.load(file);
  } catch (const DataError& error) {
    message = error.what();
    EXPECT_EQ(numbers_of(second.model), before);
    EXPECT_TRUE(to.history().epochs.empty());
    for (std::size_t i = 0; i < loaded.size(); ++i) EXPECT_TRUE(loaded[i]->state() == states[i]) << i;
  }
  return message;
}

std::shared_ptr<Callback> stopping(const char* name) {
  return std::make_shared<EarlyStopping>(EarlyStoppingOptions{.monitor = {.name = name}});
}

TEST(Resume, AFileThatWasSavedWithOtherCallbacksIsAnError) {
  const char *by_validation = "validation_loss", *by_training = "train_loss";
  EXPECT_EQ(refusal({stopping(by_validation)}, {stopping(by_validation)}), "it was loaded");
  const auto expect = [](const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect(refusal({stopping(by_validation)}, {}),
         "it has the states of EarlyStopping(validation_loss), optimizer: expected those of optimizer");
  expect(refusal({}, {stopping(by_validation)}),
         "it has the states of optimizer: expected those of EarlyStopping(validation_loss), optimizer");
  expect(refusal({stopping(by_validation)}, {stopping(by_training)}),
         "expected those of EarlyStopping(train_loss), optimizer");
  expect(refusal({stopping(by_training), stopping(by_training)}, {stopping(by_training)}),
         "it has the states of EarlyStopping(train_loss), EarlyStopping(train_loss) 2, optimizer");
}

TEST(Resume, StatesThatCannotBeAreErrorsAndChangeNothing) {
  const std::string place = "training/states/EarlyStopping(train_loss)/numbers/";
  for (const auto& [name, value] : {std::pair{"waited", -1.0},
                                    {"waited", 0.5},
                                    {"best_epoch", -3.0},
                                    {"best", std::numeric_limits<double>::quiet_NaN()},
                                    {"more", 1.0}}) {
    const std::string message =
        refusal({stopping("train_loss")}, {stopping("train_loss")},
                [&](Safetensors& contents) { contents.tensors[place + name] = xt::xarray<double>(value); });
    EXPECT_NE(message.find("EarlyStopping(train_loss): " + std::string(name)), std::string::npos) << message;
  }
  const auto steps = std::make_shared<CountSteps>();
  const std::string message = refusal({steps}, {std::make_shared<CountSteps>()}, [](Safetensors& contents) {
    contents.tensors["training/states/CountSteps/arrays/counts"] = xt::xarray<float>{1, 2};
  });
  EXPECT_NE(message.find("CountSteps: counts is of float32: expected int64"), std::string::npos) << message;
}

TEST(Resume, ABestModelOfAnotherShapeIsAnError) {
  Moons one, other;
  const KeepBestOptions options{.monitor = {.name = "train_loss"}};
  KeepBest<float> keep{Module<float>(one.model), options};
  keep.begin({.epochs = 1, .quantities = {{"train_loss"}}});
  TrainingControl control;
  keep.after_epoch({.epoch = 1, .train_loss = 1}, control);
  State state = keep.state();
  KeepBest<float> same{Module<float>(other.model), options};
  EXPECT_TRUE(same.mismatches(state).empty());
  state.arrays["0.weight"] = xt::xarray<float>{1};
  state.arrays.erase("4.bias");
  EXPECT_EQ(same.mismatches(state).size(), 2u);
  EXPECT_THROW(same.load_state(state), ValueError);
  EXPECT_FALSE(same.restore());
}

TEST(Resume, ARunIsNotSavedWhileCallbacksHaveNotSeenItsEpoch) {
  const TempFolder folder;
  const fs::path file = folder.path() / "run.st";
  Moons moons;
  DataLoader<> batches = moons.batches();
  Trainer<> trainer = moons.trainer({.epochs = 1});
  trainer.add(SaveEach{trainer, file});
  trainer.add(stopping("train_loss"));
  try {
    trainer.fit(batches);
    FAIL() << "saved";
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("EarlyStopping(train_loss) has not seen epoch 1"),
              std::string::npos)
        << error.what();
  }
  EXPECT_FALSE(fs::exists(file));
}

}  // namespace
}  // namespace gradus::nn
