#include <cmath>
#include <vector>

#include "gradus.hpp"

#include <gradus/core/rng.hpp>
#include <gradus/nn/training/history.hpp>

// What a run is told to do otherwise than at first, and what it says of its choices.

namespace gradus::testing {
namespace {

/// The learning rates of a run's epochs.
std::vector<double> rates(const std::filesystem::path& history) {
  std::vector<double> rates;
  for (const auto& record : nn::History::from_json_lines(read_file(history)).epochs)
    rates.push_back(record.lr);
  return rates;
}

TEST(Choices, ARateGivenWhenResumingBeginsItsScheduleAnew) {
  const TempFolder here;
  const std::string whole = "train --data moons --rows 60 --hidden 3 --quiet --history h.jsonl ";
  const std::string resume = "train --resume run/checkpoint.safetensors --quiet --epochs 6 ";
  for (const std::string schedule :
       {"", "--schedule cosine ", "--schedule step --every 2 ", "--warm-up 2 "}) {
    gradus_fine(whole + schedule + "--lr 0.001 --epochs 4", here.path());
    const std::vector<double> before = rates(here.path() / "h.jsonl");
    gradus_fine(resume, here.path());
    EXPECT_EQ(rates(here.path() / "h.jsonl").at(3), before.at(3)) << schedule;

    gradus_fine(whole + schedule + "--lr 0.001 --epochs 4", here.path());
    gradus_fine(resume + "--lr 0.25", here.path());
    const std::vector<double> resumed = rates(here.path() / "h.jsonl");
    gradus_fine(whole + schedule + "--lr 0.25 --epochs 6 --output whole", here.path());
    const std::vector<double> expected = rates(here.path() / "h.jsonl");
    EXPECT_EQ(resumed.at(3), before.at(3)) << schedule;
    EXPECT_EQ(resumed.at(4), expected.at(4)) << schedule;
    EXPECT_EQ(resumed.at(5), expected.at(5)) << schedule;
  }
  gradus_fine(whole + "--plateau 50 --epochs 4", here.path());
  const Outcome run = gradus(resume + "--lr 0.25", here.path());
  EXPECT_EQ(run.status, 2);
  EXPECT_TRUE(contains(run.err, "--lr does not go with --resume of a run with --plateau")) << run.err;
}

TEST(Choices, AreToldWithTheResult) {
  const TempFolder here;
  const std::string tiny = "train --data moons --rows 60 --hidden 3 --epochs 2 --quiet --keep-best ";
  const auto says = [&](const std::string& flags, const std::string& what) {
    const std::string out = gradus_fine(tiny + flags, here.path());
    return contains(out, what) && contains(out, "the model is that of epoch ");
  };
  EXPECT_TRUE(says("", "on the test set\n"));
  EXPECT_TRUE(says("--validation circles", "on the test set\n"));
  EXPECT_TRUE(contains(read_file(here.path() / "run/report.html"), "best epoch"));

  std::string table = "a,b\n";
  for (int i = 0; i < 20; ++i) table += std::to_string(i) + (i % 2 ? ",x\n" : ",y\n");
  write_text(here.path() / "t.csv", table);
  const std::string from_table = "train --data t.csv --hidden 3 --epochs 2 --quiet --keep-best ";
  for (const std::string part : {"validation", "training"})
    EXPECT_TRUE(
        contains(gradus_fine(from_table + (part == "training" ? "--validation-fraction 0" : ""), here.path()),
                 "on the " + part + " data, by which a choice was made"));
}

TEST(Choices, ValuesLearntThroughALinkAreGivenInTheirUnits) {
  const TempFolder here;
  Rng rng{3};
  std::string counts = "x,y\n", chances = "x,y\n";
  for (int i = 0; i < 300; ++i) {
    const double x = rng.uniform(-2, 2);
    counts += std::to_string(x) + ',' + std::to_string(std::lround(std::exp(1 + x))) + '\n';
    chances += std::to_string(x) + ',' + (x > 0 ? "1\n" : "0\n");
  }
  write_text(here.path() / "counts.csv", counts);
  write_text(here.path() / "chances.csv", chances);
  const std::string flags = " --regression --epochs 60 --lr 0.02 --quiet --hidden ";
  const std::string poisson =
      gradus_fine("train --data counts.csv --loss poisson_nll" + flags + "8", here.path());
  EXPECT_GT(number_after(poisson, "r2"), 0.95) << poisson;
  write_text(here.path() / "new.csv", "x\n2\n");
  const auto predicted = [&] {
    return std::stod(lines(gradus_fine("predict run/model.safetensors new.csv", here.path())).back());
  };
  EXPECT_NEAR(predicted(), std::exp(3), 3);
  const std::string chance =
      gradus_fine("train --data chances.csv --loss binary_cross_entropy" + flags + "8", here.path());
  EXPECT_GT(number_after(chance, "r2"), 0.8) << chance;
  EXPECT_NEAR(predicted(), 1, 0.05);
  EXPECT_LE(predicted(), 1);
}

}  // namespace
}  // namespace gradus::testing
