#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "gradus.hpp"

// What the program leaves in the files of a run.

namespace gradus::testing {
namespace {

namespace fs = std::filesystem;

const std::string quick = " --quiet ";

TEST(TrainFiles, AreLeftByARunThatLearnsMoons) {
  const TempFolder here;
  const std::string out =
      gradus_fine("train --data moons --hidden 32 --epochs 12 --lr 0.02 --output run", here.path());
  EXPECT_GT(number_after(out, "accuracy"), 95) << out;
  EXPECT_TRUE(contains(out, "epoch 12/12")) << out;
  EXPECT_TRUE(contains(out, "label \\ predicted")) << out;
  EXPECT_FALSE(contains(out, "\r"));
  const fs::path run = here.path() / "run";
  EXPECT_EQ(lines(read_file(run / "history.csv")).size(), 13u);
  const std::string report = read_file(run / "report.html");
  for (const char* part : {"<svg", "Learning rate", "gradus train --data moons", "Sequential", "accuracy"})
    EXPECT_TRUE(contains(report, part)) << part;
  EXPECT_TRUE(fs::exists(run / "checkpoint.safetensors"));
  EXPECT_NEAR(number_after(gradus_fine("evaluate run/model.safetensors moons", here.path()), "accuracy"),
              number_after(out, "accuracy"), 0.005);
}

TEST(TrainFiles, EqualRunsLeaveEqualModels) {
  const TempFolder here;
  std::vector<std::string> files;
  for (int run = 0; run < 2; ++run) {
    gradus_fine("train --data moons --hidden 8 --epochs 2 --keep-best" + quick, here.path());
    for (const char* name : {"run/model.safetensors", "run/best.safetensors"})
      files.push_back(read_file(here.path() / name));
  }
  EXPECT_EQ(files[0], files[2]);
  EXPECT_EQ(files[1], files[3]);
  EXPECT_FALSE(contains(gradus_fine("inspect run/model.safetensors", here.path()), "seconds"));
}

TEST(TrainFiles, MistakesInTheReportAreRowsOfTheTable) {
  const TempFolder here;
  std::string text = "x,kind\n,even\n";  // the row without a number is dropped
  for (int i = 2; i <= 101; ++i) text += (i % 2 ? "1,odd\n" : "0,even\n");
  text += "1,even\n1,even\n1,even\n";  // rows 102 to 104 are wrong
  write_text(here.path() / "table.csv", text);
  gradus_fine(
      "train --data table.csv --missing drop --validation-fraction 0.5 --hidden 8 --epochs 30 --lr 0.05" +
          quick,
      here.path());
  const std::string report = read_file(here.path() / "run/report.html");
  std::vector<std::string> rows;
  const std::regex row("% sure, row ([0-9]+)");
  for (std::sregex_iterator at(report.begin(), report.end(), row), end; at != end; ++at)
    rows.push_back((*at)[1]);
  EXPECT_FALSE(rows.empty()) << report;
  for (const std::string& each : rows) EXPECT_TRUE(each == "102" || each == "103" || each == "104") << each;
  for (const char* part :
       {"Training on table.csv: kind", "judged by the validation data", "validation</text>"})
    EXPECT_TRUE(contains(report, part)) << part;
}

TEST(TrainFiles, ARegressionShowsPredictedAgainstTrue) {
  const TempFolder here;
  gradus_fine("train --data sine --scale-targets none --epochs 2 --hidden 8" + quick, here.path());
  const std::string report = read_file(here.path() / "run/report.html");
  EXPECT_TRUE(contains(report, "Predicted against true"));
  EXPECT_FALSE(contains(report, ">Mse<")) << "it is the loss";
  EXPECT_TRUE(contains(report, "<title>Training on sine</title>"));
}

}  // namespace
}  // namespace gradus::testing
