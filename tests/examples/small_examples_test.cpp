#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/tests/examples/run.hpp>

namespace gradus::testing {
namespace {

/// The text with every run of blanks as one.
std::string squeezed(const std::string& text) { return std::regex_replace(text, std::regex(" +"), " "); }

TEST(Circuit, PrintsEveryStepFromTheLastWithValueAndGradient) {
  const Outcome run = run_example("circuit");
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.err, "");
  // Worked through in CS231n, "Backpropagation, Intuitions".
  EXPECT_TRUE(contains(squeezed(run.out),
                       "(2) f = q z -12.000000 1.000000\n"
                       "(1) q = x + y 3.000000 -4.000000\n"
                       " x -2.000000 -4.000000\n"
                       " y 5.000000 -4.000000\n"
                       " z -4.000000 3.000000\n"))
      << run.out;
  // The staged expression at x = 3, y = -4, differentiated by hand.
  EXPECT_TRUE(contains(squeezed(run.out),
                       "(8) f = num invden 1.545645 1.000000\n"
                       "(7) invden = 1 / den 0.512144 3.017986\n"
                       "(6) den = sigx + xpysqr 1.952574 -0.791593\n"
                       "(5) xpysqr = xpy^2 1.000000 -0.791593\n"
                       "(4) xpy = x + y -1.000000 1.583187\n"
                       "(3) sigx = sigmoid(x) 0.952574 -0.791593\n"
                       "(2) num = x + sigy 3.017986 0.512144\n"
                       "(1) sigy = sigmoid(y) 0.017986 0.512144\n"
                       " x 3.000000 2.059570\n"
                       " y -4.000000 1.592233\n"))
      << run.out;
}

TEST(Circuit, WritesNothingWhenItIsAskedForHelp) {
  const TempFolder folder;
  EXPECT_EQ(run_example("circuit", "--help", folder.path()).status, 0);
  EXPECT_EQ(run_example("circuit", "--hepl", folder.path()).status, 2);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Gates, HaveTheirTruthTables) {
  const Outcome run = run_example("gates");
  EXPECT_EQ(run.status, 0) << run.err;
  for (const char* row : {"\n0 0 | 0 0 0 (", "\n0 1 | 0 1 1 (", "\n1 0 | 0 1 1 (", "\n1 1 | 1 1 0 (",
                          "\nNOT 0 = 1\n", "\nNOT 1 = 0\n"})
    EXPECT_TRUE(contains(squeezed(run.out), row)) << row << " in\n" << run.out;
}

TEST(Moons, AreToldApart) {
  const Outcome run = run_example("moons");
  EXPECT_EQ(run.status, 0) << run.err;
  const std::vector<std::string> steps = lines(run.out);
  ASSERT_EQ(steps.size(), 10u);
  EXPECT_TRUE(contains(steps.back(), "step 100")) << steps.back();
  EXPECT_TRUE(contains(steps.back(), "accuracy 100%")) << steps.back();
}

TEST(Regression, FollowsTheSine) {
  const Outcome run = run_example("regression");
  EXPECT_EQ(run.status, 0) << run.err;
  const std::string last = lines(run.out).back();
  ASSERT_TRUE(contains(last, "largest error ")) << last;
  EXPECT_LT(std::stod(last.substr(last.rfind(' '))), 0.1);
}

TEST(Table, IsLearntAndItsFilesAreLeft) {
  const TempFolder folder;
  const Outcome run = run_example("table", "", folder.path());
  EXPECT_EQ(run.status, 0) << run.err;
  const std::vector<std::string> all = lines(run.out);
  ASSERT_EQ(all.size(), 6u) << run.out;
  const std::size_t at = all[5].find("r2 ");
  ASSERT_NE(at, std::string::npos) << all[5];
  EXPECT_GT(std::stod(all[5].substr(at + 3)), 0.95);  // the noise leaves 1 - 15^2 / var(price), which is 0.98
  const std::string table = read_file(folder.path() / "flats.csv");
  for (std::size_t i = 0; i < 5; ++i) {  // rows are those of the table
    const std::size_t row = std::stoul(all[i].substr(4)), price = all[i].find("price ");
    const std::string line = lines(table).at(row + 1);  // behind the header
    EXPECT_NEAR(std::stod(line.substr(line.rfind(',') + 1)), std::stod(all[i].substr(price + 6)), 0.06)
        << all[i];
  }
  EXPECT_TRUE(contains(read_file(folder.path() / "flats.html"), "Predicted against true"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "flats.safetensors"));
}

TEST(ConvDigits, AreRecognised) {
  const TempFolder folder;
  const Outcome run = run_example("conv_digits", "", folder.path());
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_TRUE(contains(run.out, "epoch 3  loss ")) << run.out;
  const std::string last = lines(run.out).back();
  ASSERT_TRUE(contains(last, "test accuracy ")) << last;
  EXPECT_GT(std::stod(last.substr(last.rfind(' '))), 92);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "conv_digits.safetensors"));
}

TEST(SmallExamples, AreEachUnderSeventyLines) {
  for (const char* name : {"gates", "moons", "regression", "table", "conv_digits"}) {
    const std::string source = read_file(GRADUS_SOURCE_DIR "/examples/" + std::string(name) + ".cpp");
    EXPECT_GT(source.size(), 0u) << name;
    EXPECT_LT(lines(source).size(), 70u) << name;
  }
}

}  // namespace
}  // namespace gradus::testing
