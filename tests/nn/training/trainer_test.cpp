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

/// (n, 1)
template <class T>
xt::xarray<T> column(const std::vector<T>& values) {
  xt::xarray<T> array = xt::zeros<T>({values.size(), std::size_t{1}});
  std::copy(values.begin(), values.end(), array.begin());
  return array;
}

TEST(Trainer, LearnsMoonsAndTellsHow) {
  Moons moons;
  DataLoader<> batches = moons.batches();
  Trainer<> trainer = moons.trainer({.epochs = 40, .metrics = {metric::accuracy(), metric::f1()}});
  const History history = trainer.fit(batches, moons.data(200, 6));
  ASSERT_EQ(history.epochs.size(), 40u);
  const EpochRecord& first = history.epochs.front();
  const EpochRecord& last = history.epochs.back();
  EXPECT_EQ(last.epoch, 40u);
  EXPECT_EQ(last.steps, 40u * 7);
  EXPECT_LT(last.train_loss, first.train_loss / 2);
  EXPECT_GT(last.value("validation_accuracy"), 0.95);
  EXPECT_GT(last.value("validation_f1"), 0.95);
  EXPECT_GT(last.gradient_norm, 0);
  EXPECT_EQ(last.lr, 0.02);

  const Dataset<> test = moons.data(300, 7);
  const Evaluation judged = trainer.evaluate(test);
  const xt::xarray<float> scores = trainer.predict(test.inputs);
  EXPECT_EQ(judged.metric("accuracy"), accuracy(scores, test.targets));
  EXPECT_NEAR(judged.loss, cross_entropy(Tensor<float>(scores), test.targets).item(), 1e-6);
  EXPECT_THROW(judged.metric("recall"), ValueError);
}

TEST(Trainer, EvaluatesInPiecesAsInOne) {
  Moons moons;
  const Dataset<> test = moons.data(101, 7);
  Trainer<> whole = moons.trainer({.metrics = {metric::accuracy()}});
  Trainer<> pieces = moons.trainer({.evaluation_batch = 10, .metrics = {metric::accuracy()}});
  EXPECT_NEAR(whole.evaluate(test).loss, pieces.evaluate(test).loss, 1e-6);
  EXPECT_EQ(whole.evaluate(test).metrics, pieces.evaluate(test).metrics);
  EXPECT_EQ(whole.predict(test.inputs), pieces.predict(test.inputs));
  EXPECT_TRUE(moons.model.named_states().front().state->training) << "evaluation must not last";
}

TEST(Trainer, AccumulatedBatchesAreOneLargeOne) {
  const auto loss = [](const Tensor<double>& y, const xt::xarray<double>& t) { return mse_loss(y, t); };
  const auto weights_after = [&](std::size_t batch, std::size_t accumulate) {
    Rng rng{1};
    Linear<double> model{2, 1, rng};
    SGD<double> optimizer{model.parameters(), {.lr = 0.1}};
    Rng draw{2};
    xt::xarray<double> x = xt::zeros<double>({10, 2}), t = xt::zeros<double>({10, 1});
    for (double& each : x) each = draw.normal();
    for (double& each : t) each = draw.normal();
    DataLoader<double, double> batches{x, t, {.batch_size = batch}};
    Trainer<double, double> trainer{
        Module<double>(model), optimizer, loss, {.epochs = 3, .accumulate = accumulate}};
    const History history = trainer.fit(batches);
    return std::pair{xt::xarray<double>(model.weight().value()), history};
  };
  // 10 rows: batches of 3, 3, 3, 1; three of them together are 9 rows and a last step of 1.
  const auto [large, once] = weights_after(9, 1);
  const auto [small, summed] = weights_after(3, 3);
  EXPECT_TRUE(xt::allclose(large, small, 1e-12, 1e-14));
  EXPECT_EQ(once.epochs.back().steps, summed.epochs.back().steps);
  EXPECT_NEAR(once.epochs.back().train_loss, summed.epochs.back().train_loss, 1e-12);
  EXPECT_NEAR(once.epochs.back().gradient_norm, summed.epochs.back().gradient_norm, 1e-12);
}

TEST(Trainer, ResumedTrainingGivesTheSameBits) {
  const TempFolder folder;
  const auto file = folder.path() / "run.safetensors";
  Moons whole;
  DataLoader<> all_batches = whole.batches();
  Trainer<> whole_trainer = whole.trainer({.epochs = 6, .metrics = {metric::accuracy()}});
  const History history = whole_trainer.fit(all_batches, whole.data(50, 9));

  Moons first;
  DataLoader<> first_batches = first.batches();
  Trainer<> first_trainer = first.trainer({.epochs = 3, .metrics = {metric::accuracy()}});
  first_trainer.fit(first_batches, first.data(50, 9));
  first_trainer.save(file);

  Moons second{99};  // other weights, which the file replaces
  DataLoader<> second_batches = second.batches();
  Trainer<> second_trainer = second.trainer({.epochs = 6, .metrics = {metric::accuracy()}});
  second_trainer.load(file);
  const History resumed = second_trainer.fit(second_batches, second.data(50, 9));
  EXPECT_EQ(numbers_of(second.model), numbers_of(whole.model));
  EXPECT_EQ(resumed.values("train_loss"), history.values("train_loss"));
  EXPECT_EQ(resumed.values("validation_accuracy"), history.values("validation_accuracy"));
  EXPECT_EQ(resumed.epochs.back().steps, history.epochs.back().steps);
}

TEST(Trainer, WhatIsNoCheckpointChangesNothing) {
  const TempFolder folder;
  Moons moons;
  const std::vector<float> before = numbers_of(moons.model);
  Trainer<> trainer = moons.trainer({});
  save_model(folder.path() / "model.safetensors", moons.model);
  EXPECT_THROW(trainer.load(folder.path() / "model.safetensors"), DataError);
  EXPECT_THROW(trainer.load(folder.path() / "absent"), DataError);
  EXPECT_EQ(numbers_of(moons.model), before);
}

TEST(Trainer, StopsAtWhatIsNoNumberAndNamesIt) {
  Moons moons;
  DataLoader<> batches = moons.batches();
  std::size_t calls = 0;
  const auto loss = [&](const Tensor<float>& scores, const auto& labels) {
    const Tensor<float> plain = cross_entropy(scores, labels);
    return ++calls == 10 ? plain * std::numeric_limits<float>::quiet_NaN() : plain;
  };
  Trainer<> trainer{Module<float>(moons.model), moons.optimizer, loss, {.epochs = 4}};
  try {
    trainer.fit(batches);
    FAIL() << "a loss of NaN passed";
  } catch (const ValueError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("step 10, epoch 2: the loss is nan"), std::string::npos) << message;
    EXPECT_NE(message.find("'0.weight'"), std::string::npos) << message;
  }
  EXPECT_EQ(trainer.history().epochs.size(), 1u);
  EXPECT_EQ(moons.optimizer.steps(), 9u);
  for (float number : numbers_of(moons.model)) EXPECT_TRUE(std::isfinite(number));
}

TEST(Trainer, NamesTheParameterThatIsNoNumber) {
  Moons moons;
  DataLoader<> batches = moons.batches();
  const Tensor<float> weight = moons.model.parameters().back();
  weight.set_value(xt::xarray<float>{std::numeric_limits<float>::infinity(), 0});
  Trainer<> trainer = moons.trainer({});
  try {
    trainer.fit(batches);
    FAIL() << "an infinite parameter passed";
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("'4.bias'"), std::string::npos) << error.what();
  }
}

TEST(Trainer, ClipsTheNormOfAllGradients) {
  Rng rng{1};
  Linear<float> model{1, 1, rng, {.bias = false}};
  model.weight().set_value(column<float>({0}));
  SGD<float> optimizer{model.parameters(), {.lr = 1}};
  DataLoader<float, float> batches{column<float>({1}), column<float>({100}), {.batch_size = 1}};
  Trainer<float, float> trainer{
      Module<float>(model),
      optimizer,
      [](const Tensor<float>& y, const xt::xarray<float>& t) { return mse_loss(y, t); },
      {.epochs = 1, .clip_norm = 0.5}};
  const History history = trainer.fit(batches);
  EXPECT_FLOAT_EQ(model.weight().value()(0, 0), 0.5f);
  EXPECT_FLOAT_EQ(static_cast<float>(history.epochs[0].gradient_norm), 200);
}

TEST(Trainer, TakesOptimizersThatLookAtTheLoss) {
  Rng rng{1};
  Linear<double> model{1, 1, rng};
  LBFGS<double> optimizer{model.parameters(), {.lr = 1}};
  DataLoader<double, double> batches{column<double>({0, 1, 2}), column<double>({1, 3, 5}), {.batch_size = 3}};
  Trainer<double, double> trainer{
      Module<double>(model),
      optimizer,
      [](const Tensor<double>& y, const xt::xarray<double>& t) { return mse_loss(y, t); },
      {.epochs = 5, .metrics = {metric::r2<double>()}}};
  const History history = trainer.fit(batches);
  EXPECT_NEAR(model.weight().value()(0, 0), 2, 1e-5);
  EXPECT_NEAR(model.bias().value()(0), 1, 1e-5);
  EXPECT_NEAR(history.epochs.back().value("train_r2"), 1, 1e-6);
}

TEST(Trainer, RefusesWhatCannotBe) {
  Moons moons;
  for (const TrainerOptions<>& wrong :
       {TrainerOptions<>{.epochs = 0}, TrainerOptions<>{.accumulate = 0}, TrainerOptions<>{.clip_norm = -1.0},
        TrainerOptions<>{.evaluation_batch = 0}})
    EXPECT_THROW(moons.trainer(wrong), ValueError);
  EXPECT_THROW((Trainer<>{Module<float>(moons.model), moons.optimizer, nullptr}), ValueError);
  const auto named = [](const char* name) {
    return Metric<>{name, [](const auto&, const auto&) { return 0.0; }};
  };
  for (const std::vector<Metric<>>& wrong : {std::vector{named("")},
                                             {named("loss")},
                                             {named("\xff")},
                                             {named("a"), named("a")},
                                             {Metric<>{"a", nullptr}}})
    EXPECT_THROW(moons.trainer({.metrics = wrong}), ValueError);
  Trainer<> trainer = moons.trainer({});
  EXPECT_THROW(
      trainer.evaluate(xt::xarray<float>::from_shape({0, 2}), xt::xarray<std::int64_t>::from_shape({0})),
      ValueError);
  EXPECT_THROW(trainer.evaluate(xt::zeros<float>({3, 2}), xt::zeros<std::int64_t>({4})), ShapeError);
  const auto rowwise = [](const Tensor<float>& scores, const auto& labels) {
    return cross_entropy(scores, labels, {.reduction = Reduction::none});
  };
  DataLoader<> batches = moons.batches();
  Trainer<> wrong_loss{Module<float>(moons.model), moons.optimizer, rowwise};
  EXPECT_THROW(wrong_loss.fit(batches), ShapeError);
}

TEST(Predict, RefusesModelsThatDoNotKeepTheRows) {
  const xt::xarray<float> inputs = xt::ones<float>({5, 2});
  const auto scalar = [](const Tensor<float>& x) { return sum(x); };
  const auto fewer = [](const Tensor<float>& x) { return sum(x, 0); };
  std::size_t calls = 0;
  const auto wider = [&](const Tensor<float>& x) {
    return ++calls == 1 ? x
                        : Tensor<float>(xt::xarray<float>(xt::ones<float>({x.shape()[0], std::size_t{9}})));
  };
  EXPECT_THROW(predict(Module<float>(scalar), inputs, 3), ShapeError);
  EXPECT_THROW(predict(Module<float>(fewer), inputs, 3), ShapeError);
  EXPECT_THROW(predict(Module<float>(wider), inputs, 3), ShapeError);
  Moons moons;
  EXPECT_THROW(predict(moons.model, inputs, 0), ValueError);
  EXPECT_EQ(predict(moons.model, inputs), predict(moons.model, inputs, 2));
  Trainer<> trainer{
      Module<float>(scalar), moons.optimizer, cross_entropy_loss, {.metrics = {metric::accuracy()}}};
  EXPECT_THROW(trainer.evaluate(inputs, xt::zeros<std::int64_t>({5})), ShapeError);
}

TEST(Trainer, RefusesModelsWhoseRowsChangeTheirShape) {
  Moons moons;
  const Tensor<float> weight = moons.model.parameters()[0];
  std::size_t calls = 0;
  const auto wider = [&](const Tensor<float>& x) {
    const Tensor<float> y = matmul(x, weight);
    return ++calls == 1 ? y : concatenate({y, y}, 1);
  };
  const Metric<> constant{"constant", [](const auto&, const auto&) { return 0.0; }};
  Trainer<> trainer{
      Module<float>(wider), moons.optimizer, cross_entropy_loss, {.epochs = 1, .metrics = {constant}}};
  EXPECT_THROW(trainer.fit(moons.batches()), ShapeError);
}

TEST(Trainer, EvaluatesWeightedLossesInPiecesAsInOne) {
  Moons moons;
  const Dataset<> test = moons.data(101, 7);
  const auto loss = [](const Tensor<float>& scores, const xt::xarray<std::int64_t>& labels) {
    return cross_entropy(scores, labels, {.class_weights = {1.0, 20.0}});
  };
  Trainer whole{moons.model, moons.optimizer, loss};
  Trainer pieces{moons.model, moons.optimizer, loss, {.evaluation_batch = 7}};
  EXPECT_NEAR(whole.evaluate(test).loss, pieces.evaluate(test).loss, 1e-6);
}

TEST(Trainer, IsMadeFromWhatThereIs) {
  Rng rng{1};
  Sequential<double> model{Linear<double>{1, 1, rng}};
  SGD<double> optimizer{model.parameters(), {.lr = 0.1}};
  Trainer trainer{model,
                  optimizer,
                  [](const Tensor<double>& y, const xt::xarray<double>& t) { return mse_loss(y, t); },
                  {.epochs = 2}};
  static_assert(std::same_as<decltype(trainer), Trainer<double, double>>);
  const auto keep = trainer.add(KeepBest{model, {.monitor = {.name = "train_loss"}}});
  trainer.add(EarlyStopping{{.monitor = {.name = "train_loss"}}});
  trainer.fit(DataLoader{column<double>({0, 1}), column<double>({1, 3})});
  EXPECT_EQ(keep->best().best_epoch(), 2u);
  EXPECT_THROW(trainer.add(nullptr), ValueError);
}

/// The weight of a line through (1), (1) after steps of LBFGS on mean(exp(3 y) - 40 y), whose line search
/// meets infinite losses.
TEST(Trainer, LetsTheLineSearchMeetInfiniteLosses) {
  const auto loss = [](const Tensor<double>& y, const xt::xarray<double>&) {
    return mean(exp(3 * y) - 40 * y);
  };
  const xt::xarray<double> x = column<double>({1, 1});
  Rng rng{1}, same{1};
  Linear<double> model{1, 1, rng}, plain{1, 1, same};
  LBFGS<double> optimizer{model.parameters(), {.lr = 400}}, plain_optimizer{plain.parameters(), {.lr = 400}};
  bool met_infinity = false;
  for (int i = 0; i < 2; ++i)
    plain_optimizer.step([&] {
      plain_optimizer.zero_grad();
      const Tensor<double> y = loss(plain(Tensor<double>(x)), x);
      met_infinity = met_infinity || !std::isfinite(y.item());
      y.backward();
      return y;
    });
  EXPECT_TRUE(met_infinity);
  Trainer<double, double> trainer{Module<double>(model), optimizer, loss, {.epochs = 2}};
  DataLoader<double, double> batches{x, x};
  trainer.fit(batches);
  EXPECT_EQ(model.weight().value(), plain.weight().value());
  EXPECT_NEAR(model.weight().item() + model.bias().item(), std::log(40.0 / 3) / 3, 1e-6);
  EXPECT_THROW((Trainer<double, double>{Module<double>(model), optimizer, loss, {.clip_norm = 1.0}}),
               ValueError);
}

/// Throws after so many steps; asks for an end at the first.
struct AtStep final : Callback {
  void after_step(const StepRecord& record, TrainingControl& control) override {
    if (record.step == throw_at) throw std::runtime_error("stopped");
    if (record.step == stop_at) control.stop("enough");
  }
  void failed() override { saw_failure = true; }
  std::size_t throw_at = 0, stop_at = 0;
  bool saw_failure = false;
};

TEST(Trainer, DoesNotLearnPartOfAnEpochTwice) {
  const TempFolder folder;
  const auto file = folder.path() / "run.st";
  Moons moons;
  DataLoader<> batches = moons.batches();
  Trainer<> trainer = moons.trainer({.epochs = 1});
  trainer.fit(batches);
  trainer.save(file);
  const auto at_step = std::make_shared<AtStep>();
  at_step->throw_at = 10;
  trainer.add(at_step);
  trainer.set_epochs(3);
  EXPECT_THROW(trainer.fit(batches), std::runtime_error);
  EXPECT_TRUE(at_step->saw_failure);
  EXPECT_THROW(trainer.fit(batches), ValueError);
  EXPECT_THROW(trainer.save(file), ValueError);
  trainer.load(file);
  at_step->throw_at = 0;
  at_step->stop_at = 9;
  EXPECT_EQ(trainer.fit(batches).epochs.size(), 2u) << "stops after the epoch of the step";
  EXPECT_EQ(trainer.stop_reason(), "enough");
}

TEST(Trainer, DoesNotSaveAModelThatTheOptimizerDoesNotKnow) {
  const TempFolder folder;
  Moons moons;
  DataLoader<> batches = moons.batches();
  Trainer<> trainer = moons.trainer({.epochs = 3});
  const auto keep = trainer.add(KeepBest{moons.model, {.monitor = {.name = "lr"}, .restore = false}});
  trainer.fit(batches);
  EXPECT_NO_THROW(trainer.save(folder.path() / "run.st"));
  EXPECT_EQ(keep->best().best_epoch(), 1u);
  EXPECT_TRUE(keep->restore());
  EXPECT_THROW(trainer.save(folder.path() / "run.st"), ValueError);
  trainer.load(folder.path() / "run.st");
  EXPECT_NO_THROW(trainer.save(folder.path() / "again.st"));
}

TEST(Trainer, PutsBuffersBackAndNamesInputsThatAreNoNumbers) {
  Moons moons;
  Dataset<> data = moons.data(8, 5);
  data.inputs(3, 1) = std::numeric_limits<float>::quiet_NaN();
  Trainer<> trainer = moons.trainer({});
  const std::vector<float> before = numbers_of(moons.model);
  try {
    trainer.fit(DataLoader<>{data});
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("inputs are not finite"), std::string::npos) << error.what();
  }
  EXPECT_EQ(numbers_of(moons.model), before);
}

TEST(Trainer, NoticesOtherDataWhenItGoesOn) {
  const TempFolder folder;
  Moons moons;
  DataLoader<> batches = moons.batches();
  Trainer<> trainer = moons.trainer({.epochs = 1});
  trainer.fit(batches);
  trainer.save(folder.path() / "run.st");
  trainer.set_epochs(2);
  trainer.load(folder.path() / "run.st");
  try {
    trainer.fit(DataLoader<>{moons.data(200, 5), {.batch_size = 50, .shuffle = true, .seed = 4}});
    FAIL();
  } catch (const DataError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("batch_size 50: it was saved with 32"), std::string::npos) << message;
    EXPECT_NE(message.find("seed 4: it was saved with 3"), std::string::npos) << message;
  }
  EXPECT_EQ(trainer.fit(batches).epochs.size(), 2u);
}

TEST(Trainer, DoesNothingWhenAllIsDoneAndBeginsWhereTheLoaderStands) {
  Moons moons;
  DataLoader<> batches = moons.batches();
  batches.seek({2, 3});
  Trainer<> trainer = moons.trainer({.epochs = 1});
  std::ostringstream out;
  trainer.add(ShowProgress{out});
  EXPECT_EQ(trainer.fit(batches).epochs.back().steps, 4u) << "what was left of the pass";
  EXPECT_EQ(batches.position(), (LoaderPosition{3, 0}));
  const std::string text = out.str();
  EXPECT_EQ(trainer.fit(batches).epochs.size(), 1u);
  EXPECT_EQ(out.str(), text);
  trainer.set_epochs(2);
  EXPECT_EQ(trainer.fit(batches).epochs.back().steps, 11u);
  EXPECT_THROW(trainer.set_epochs(0), ValueError);
}

}  // namespace
}  // namespace gradus::nn
