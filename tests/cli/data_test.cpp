#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>

#include "gradus.hpp"

#include <gradus/core/rng.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/data/npy.hpp>

// What is done with data before and after the training, and what is said of them.

namespace gradus::testing {
namespace {

/// Prices of some hundred thousands, of areas, rooms and towns, with gaps.
std::string houses(std::size_t count) {
  Rng rng{8};
  std::string text = "area,rooms,year,town,price\n";
  for (std::size_t i = 0; i < count; ++i) {
    const double area = rng.uniform(30, 250), rooms = std::floor(area / 25),
                 year = std::floor(rng.uniform(1900, 2020));
    const bool is_city = rng.uniform() < 0.5;
    const double price = 20000 + area * (is_city ? 2500 : 900) + 300 * (year - 1900) + 3000 * rng.normal();
    text += std::to_string(area) + "," + (i % 11 == 0 ? "" : std::to_string(rooms)) + "," +
            std::to_string(year) + "," + (is_city ? "city" : "village") + "," + std::to_string(price) + "\n";
  }
  return text;
}

TEST(Data, TheExampleOfHelpLearnsPrices) {
  const TempFolder here;
  write_text(here.path() / "houses.csv", houses(400));
  const std::string help = gradus_fine("train --help", here.path());
  std::string example;
  for (const std::string& line : lines(help))
    if (contains(line, "--data houses.csv")) example = line.substr(line.find("train"));
  ASSERT_FALSE(example.empty()) << help;
  const std::string out = gradus_fine(example, here.path());
  EXPECT_GT(number_after(out, "r2"), 0.9) << out;
  EXPECT_GT(number_after(out, "mse"), 1e6) << "in the units of the prices: " << out;
  EXPECT_TRUE(contains(out, "town") && contains(out, "texts      2  city, village")) << out;
  EXPECT_TRUE(contains(out, "price  values to predict")) << out;

  const std::string judged = gradus_fine("evaluate run/model.safetensors houses.csv", here.path());
  EXPECT_GT(number_after(judged, "r2"), 0.9) << judged;
  const auto rows = lines(gradus_fine("predict run/model.safetensors houses.csv", here.path()));
  const auto known = lines(read_file(here.path() / "houses.csv"));
  ASSERT_EQ(rows.size(), known.size());
  for (std::size_t i = 1; i < rows.size(); i += 40) {
    const double price = std::stod(known[i].substr(known[i].rfind(',') + 1));
    EXPECT_NEAR(std::stod(rows[i]), price, 60000) << i;
  }
  EXPECT_TRUE(contains(read_file(here.path() / "run/history.csv"), "validation_r2"));
}

TEST(Data, TheMetricsOfTheHistoryAreInTheUnitsOfTheTargets) {
  const TempFolder here;
  write_text(here.path() / "houses.csv", houses(200));
  const std::string flags = "train --data houses.csv --regression --missing median --epochs 2 --quiet ";
  const std::string scaled = gradus_fine(flags, here.path());
  const std::string last = lines(read_file(here.path() / "run/history.csv")).back();
  EXPECT_TRUE(contains(gradus_fine("inspect run/model.safetensors", here.path()), "epoch 2"));
  const double mse = number_after(scaled, "mse");
  bool found = false;
  std::istringstream cells(last);
  for (std::string cell; std::getline(cells, cell, ',');)
    found = found || std::abs(std::atof(cell.c_str()) / mse - 1) < 1e-4;
  EXPECT_TRUE(found) << mse << " in " << last;
  EXPECT_LT(number_after(scaled, "loss"), 10) << "of what the model learns";
  EXPECT_GT(number_after(gradus_fine(flags + "--scale-targets none", here.path()), "loss"), 1e6);
}

TEST(Data, LossesWhoseTargetsHaveAMeaningKeepThem) {
  const TempFolder here;
  write_text(here.path() / "counts.csv", "a,n\n1,2\n2,3\n3,5\n4,9\n5,17\n6,30\n");
  const std::string flags = "train --data counts.csv --regression --epochs 1 --quiet --loss poisson_nll";
  gradus_fine(flags, here.path());
  const auto metadata = nn::read_safetensors(here.path() / "run/model.safetensors").metadata;
  EXPECT_FALSE(contains(metadata.at("preprocessing"), "target_scale"));
  const Outcome refused = gradus(flags + " --scale-targets standardize", here.path());
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(contains(refused.err, "poisson_nll")) << refused.err;
  EXPECT_EQ(gradus("train --data moons --scale-targets none", here.path()).status, 2);
}

TEST(Data, WordsForGapsAreKeptWithTheModel) {
  const TempFolder here;
  std::string text = "age,kind\n";
  for (int i = 0; i < 60; ++i)
    text += (i == 6 ? "NA" : i == 9 ? "?" : std::to_string(i)) + (i % 2 ? ",x\n" : ",y\n");
  write_text(here.path() / "a.csv", text);
  const std::string train = "train --data a.csv --epochs 1 --hidden 3 ";
  const std::string out = gradus_fine(train + "--na 'NA,?' --missing mean", here.path());
  EXPECT_TRUE(contains(out, "1 in all") && contains(out, "age   number     1")) << out;
  EXPECT_TRUE(contains(out, "kind  to predict, 2 classes: x, y")) << out;
  gradus_fine("evaluate run/model.safetensors a.csv", here.path());

  const Outcome texts = gradus(train, here.path());
  EXPECT_TRUE(contains(texts.err, "column \"age\"") && contains(texts.err, "\"NA\" in row 7") &&
              contains(texts.err, "--na NA"))
      << texts.err;
}

/// Of lines "x,y" those from 1 to 20, with a word in place of the y or x of row 7.
std::string with_word(const std::string& word, bool in_x) {
  std::string text = "x,y\n";
  for (int i = 1; i <= 20; ++i) {
    const std::string number = std::to_string(i);
    text += (i == 7 && in_x ? word : number) + "," + (i == 7 && !in_x ? word : number) + "\n";
  }
  return text;
}

TEST(Data, AWordAmongNumbersIsBlamedInItsRow) {
  const TempFolder here;
  write_text(here.path() / "good.csv", with_word("7", false));
  write_text(here.path() / "y.csv", with_word("NA", false));
  write_text(here.path() / "x.csv", with_word("n.a. *", true));
  write_text(here.path() / "comment.csv", with_word("#N/A", false));
  const std::string train = "train --regression --epochs 1 --hidden 3 --quiet --data ";
  gradus_fine(train + "good.csv", here.path());
  const std::string in_y =
      R"(column "y", row 7: found "NA", expected a number as in other rows: with --na NA it is a missing number)";
  const std::string in_x = R"(column "x", row 7: found "n.a. *", expected a number as in other rows: )"
                           "with --na 'n.a. *' it is a missing number";
  for (const auto& [command, message] : {std::pair{train + "y.csv", in_y},
                                         {train + "comment.csv", std::string("with --na '#N/A' it is")},
                                         {train + "good.csv --validation y.csv", in_y},
                                         {train + "good.csv --validation x.csv", in_x},
                                         {std::string("evaluate run/model.safetensors y.csv"), in_y},
                                         {std::string("evaluate run/model.safetensors x.csv"), in_x},
                                         {std::string("predict run/model.safetensors x.csv"), in_x}}) {
    const Outcome run = gradus(command, here.path());
    EXPECT_EQ(run.status, 1) << command;
    EXPECT_TRUE(contains(run.err, message)) << command << ": " << run.err;
  }
  gradus_fine("predict run/model.safetensors y.csv", here.path());  // which does not read it
  gradus_fine(train + "y.csv --na NA --missing drop", here.path());
  write_text(here.path() / "texts.csv", "x,y\n1,a\n2,b\n3,4\n");
  EXPECT_TRUE(contains(gradus(train + "texts.csv", here.path()).err, "row 1: found the text \"a\""));
}

TEST(Data, LeavesOutColumnsWhateverTheirNames) {
  const TempFolder here;
  write_text(here.path() / "a.csv",
             "\"weight, kg\",b,c,d,kind\n1,2,3,4,x\n2,3,4,5,y\n3,4,5,6,x\n4,5,6,7,y\n");
  write_text(here.path() / "run.json", R"({"ignore": ["weight, kg", "b"]})");
  for (const auto& [flags, features] : {std::pair{"--ignore 'weight, kg'", 3},
                                        {"--ignore 'weight, kg' --ignore b,c", 1},
                                        {"--ignore 'weight, kg' b", 2},
                                        {"--ignore 'b, c'", 2},
                                        {"--config run.json", 2}}) {
    gradus_fine(std::string("train --data a.csv --hidden none --epochs 1 --quiet ") + flags, here.path());
    const auto weight = nn::read_safetensors(here.path() / "run/model.safetensors").tensors.at("0.weight");
    EXPECT_EQ(nn::shape_of(weight)[0], static_cast<std::size_t>(features)) << flags;
  }
  gradus_fine("train --resume run/checkpoint.safetensors --epochs 2 --quiet", here.path());
}

TEST(Data, OtherDelimitersAreRecognised) {
  const TempFolder here;
  write_text(here.path() / "a.csv", "a;b;kind\n1;2;x\n3;4;y\n1;2;x\n3;4;y\n");
  write_text(here.path() / "b.csv", "a;b;kind\n1,5;2;x\n3;4;y\n");
  write_text(here.path() / "c.csv", "a\tb\tkind\n1\t2\tx\n3\t4\ty\n1\t2\tx\n3\t4\ty\n");
  const std::string flags = " --epochs 1 --hidden 3 --quiet";
  EXPECT_TRUE(contains(gradus("train --data a.csv" + flags, here.path()).err, "--delimiter ';'"));
  EXPECT_TRUE(contains(gradus("train --data b.csv" + flags, here.path()).err, "';'"));
  EXPECT_TRUE(contains(gradus("train --data c.csv" + flags, here.path()).err, "--delimiter tab"));
  gradus_fine("train --data a.csv --delimiter ';'" + flags, here.path());
  gradus_fine("train --data c.csv --delimiter tab" + flags, here.path());
  gradus_fine("train --data c.csv --delimiter '\\t'" + flags, here.path());
}

TEST(Data, TheEndOfANameSaysWhetherCellsEndWithTabs) {
  const TempFolder here;
  const std::string commas = "a,kind\n1,x\n2,y\n1,x\n2,y\n";
  std::string tabs = commas;
  std::replace(tabs.begin(), tabs.end(), ',', '\t');
  std::filesystem::create_directory(here.path() / "a.tsv.d");
  write_text(here.path() / "a.tsv.d/x.csv", commas);
  write_text(here.path() / "commas.tsv", commas);
  write_text(here.path() / "tabs.tsv", tabs);
  for (const char* data :
       {"a.tsv.d/x.csv", "commas.tsv --delimiter ,", "tabs.tsv", "tabs.tsv --delimiter tab"})
    gradus_fine(std::string("train --epochs 1 --hidden 3 --quiet --data ") + data, here.path());
}

TEST(Data, WarnsOfWhatIsHardlyMeant) {
  const TempFolder here;
  write_text(here.path() / "houses.csv", houses(100));
  std::string one = "a,kind\n", ids = "id,a,kind\n";
  for (int i = 0; i < 60; ++i) {
    one += std::to_string(i) + ",x\n";
    ids += "k" + std::to_string(i) + "," + std::to_string(i) + (i % 2 ? ",x\n" : ",y\n");
  }
  write_text(here.path() / "one.csv", one);
  write_text(here.path() / "ids.csv", ids);
  std::string whole = "a,price\n";
  for (int i = 0; i < 60; ++i) whole += std::to_string(i) + "," + std::to_string(100000 + 7 * i) + "\n";
  write_text(here.path() / "whole.csv", whole);
  const xt::xarray<float> x = xt::ones<float>({20, 2});
  xt::xarray<float> floats = xt::zeros<float>({20});
  xt::xarray<std::int64_t> far = xt::zeros<std::int64_t>({20});
  floats(3) = 1, far(3) = 500;
  nn::write_npy(here.path() / "x.npy", x);
  nn::write_npy(here.path() / "floats.npy", floats);
  nn::write_npy(here.path() / "far.npy", far);
  const struct {
    const char *data, *warning;
  } cases[] = {{"one.csv", "all rows are of the one class \"x\""},
               {"ids.csv --allow-unknown", "column \"id\" has 60 different texts"},
               {"whole.csv", "--regression takes them as values"},
               {"x.npy --targets floats.npy", "taken as values"},
               {"x.npy --targets far.npy", "only 2 have examples"}};
  for (const auto& c : cases) {
    const Outcome run =
        gradus(std::string("train --epochs 1 --hidden 2 --quiet --data ") + c.data, here.path());
    EXPECT_EQ(run.status, 0) << c.data << run.err;
    ASSERT_EQ(lines(run.err).size(), 1u) << c.data << run.err;
    EXPECT_TRUE(run.err.starts_with("gradus train: warning: ") && contains(run.err, c.warning)) << run.err;
    EXPECT_LT(run.out.size(), 5000u) << "no matrix that nobody can read";
  }
}

TEST(Data, NoNumberThatIsNoneIsLearnt) {
  const TempFolder here;
  xt::xarray<float> x = xt::ones<float>({20, 3});
  xt::xarray<float> y = xt::ones<float>({20});
  nn::write_npy(here.path() / "y.npy", y);
  x(17, 1) = std::nanf("");
  nn::write_npy(here.path() / "gap.npy", x);
  x(17, 1) = 0;
  nn::write_npy(here.path() / "x.npy", x);
  y(4) = INFINITY;
  nn::write_npy(here.path() / "far.npy", y);
  write_text(here.path() / "far.csv", "a,b\n1,x\n1e300,y\n2,x\n3,y\n");
  write_text(here.path() / "latin.csv", "a,b\n1,x\n1,M\xfcll\n");
  const struct {
    const char *data, *complaint;
  } cases[] = {{"gap.npy --targets y.npy --regression", "inputs, row 18, number 2"},
               {"x.npy --targets far.npy --regression", "targets, row 5"},
               {"far.csv", "column \"a\", row 2: found 1e+300"},
               {"latin.csv", "line 3, column 2"}};
  for (const auto& c : cases) {
    const Outcome run = gradus(std::string("train --epochs 1 --hidden 2 --data ") + c.data, here.path());
    EXPECT_EQ(run.status, 1) << c.data;
    EXPECT_TRUE(contains(run.err, c.complaint)) << run.err;
    EXPECT_FALSE(contains(run.out, "epoch")) << run.out;
  }
}

/// Changes an entry of the metadata.
Outcome evaluate_with(const TempFolder& here, const std::string& key, const std::string& value) {
  nn::Safetensors file = nn::read_safetensors(here.path() / "run/model.safetensors");
  file.metadata[key] = value;
  nn::write_safetensors(here.path() / "changed.safetensors", file);
  return gradus("evaluate changed.safetensors moons --rows 60", here.path());
}

TEST(Data, NotesThatAreDamagedAreNotPassedOver) {
  const TempFolder here;
  gradus_fine("train --data moons --rows 60 --epochs 1 --hidden 3 --quiet", here.path());
  nn::Safetensors file = nn::read_safetensors(here.path() / "run/model.safetensors");
  std::string names = file.metadata.at("preprocessing");
  const std::size_t at = names.find(R"(["0","1"])");
  ASSERT_NE(at, names.npos) << names;
  EXPECT_EQ(evaluate_with(here, "settings", "{}").status, 0);
  for (const auto& [key, value, complaint] :
       {std::tuple{"settings", std::string(R"({"loss": )"), "settings"},
        {"settings", "[]", "settings"},
        {"gradus.notes", "2", "version '2'"},
        {"preprocessing", names.replace(at, 9, R"(["0","1","2"])"), "names 3 classes"}}) {
    const Outcome run = evaluate_with(here, key, value);
    EXPECT_EQ(run.status, 1) << key << value;
    EXPECT_TRUE(contains(run.err, complaint)) << run.err;
  }
}

TEST(Data, WatchesAnyMetric) {
  const TempFolder here;
  for (const char* metric : {"validation_f1", "validation_recall", "train_precision"})
    gradus_fine(
        std::string("train --data moons --rows 60 --epochs 2 --hidden 3 --quiet --keep-best --monitor ") +
            metric,
        here.path());
  gradus_fine("train --data sine --rows 60 --epochs 2 --hidden 3 --quiet --keep-best --monitor validation_r2",
              here.path());
}

TEST(Data, AModelMustGiveANumberForEachClass) {
  const TempFolder here;
  write_text(here.path() / "m.json", R"({"type": "Linear", "attributes": {"in": 784, "out": 3}})");
  const Outcome run = gradus("train --rows 60 --epochs 1 --model m.json", here.path());
  EXPECT_EQ(run.status, 1);
  EXPECT_TRUE(contains(run.err, "expected (n,10), a number for each class")) << run.err;
}

}  // namespace
}  // namespace gradus::testing
