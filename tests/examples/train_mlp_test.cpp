#include <cstdint>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/rng.hpp>
#include <gradus/nn/data/digits.hpp>
#include <gradus/tests/examples/run.hpp>

namespace gradus::testing {
namespace {

namespace fs = std::filesystem;

const std::string small = "--images 2000 --hidden 32 --activation relu --lr 0.05 --momentum 0.9 --epochs 3 ";

double test_accuracy(const Outcome& run) {
  std::smatch match;
  return std::regex_search(run.out, match, std::regex("test accuracy ([0-9.]+) %")) ? std::stod(match[1])
                                                                                    : -1;
}

/// The lines of the epochs without what depends on the clock.
std::vector<std::string> epochs(const Outcome& run) {
  std::vector<std::string> result;
  for (const std::string& line : lines(run.out))
    if (line.starts_with("epoch"))
      result.push_back(std::regex_replace(line, std::regex("  [0-9]+ images/s.*"), ""));
  return result;
}

/// Exit status 2, and one line on stderr that mentions `part`.
void expect_complaint(const Outcome& run, const std::string& arguments, const std::string& part) {
  EXPECT_EQ(run.status, 2) << arguments;
  const std::vector<std::string> complaint = lines(run.err);
  ASSERT_EQ(complaint.size(), 1u) << arguments << ":\n" << run.err;
  EXPECT_TRUE(complaint[0].starts_with("train_mlp: ")) << complaint[0];
  EXPECT_TRUE(contains(complaint[0], part)) << arguments << ": " << complaint[0];
  EXPECT_FALSE(contains(run.out, "epoch")) << "it began to train";
}

TEST(TrainMlp, LearnsGeneratedDigits) {
  const TempFolder folder;
  const Outcome run = run_example("train_mlp", small + "--out picture.svg", folder.path());
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(epochs(run).size(), 3u) << "one line an epoch, as this is no terminal:\n" << run.out;
  EXPECT_FALSE(contains(run.out, "\r"));
  EXPECT_GT(test_accuracy(run), 75) << run.out;
  EXPECT_TRUE(contains(run.out, "label \\ predicted")) << run.out;
  EXPECT_TRUE(read_file(folder.path() / "picture.svg").starts_with("<svg")) << "the curves";
}

TEST(TrainMlp, OutputThatIsLostIsAFailure) {
  EXPECT_EQ(run_example("train_mlp", "--images 300 --epochs 1 >/dev/full; exit $?").status, 2);
}

TEST(TrainMlp, TheSameSeedGivesTheSameRun) {
  const std::string tiny = "--images 300 --epochs 2 --activation tanh ";
  const Outcome one = run_example("train_mlp", tiny + "--seed 5 --threads 1");
  EXPECT_EQ(epochs(one).size(), 2u);
  EXPECT_EQ(epochs(one), epochs(run_example("train_mlp", tiny + "--seed 5 --threads 2")));
  EXPECT_NE(epochs(one), epochs(run_example("train_mlp", tiny + "--seed 6 --threads 1")));
}

TEST(TrainMlp, TakesAnyNumberOfHiddenLayersAndADecayingRate) {
  for (const char* arguments :
       {"--hidden 8,9,10", "--hidden 8 9 --decay 0.5 --init xavier", "--momentum 0.5 --batch 1000"}) {
    const Outcome run = run_example("train_mlp", std::string("--images 60 --epochs 1 ") + arguments);
    EXPECT_EQ(run.status, 0) << arguments << ": " << run.err;
  }
}

TEST(TrainMlp, HelpsWithEveryFlag) {
  const Outcome run = run_example("train_mlp", "--help");
  EXPECT_EQ(run.status, 0);
  for (const char* flag : {"--data", "--hidden", "--activation", "--init", "--epochs", "--batch", "--lr",
                           "--decay", "--momentum", "--seed", "--threads", "--out"})
    EXPECT_TRUE(contains(run.out, flag)) << flag;
}

TEST(TrainMlp, ComplainsAboutWrongFlags) {
  const struct {
    const char *arguments, *named;
  } cases[] = {{"--nonsense", "--nonsense"},
               {"stray", "stray"},
               {"--epochs 0", "--epochs"},
               {"--epochs 1.5", "--epochs"},
               {"--batch 0", "--batch"},
               {"--batch -5", "--batch"},
               {"--batch ten", "--batch"},
               {"--images 0", "--images"},
               {"--lr nan", "lr nan"},
               {"--lr 0", "lr 0"},
               {"--lr -1", "lr -1"},
               {"--lr inf", "lr inf"},
               {"--lr much", "--lr"},
               {"--momentum 1", "momentum 1"},
               {"--momentum nan", "momentum nan"},
               {"--lr -1e-7", "lr -1e-07"},
               {"--momentum 1.0000001", "momentum 1.0000001"},
               {"--images 10 --decay 0", "factor 0"},
               {"--images 10 --decay -1e-9", "factor -1e-09"},
               {"--hidden 0", "--hidden: '0': expected whole numbers"},
               {"--hidden 100001", "--hidden: '100001'"},
               {"--hidden 99999999999999999999", "--hidden: '99999999999999999999'"},
               {"--hidden -5", "-5"},
               {"--hidden a", "--hidden: 'a': expected whole numbers"},
               {"--hidden 5,x", "--hidden: '5,x'"},
               {"--hidden 5,,5", "--hidden: '5,,5'"},
               {"--hidden 5,", "--hidden: '5,'"},
               {"--hidden ,", "--hidden: ','"},
               {"--hidden 8 9.5", "--hidden: '9.5'"},
               {"--hidden ''", "--hidden: ''"},
               {"--hidden", "--hidden"},
               {"--out ''", "--out: expected a name"},
               {"--data ''", "--data: expected a name"},
               {"--activation cube", "cube"},
               {"--init best", "best"},
               {"--seed -1", "--seed"},
               {"--threads 0", "--threads"},
               {"--images 10 --out nowhere/curve.svg", "nowhere/curve.svg"}};
  for (const auto& c : cases) expect_complaint(run_example("train_mlp", c.arguments), c.arguments, c.named);
}

TEST(TrainMlp, ComplainsAboutALossThatIsNoLongerFinite) {
  const Outcome run = run_example("train_mlp", "--images 300 --lr 1e30 --activation relu --hidden 9,9");
  expect_complaint(run, "--lr 1e30", "--lr");
}

std::string word(std::size_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

void write(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Generated digits as a folder in the form of MNIST.
void write_digits(const fs::path& folder) {
  Rng rng{1};
  for (const auto& [prefix, count] : {std::pair{"train", 800}, {"t10k", 200}}) {
    const nn::Dataset set = nn::generate_digits(count, rng);
    std::string images = word(0x803) + word(set.size()) + word(28) + word(28),
                labels = word(0x801) + word(set.size());
    for (const float ink : set.inputs) images += static_cast<char>(static_cast<int>(255 * ink));
    for (const std::int64_t label : set.targets) labels += static_cast<char>(label);
    write(folder / (prefix + std::string("-images-idx3-ubyte")), images);
    write(folder / (prefix + std::string("-labels-idx1-ubyte")), labels);
  }
}

TEST(TrainMlp, ReadsAFolderInTheFormOfMnist) {
  const TempFolder data, here;
  write_digits(data.path());
  const std::string arguments =
      "--data '" + data.path().string() + "' --activation relu --lr 0.1 --momentum 0.9 --epochs 5";
  const Outcome run = run_example("train_mlp", arguments, here.path());
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_GT(test_accuracy(run), 60) << run.out;
  EXPECT_TRUE(fs::exists(here.path() / "curve.svg"));
}

TEST(TrainMlp, ComplainsAboutAMissingFolderAndADamagedFile) {
  expect_complaint(run_example("train_mlp", "--data /no/such/folder"), "a missing folder", "/no/such/folder");

  const TempFolder data;
  write_digits(data.path());
  const fs::path images = data.path() / "train-images-idx3-ubyte";
  fs::resize_file(images, fs::file_size(images) - 100);
  const std::string arguments = "--data '" + data.path().string() + "'";
  expect_complaint(run_example("train_mlp", arguments), "a file cut short", images.string());
}

}  // namespace
}  // namespace gradus::testing
