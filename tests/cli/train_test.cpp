#include <cmath>
#include <cstdint>
#include <map>

#include "gradus.hpp"

#include <gradus/core/rng.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/data/digits.hpp>
#include <gradus/nn/data/idx.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/data/split.hpp>
#include <gradus/nn/training/history.hpp>

namespace gradus::testing {
namespace {

namespace fs = std::filesystem;

const std::string quick = " --quiet ";

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

/// Two kinds that differ in length, among words and gaps.
std::string flowers(std::size_t count) {
  Rng rng{4};
  std::string text = "length,colour,width,kind\n";
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_lily = i % 2 == 0;
    text += (i % 9 == 0 ? "" : std::to_string(rng.normal(is_lily ? 3 : 5, 0.6))) + "," +
            (i % 3 == 0 ? "red" : "blue") + "," + std::to_string(rng.normal()) + "," +
            (is_lily ? "lily" : "\"rose, wild\"") + "\n";
  }
  return text;
}

TEST(Train, LearnsATableAndPredictsItsClassesByName) {
  const TempFolder here;
  write_text(here.path() / "flowers.csv", flowers(300));
  gradus_fine(
      "train --data flowers.csv --label kind --missing median --scale standardize --hidden 16 --epochs 8 "
      "--lr 0.02" +
          quick,
      here.path());
  const std::string judged = gradus_fine("evaluate run/model.safetensors flowers.csv", here.path());
  EXPECT_GT(number_after(judged, "accuracy"), 85) << judged;
  EXPECT_TRUE(contains(judged, "classes: 0 lily, 1 \"rose, wild\"")) << judged;

  gradus_fine("predict run/model.safetensors flowers.csv -o predicted.csv", here.path());
  const std::vector<std::string> rows = lines(read_file(here.path() / "predicted.csv"));
  ASSERT_EQ(rows.size(), 301u);
  EXPECT_EQ(rows[0], "class,p(lily),\"p(rose, wild)\"");
  double right = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) right += rows[i].starts_with("lily,") == (i % 2 == 1);
  EXPECT_NEAR(100 * right / 300, number_after(judged, "accuracy"), 0.005);
  EXPECT_EQ(gradus_fine("predict run/model.safetensors flowers.csv", here.path()),
            read_file(here.path() / "predicted.csv"));
}

TEST(Train, NeedsNoLabelsToPredict) {
  const TempFolder here;
  write_text(here.path() / "flowers.csv", flowers(60));
  gradus_fine("train --data flowers.csv --missing mean --hidden 4 --epochs 1" + quick, here.path());
  write_text(here.path() / "new.csv", "colour,width,length\nblue,0.5,2.5\nred,1,\n");
  const auto rows = lines(gradus_fine("predict run/model.safetensors new.csv", here.path()));
  ASSERT_EQ(rows.size(), 3u);
  const auto cells = cells_of(rows[1]);
  ASSERT_EQ(cells.size(), cells[0] == "lily" ? 3u : 4u);
}

/// History without the times.
nn::History history_of(const fs::path& file) {
  nn::History history = nn::History::from_json_lines(read_file(file));
  for (nn::EpochRecord& each : history.epochs) each.seconds = 0;
  return history;
}

/// A table of two kinds by turns, 40 rows of them held out (seed 1), in which one line is replaced.
struct DividedTable {
  std::vector<std::string> rows = lines(flowers(200));
  std::vector<std::size_t> held_out;

  DividedTable() {
    xt::xarray<std::int64_t> labels = xt::xarray<std::int64_t>::from_shape({std::size_t{200}});
    for (std::size_t i = 0; i < 200; ++i) labels(i) = static_cast<std::int64_t>(i % 2);
    for (const std::size_t row : nn::split_rows(labels, {.test = 0.2, .seed = 1, .stratified = true}).test)
      held_out.push_back(row + 1);  // there is a header
  }
  std::string text() const {
    std::string all;
    for (const std::string& row : rows) all += row + "\n";
    return all;
  }
};

TEST(Train, LearnsNothingOfRowsThatAreHeldOut) {
  const TempFolder here;
  const auto trained = [&](const DividedTable& table) {
    write_text(here.path() / "table.csv", table.text());
    gradus_fine("train --data table.csv --missing mean --scale standardize --hidden 4 --epochs 1" + quick,
                here.path());
    return nn::read_safetensors(here.path() / "run/model.safetensors").tensors;
  };
  DividedTable table;
  const auto expected = trained(table);
  for (const std::size_t row : table.held_out)
    table.rows[row] = "1e6,blue,-300" + table.rows[row].substr(table.rows[row].rfind(row % 2 ? ",l" : ",\""));
  EXPECT_EQ(trained(table), expected);
  table.rows[1] = "1e6,blue,-300,lily";
  table.rows[2] = "1e6,blue,-300,\"rose, wild\"";
  EXPECT_NE(trained(table), expected) << "one of both is learnt from";
}

TEST(Train, ATextThatOnlyRowsHeldOutHaveIsUnknown) {
  const TempFolder here;
  DividedTable table;
  const std::size_t row =  // of a lily
      *std::find_if(table.held_out.begin(), table.held_out.end(), [](std::size_t i) { return i % 2 == 1; });
  table.rows[row] = "3,mauve,1,lily";
  write_text(here.path() / "table.csv", table.text());
  const std::string flags = "train --data table.csv --missing mean --hidden 4 --epochs 1" + quick;
  const Outcome refused = gradus(flags, here.path());
  EXPECT_EQ(refused.status, 1);
  for (const std::string& part : {std::string("\"colour\", row ") + std::to_string(row),
                                  std::string("\"mauve\""), std::string("allow_unknown")})
    EXPECT_TRUE(contains(refused.err, part)) << part << refused.err;
  gradus_fine(flags + "--allow-unknown", here.path());
  gradus_fine("predict run/model.safetensors table.csv", here.path());
  gradus_fine(flags + "--validation-fraction 0", here.path());
}

TEST(Train, AClassThatOnlyRowsHeldOutHaveIsStillOne) {
  const TempFolder here;
  std::vector<std::string> rows = lines(flowers(10));
  for (const std::size_t row : {2, 4, 6, 8, 10}) rows[row] = "3,red,1,orchid " + std::to_string(row / 2);
  std::string text;
  for (const std::string& each : rows) text += each + "\n";
  write_text(here.path() / "table.csv", text);
  const std::string out = gradus_fine(
      "train --data table.csv --missing mean --ignore colour --hidden 4 --epochs 1" + quick, here.path());
  EXPECT_TRUE(contains(out, "rows 2\n")) << out << "a lily and one of five orchids";
  EXPECT_TRUE(contains(out, "classes: 0 lily, 1 orchid 1, 2 orchid 2")) << out;
}

TEST(Train, NothingIsChosenByATestSet) {
  const TempFolder here;
  const auto run = [&](const std::string& flags) {
    const std::string data = contains(flags, "--data") ? "" : "--data moons";
    return gradus_fine("train --hidden 4 --epochs 2 " + data + quick + flags, here.path());
  };
  const auto steps = [&] { return history_of(here.path() / "run/history.jsonl").epochs.front().steps; };
  const std::string history = "--history run/history.jsonl ";
  for (const auto& [flags, batches] : {std::pair{"", 1000 / 64 + 1},
                                       {"--keep-best", 800 / 64 + 1},
                                       {"--patience 5", 800 / 64 + 1},
                                       {"--plateau 5 --monitor validation_accuracy", 800 / 64 + 1},
                                       {"--keep-best --monitor train_loss", 1000 / 64 + 1},
                                       {"--keep-best --validation-fraction 0.5", 500 / 64 + 1}}) {
    const std::string out = run(history + flags);
    EXPECT_EQ(steps(), static_cast<std::size_t>(batches)) << flags;
    EXPECT_TRUE(contains(out, "on the test set\nrows 166\n")) << flags << out;
  }
  write_text(here.path() / "flowers.csv", flowers(100));
  EXPECT_TRUE(contains(run("--data flowers.csv --missing mean"), "on the validation data\nrows 20\n"));
  EXPECT_TRUE(contains(run("--data flowers.csv --missing mean --keep-best"),
                       "on the validation data, by which a choice was made"));
  EXPECT_TRUE(contains(run("--data flowers.csv --missing mean --validation-fraction 0"),
                       "on the training data\nrows 100\n"));
}

xt::xarray<float> plane(std::size_t rows) {
  Rng rng{3};
  xt::xarray<float> x = xt::xarray<float>::from_shape({rows, std::size_t{2}});
  for (float& each : x) each = static_cast<float>(rng.normal());
  return x;
}

TEST(Train, LearnsValuesOfArrays) {
  const TempFolder here;
  const xt::xarray<float> x = plane(400);
  xt::xarray<float> y = xt::xarray<float>::from_shape({std::size_t{400}});
  for (std::size_t i = 0; i < 400; ++i) y(i) = 2 * x(i, 0) - x(i, 1) + 1;
  nn::write_npz(here.path() / "plane.npz", {{"inputs", x}, {"targets", y}});
  nn::write_npy(here.path() / "x.npy", x);
  nn::write_npy(here.path() / "y.npy", y);
  const std::string flags = " --hidden none --optimizer lbfgs --epochs 3 --validation-fraction 0.25" + quick;
  const std::string of_npz = gradus_fine("train --data plane.npz" + flags, here.path());
  EXPECT_GT(number_after(of_npz, "r2"), 0.9999) << of_npz;
  EXPECT_EQ(of_npz, gradus_fine("train --data x.npy --targets y.npy" + flags, here.path()));

  const auto rows = lines(gradus_fine("predict run/model.safetensors x.npy", here.path()));
  ASSERT_EQ(rows.size(), 401u);
  EXPECT_EQ(rows[0], "value");
  for (std::size_t i = 0; i < 400; i += 57) EXPECT_NEAR(std::stod(rows[i + 1]), y(i), 1e-3);
}

TEST(Train, LearnsAFolderInTheFormOfMnist) {
  const TempFolder here;
  Rng rng{1};
  for (const auto& [prefix, count] : {std::pair{"train", 600}, {"t10k", 100}}) {
    const nn::Dataset set = nn::generate_digits(static_cast<std::size_t>(count), rng);
    xt::xarray<std::uint8_t> images = xt::xarray<std::uint8_t>::from_shape(
                                 {set.size(), std::size_t{28}, std::size_t{28}}),
                             labels = xt::xarray<std::uint8_t>::from_shape({set.size()});
    std::transform(set.inputs.begin(), set.inputs.end(), images.begin(),
                   [](float ink) { return static_cast<std::uint8_t>(255 * ink); });
    std::transform(set.targets.begin(), set.targets.end(), labels.begin(),
                   [](std::int64_t label) { return static_cast<std::uint8_t>(label); });
    nn::write_idx(here.path() / (prefix + std::string("-images-idx3-ubyte")), images);
    nn::write_idx(here.path() / (prefix + std::string("-labels-idx1-ubyte")), labels);
  }
  const std::string out =
      gradus_fine("train --data . --hidden 64 --epochs 6 --lr 0.003" + quick, here.path());
  EXPECT_EQ(number_after(out, "rows"), 100) << "the set for testing is what it is judged by";
  EXPECT_GT(number_after(out, "accuracy"), 60) << out;
  EXPECT_TRUE(contains(read_file(here.path() / "run/report.html"), "data:image/png")) << "pictures";

  const fs::path images = here.path() / "train-images-idx3-ubyte";
  fs::resize_file(images, fs::file_size(images) - 100);
  const Outcome damaged = gradus("train --data .", here.path());
  EXPECT_EQ(damaged.status, 1);
  EXPECT_TRUE(contains(damaged.err, "train-images-idx3-ubyte")) << damaged.err;
}

TEST(Train, GoesOnWhereItWasInterruptedBitForBit) {
  const std::string common =
      " --data circles --hidden 16,16 --dropout 0.2 --batch-norm --optimizer nadam --seed 3" + quick;
  for (const std::string more :
       {"", " --plateau 1 --keep-best --patience 9", " --accumulate 2 --clip-norm 0.5"}) {
    const TempFolder here;
    const std::string flags = common + more + " --history h.jsonl";
    gradus_fine("train --output whole --epochs 6" + flags, here.path());
    const nn::History whole = history_of(here.path() / "h.jsonl");
    gradus_fine("train --output parts --epochs 3" + flags, here.path());
    gradus_fine("train --resume parts/checkpoint.safetensors --epochs 6 --quiet", here.path());
    EXPECT_EQ(history_of(here.path() / "h.jsonl"), whole) << more;
    for (const char* name : {"model.safetensors", "checkpoint.safetensors"})
      EXPECT_EQ(nn::read_safetensors(here.path() / "whole" / name).tensors,
                nn::read_safetensors(here.path() / "parts" / name).tensors)
          << more << ": " << name;
  }
}

TEST(Train, ARunThatStoppedEarlyStaysStoppedAndItsBestModelIsTheResult) {
  const TempFolder here;
  gradus_fine(
      "train --data moons --rows 90 --hidden 8 --lr 0.5 --epochs 60 --patience 2 --keep-best --history "
      "h.jsonl" +
          quick,
      here.path());
  const nn::History whole = history_of(here.path() / "h.jsonl");
  ASSERT_LT(whole.epochs.size(), 60u);
  const auto model = nn::read_safetensors(here.path() / "run/model.safetensors").tensors;
  EXPECT_EQ(nn::read_safetensors(here.path() / "run/best.safetensors").tensors, model);
  fs::remove(here.path() / "run/best.safetensors");
  const std::string out = gradus_fine("train --resume run/checkpoint.safetensors --quiet", here.path());
  EXPECT_TRUE(contains(out, "stopped: validation_loss has not improved for 2 epochs")) << out;
  EXPECT_EQ(history_of(here.path() / "h.jsonl"), whole);
  EXPECT_EQ(nn::read_safetensors(here.path() / "run/model.safetensors").tensors, model);
}

TEST(Train, GoesOnWithTheCallbacksOfItsCheckpointAlone) {
  const TempFolder here;
  gradus_fine("train --data moons --rows 90 --hidden 4 --epochs 1" + quick, here.path());
  const Outcome run =
      gradus("train --resume run/checkpoint.safetensors --epochs 2 --patience 3", here.path());
  EXPECT_EQ(run.status, 1);
  EXPECT_TRUE(contains(run.err,
                       "it has the states of optimizer: expected those of EarlyStopping(validation_loss), "
                       "optimizer"))
      << run.err;
}

TEST(Train, SaysHowToGoOnWhenItIsInterrupted) {
  const TempFolder here;
  write_text(here.path() / "interrupt.sh",
             "set -m\n" GRADUS_CLI
             " train --data moons --rows 60 --hidden 3 --epochs 1000000 --quiet &\n"
             "until [ $(cat run/history.csv 2>/dev/null | wc -l) -ge 3 ]; do :; done\n"
             "kill -INT $!\nwait $!\n");
  const Outcome run = run_program("/bin/bash", "interrupt.sh", here.path());
  EXPECT_EQ(run.status, 128 + 2) << run.err;
  EXPECT_TRUE(contains(run.err, "interrupted after epoch ")) << run.err;
  EXPECT_TRUE(contains(run.err, "`gradus train --resume run/checkpoint.safetensors`")) << run.err;
}

TEST(Train, TheSameSeedGivesTheSameModel) {
  const TempFolder here;
  const auto trained = [&](const std::string& flags) {
    gradus_fine("train --rows 300 --epochs 2 --hidden 24" + quick + flags, here.path());
    return nn::read_safetensors(here.path() / "run/model.safetensors").tensors;
  };
  const auto one = trained("--seed 5 --threads 1");
  EXPECT_EQ(one, trained("--seed 5 --threads 2"));
  EXPECT_NE(one, trained("--seed 6 --threads 1"));
}

/// Trains with each of the flags; the weights must differ from those of all others.
void expect_all_differ(const std::string& command, const std::vector<std::string>& all_flags) {
  const TempFolder here;
  std::vector<std::map<std::string, nn::AnyArray>> before;
  for (const std::string& flags : all_flags) {
    gradus_fine(command + quick + flags, here.path());
    const auto weights = nn::read_safetensors(here.path() / "run/model.safetensors").tensors;
    for (std::size_t i = 0; i < before.size(); ++i)
      EXPECT_NE(before[i], weights) << "'" << all_flags[i] << "' and '" << flags << "'";
    before.push_back(weights);
  }
}

TEST(Train, EveryChoiceHasAnEffect) {
  expect_all_differ("train --data moons --rows 60 --hidden 4 --epochs 2 --batch 16",
                    {"",
                     "--optimizer sgd",
                     "--optimizer sgd --momentum 0.9",
                     "--optimizer sgd --momentum 0.9 --nesterov",
                     "--optimizer sgd --weight-decay 1e-2",
                     "--optimizer adamw --schedule cosine",
                     "--optimizer rmsprop",
                     "--optimizer rmsprop --momentum 0.5 --schedule step --factor 0.5",
                     "--optimizer rmsprop --momentum 0.5 --schedule step --factor 0.4",
                     "--optimizer adagrad --schedule exponential",
                     "--optimizer adadelta --schedule inverse_time",
                     "--optimizer adadelta --schedule inverse_time --every 2",
                     "--optimizer lion --schedule one_cycle",
                     "--optimizer lbfgs",
                     "--optimizer nadam",
                     "--schedule cosine --warm-up 0.5",
                     "--label-smoothing 0.1",
                     "--init normal",
                     "--init xavier",
                     "--loss multi_margin",
                     "--activation gelu",
                     "--scale min_max",
                     "--scale min_max --scale-together",
                     "--scale standardize",
                     "--accumulate 2",
                     "--clip-norm 1e-3",
                     "--dropout 0.3",
                     "--batch-norm",
                     "--noise 0.3",
                     "--data-seed 3",
                     "--seed 3",
                     "--lr 0.1"});
  expect_all_differ("train --data sine --rows 60 --hidden 4 --epochs 1",
                    {"--loss mse", "--loss l1", "--loss huber --scale-targets none", "--loss smooth_l1",
                     "--loss mse --scale-targets none"});
}

TEST(Train, HoldsOutAndKeepsWhatItIsTold) {
  const TempFolder here;
  write_text(here.path() / "flowers.csv", flowers(60));
  const std::string tiny = "train --data flowers.csv --missing mean --hidden 4 --epochs 2" + quick;
  EXPECT_TRUE(contains(gradus_fine(tiny, here.path()), "on the validation data\nrows 12"));
  EXPECT_FALSE(fs::exists(here.path() / "run/best.safetensors"));
  EXPECT_TRUE(
      contains(gradus_fine(tiny + "--validation-fraction 0", here.path()), "on the training data\nrows 60"));
  EXPECT_TRUE(contains(gradus_fine(tiny + "--validation-fraction 0.5", here.path()),
                       "on the validation data\nrows 30"));
  gradus_fine(tiny + "--monitor validation_accuracy --keep-best", here.path());
  EXPECT_TRUE(fs::exists(here.path() / "run/best.safetensors"));
  gradus_fine(tiny + "--hidden 3 5", here.path());  // after the 4
  const auto model = nn::read_safetensors(here.path() / "run/model.safetensors");
  EXPECT_EQ(nn::shape_of(model.tensors.at("2.weight")), (std::vector<std::size_t>{4, 3}));
}

TEST(Train, NormalisesBatchesThoughOneRowIsLeft) {
  const TempFolder here;
  gradus_fine("train --data moons --rows 65 --batch 64 --batch-norm --hidden 4 --epochs 2" + quick,
              here.path());
}

TEST(Train, ReadsFlagsFromAFileAndThoseGivenWin) {
  const TempFolder here;
  write_text(
      here.path() / "run.json",
      R"({"data": "moons", "hidden": [5, 6], "epochs": 3, "batch-norm": true, "lr": 0.01, "rows": 60})");
  const std::string out = gradus_fine("train --config run.json --epochs 2", here.path());
  EXPECT_TRUE(contains(out, "BatchNorm1d")) << out;
  EXPECT_TRUE(contains(out, "epoch 2/2")) << out;
  EXPECT_TRUE(contains(out, "(50,6)") || contains(out, "(60,6)")) << out;

  struct Wrong {
    const char* text;
    int status;
    const char* complaint;
  };
  for (const auto& [text, status, complaint] :
       {Wrong{R"({"epoch": 3})", 2, "'epoch' is no flag"}, Wrong{"[1]", 1, "no JSON object"},
        Wrong{R"({"validation": "a", "validation-fraction": 0.5})", 2, "exclude"},
        Wrong{R"({"lr": {}})", 2, "'lr'"}, Wrong{R"({"lr": [[[[1]]]]})", 1, "nested deeper than 3"},
        Wrong{R"({"lr": 1, "lr": 2})", 1, "'lr' twice"}}) {
    write_text(here.path() / "run.json", text);
    const Outcome run = gradus("train --config run.json", here.path());
    EXPECT_EQ(run.status, status) << text;
    EXPECT_TRUE(contains(run.err, complaint)) << run.err;
  }
  write_text(here.path() / "run.json", R"({"epochs": 0})");
  EXPECT_EQ(gradus("train --config run.json", here.path()).status, 2);
}

TEST(Train, TakesAModelFromAFile) {
  const TempFolder here;
  write_text(here.path() / "model.json",
             R"({"type": "MLP", "attributes": {"widths": [2, 7, 2], "hidden": "tanh"}})");
  const std::string out =
      gradus_fine("train --data moons --rows 90 --model model.json --epochs 1", here.path());
  EXPECT_TRUE(contains(out, "MLP")) << out;
  gradus_fine("evaluate run/model.safetensors moons --rows 90", here.path());
}

}  // namespace
}  // namespace gradus::testing
