#include <cmath>

#include "gradus.hpp"

#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/data/npy.hpp>

namespace gradus::testing {
namespace {

const char* const commands[] = {"train", "evaluate", "predict", "report", "inspect", "check", "completion"};

TEST(Cli, ComplainsInOneLineWithItsExitStatus) {
  const TempFolder here;
  write_text(here.path() / "gap.csv", "a,kind\n1,x\n,y\n3,x\n4,y\n");
  write_text(here.path() / "bad.json", R"({"type": "Nothing"})");
  write_text(here.path() / "bad.safetensors", "nothing");
  write_text(here.path() / "one.csv", "a,b\n1,2\n");
  nn::write_safetensors(here.path() / "foreign.safetensors", {{{"a", xt::xarray<float>{1, 2}}}, {}});
  gradus_fine("train --data moons --rows 60 --epochs 1 --hidden 3 --quiet", here.path());
  const struct {
    const char* arguments;
    int status;
    const char *who, *named;
  } cases[] = {
      {"", 2, "gradus: ", "train, evaluate"},
      {"dance", 2, "gradus: ", "'dance' is not expected: expected a command: train"},
      {"trian", 2, "gradus: ", "is train meant?"},
      {"train --epoch 3", 2, "gradus train: ", "'--epoch' is not expected: is --epochs meant?"},
      {"train --wieght-decay=3", 2, "gradus train: ", "is --weight-decay meant?"},
      {"train --nonsense", 2, "gradus train: ", "`gradus train --help` lists what is"},
      {"train stray", 2, "gradus train: ", "stray"},
      {"train --epochs 0", 2, "gradus train: ", "--epochs"},
      {"train --epochs 1.5", 2, "gradus train: ", "--epochs"},
      {"train --batch -5", 2, "gradus train: ", "--batch"},
      {"train --seed -1", 2, "gradus train: ", "--seed"},
      {"train --threads 0", 2, "gradus train: ", "--threads"},
      {"train --lr much", 2, "gradus train: ", "--lr"},
      {"train --activation cube", 2, "gradus train: ", "cube"},
      {"train --data moons --hidden 5,x", 2, "gradus train: ", "'x'"},
      {"train --data moons --hidden 0", 2, "gradus train: ", "'0'"},
      {"train --data moons --optimizer adam --momentum 0.9", 2, "gradus train: ", "no use for --momentum"},
      {"train --data moons --optimizer lbfgs --weight-decay 1", 2, "gradus train: ", "--weight-decay"},
      {"train --data sine --loss cross_entropy", 2, "gradus train: ", "does not go with values"},
      {"train --data moons --loss mse", 2, "gradus train: ", "does not go with classes"},
      {"train --data moons --plateau 2 --schedule cosine", 2, "gradus train: ", "--plateau"},
      {"train --data moons --warm-up 10 --epochs 5", 2, "gradus train: ", "--warm-up"},
      {"train --data moons --lr nan", 2, "gradus train: ", "--lr: 'nan': expected a number above 0"},
      {"train --data moons --lr -1", 2, "gradus train: ", "--lr: '-1'"},
      {"train --data moons --lr 0", 2, "gradus train: ", "--lr: '0'"},
      {"train --data moons --dropout 1", 2, "gradus train: ", "from 0 to below 1"},
      {"train --data moons --dropout -0.5", 2, "gradus train: ", "--dropout: '-0.5'"},
      {"train --data moons --clip-norm 0", 2, "gradus train: ", "--clip-norm: '0'"},
      {"train --data moons --hidden 10,,20", 2, "gradus train: ", "--hidden: ''"},
      {"train --epochs 1e3", 2, "gradus train: ", "'1e3': expected a whole number from 1"},
      {"train --data moons --targets y.npy", 2, "gradus train: ", "--targets goes with arrays"},
      {"train --data moons --missing mean", 2, "gradus train: ", "'moons' is generated"},
      {"train --data moons --delimiter '|'", 2, "gradus train: ", "--delimiter goes with tables"},
      {"train --data moons --regression", 2, "gradus train: ", "--regression goes with tables and arrays"},
      {"train --data gap.csv --noise 1", 2, "gradus train: ", "'gap.csv' is a table"},
      {"train --data moons --model bad.json --hidden 5", 2, "gradus train: ", "--hidden goes with"},
      {"train --data moons --model bad.json --batch-norm", 2, "gradus train: ", "--batch-norm"},
      {"train --data moons --every 3", 2, "gradus train: ", "--every goes with a --schedule"},
      {"train --data moons --monitor train_loss", 2, "gradus train: ", "--keep-best"},
      {"evaluate run/model.safetensors moons --no-header", 2, "gradus evaluate: ", "--no-header goes with"},
      {"train --rows 300 --hidden 9,9 --optimizer sgd --lr 1e30", 1, "gradus train: ", "finite"},
      {"train --monitor beauty --keep-best --data xor", 1, "gradus train: ", "beauty"},
      {"train --data nowhere", 1, "gradus train: ", "'nowhere' is no data"},
      {"train --data nowhere.csv", 1, "gradus train: ", "nowhere.csv"},
      {"train --data gap.csv", 1, "gradus train: ", "row 2"},
      {"train --data gap.csv --label b", 1, "gradus train: ", "b"},
      {"train --data moons --output gap.csv/run", 1, "gradus train: ", "gap.csv"},
      {"train --data moons --model bad.json", 1, "gradus train: ", "Nothing"},
      {"train --resume run/model.safetensors", 1, "gradus train: ", "expected a checkpoint"},
      {"train --resume run/checkpoint.safetensors --epochs 2", 0, "", ""},
      {"train --resume run/checkpoint.safetensors --epochs 1", 2, "gradus train: ", "2 epochs behind it"},
      {"predict gap.csv run/model.safetensors", 1, "gradus predict: ", "is no data"},
      {"inspect bad.json", 1, "gradus inspect: ", "no safetensors file"},
      {"predict gap.csv moons", 1, "gradus predict: ", "no safetensors file"},
      {"predict run moons", 1, "gradus predict: ", "Is a directory"},
      {"predict foreign.safetensors moons", 1, "gradus predict: ", "files of other programs"},
      {"train --data one.csv", 1, "gradus train: ", "--validation-fraction 0"},
      {"train --resume bad.safetensors", 1, "gradus train: ", "bad.safetensors"},
      {"evaluate", 2, "gradus evaluate: ", "model"},
      {"evaluate run/model.safetensors", 2, "gradus evaluate: ", "data"},
      {"evaluate run/model.safetensors gap.csv", 1, "gradus evaluate: ", "not learnt from"},
      {"evaluate run/model.safetensors digits --rows 6", 1, "gradus evaluate: ", "784"},
      {"evaluate run/model.safetensors sine", 1, "gradus evaluate: ", "the model has learnt classes"},
      {"evaluate nothing.safetensors moons", 1, "gradus evaluate: ", "nothing.safetensors"},
      {"predict bad.safetensors moons", 1, "gradus predict: ", "bad.safetensors"},
      {"predict run/model.safetensors moons -o no/where.csv", 1, "gradus predict: ", "no/where.csv"},
      {"inspect bad.safetensors", 1, "gradus inspect: ", "bad.safetensors"},
      {"inspect run/model.safetensors --input 3", 1, "gradus inspect: ", "3"},
      {"check bad.json", 1, "gradus check: ", "Nothing"},
      {"check bad.safetensors", 1, "gradus check: ", "bad.safetensors"},
      {"check bad.json --stencil star", 2, "gradus check: ", "star"},
      {"completion tcsh", 2, "gradus completion: ", "tcsh"}};
  for (const auto& c : cases) {
    const Outcome run = gradus(c.arguments, here.path());
    EXPECT_EQ(run.status, c.status) << c.arguments << ": " << run.err;
    if (c.status == 0) continue;
    const std::vector<std::string> complaint = lines(run.err);
    ASSERT_EQ(complaint.size(), 1u) << c.arguments << ":\n" << run.err;
    EXPECT_TRUE(complaint[0].starts_with(c.who)) << complaint[0];
    EXPECT_TRUE(contains(complaint[0], c.named)) << c.arguments << ": " << complaint[0];
  }
}

TEST(Cli, OutputThatIsLostIsAFailure) {
  const TempFolder here;
  gradus_fine("train --data moons --rows 60 --epochs 1 --hidden 3 --quiet", here.path());
  for (const char* arguments :
       {"train --data moons --rows 60 --epochs 1", "evaluate run/model.safetensors moons",
        "predict run/model.safetensors moons -o -", "inspect run/model.safetensors", "--help", "train --help",
        "--version", "completion bash"})
    EXPECT_EQ(gradus(std::string(arguments) + " >/dev/full 2>/dev/null; exit $?", here.path()).status, 1)
        << arguments;
}

TEST(Cli, TheStandardOutputByNameIsTheOneItHas) {
  const TempFolder here;
  gradus_fine("train --data moons --rows 60 --epochs 1 --hidden 3 --quiet", here.path());
  const std::string predict = "predict run/model.safetensors moons --output ";
  const std::string table = gradus_fine(predict + "-", here.path());
  for (const char* place : {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
    EXPECT_EQ(gradus_fine(predict + place, here.path()), table) << "a file";
    EXPECT_EQ(gradus_fine(predict + place + " | cat", here.path()), table) << "a pipe";
    EXPECT_EQ(lines(gradus_fine(predict + place + " | head -1", here.path())).size(), 1u);
    write_text(here.path() / "log", "before\n");
    gradus_fine(predict + place + " >>log; true", here.path());
    EXPECT_EQ(read_file(here.path() / "log"), "before\n" + table) << place << ", which may have more in it";
  }
}

TEST(Cli, HelpsWithEveryCommand) {
  const TempFolder here;
  EXPECT_TRUE(contains(gradus_fine("--version", here.path()), "gradus 0."));
  const std::string all = gradus_fine("--help", here.path());
  EXPECT_TRUE(contains(all, "Exit status")) << all;
  for (const char* command : commands) {
    EXPECT_TRUE(contains(all, command)) << command;
    const std::string help = gradus_fine(std::string(command) + " --help", here.path());
    EXPECT_TRUE(contains(help, "Examples:") && contains(help, std::string("gradus ") + command)) << help;
  }
}

TEST(Cli, ChecksTheGradientsOfADescription) {
  const TempFolder here;
  write_text(here.path() / "model.json", R"({"type": "Sequential", "children": [
    {"name": "0", "type": "Linear", "attributes": {"in": 3, "out": 4}},
    {"name": "1", "type": "BatchNorm1d", "attributes": {"features": 4}},
    {"name": "2", "type": "Tanh"},
    {"name": "3", "type": "Dropout", "attributes": {"p": 0.5}},
    {"name": "4", "type": "Linear", "attributes": {"in": 4, "out": 2}}]})");
  const std::string out = gradus_fine("check model.json --stencil five_point", here.path());
  EXPECT_TRUE(contains(out, "in training") && contains(out, "in evaluation")) << out;
  EXPECT_TRUE(contains(out, "gradients agree")) << out;
  EXPECT_FALSE(contains(out, "analytic 0, numerical 0,")) << "nothing was checked: " << out;
  const Outcome coarse = gradus("check model.json --step 0.5", here.path());
  EXPECT_EQ(coarse.status, 0) << "no rule is to blame: " << coarse.out;
  EXPECT_TRUE(contains(coarse.out, "no rule is wrong") && contains(coarse.out, "spoilt by truncation"))
      << coarse.out;
  EXPECT_TRUE(contains(gradus_fine("check model.json --most-elements 5", here.path()), "direction"));
}

TEST(Cli, InspectsModelsAndArrays) {
  const TempFolder here;
  gradus_fine("train --data blobs --rows 60 --epochs 2 --hidden 3 --quiet", here.path());
  const std::string model = gradus_fine("inspect run/checkpoint.safetensors", here.path());
  for (const char* part : {"2 Linear", "0.weight", "float32", "(2,3)", "history, 2 epochs", "preprocessing"})
    EXPECT_TRUE(contains(model, part)) << part << model;

  write_text(here.path() / "model.json", gradus_fine("inspect run/model.safetensors --json", here.path()));
  gradus_fine("check model.json", here.path());
  gradus_fine("inspect run/model.safetensors --dot graph.dot", here.path());
  EXPECT_TRUE(contains(read_file(here.path() / "graph.dot"), "digraph"));

  nn::write_npz(here.path() / "a.npz",
                {{"x", xt::xarray<float>{{1, 2, 6}}}, {"y", xt::xarray<std::int32_t>{4}}});
  const std::string arrays = gradus_fine("inspect a.npz", here.path());
  EXPECT_TRUE(contains(arrays, "1 to 6, mean 3") && contains(arrays, "int32")) << arrays;
}

TEST(Cli, MakesTheReportOfASavedRun) {
  const TempFolder here;
  gradus_fine("train --data blobs --rows 60 --epochs 2 --hidden 3 --quiet", here.path());
  gradus_fine("report run/checkpoint.safetensors blobs -o again.html", here.path());
  const std::string page = read_file(here.path() / "again.html");
  for (const char* part : {"<svg", "Loss", "accuracy", "Sequential", "judged by the test set of blobs"})
    EXPECT_TRUE(contains(page, part)) << part;
}

TEST(Cli, AReportOnOtherDataSaysWhichAndHowMany) {
  const TempFolder here;
  std::string rows;
  for (int i = 0; i < 7; ++i) rows += std::to_string(i) + "," + std::to_string(2 * i) + "\n";
  write_text(here.path() / "houses.csv", "x,price\n" + rows + rows);
  write_text(here.path() / "more.csv", "x,price\n" + rows);
  gradus_fine("train --data houses.csv --regression --epochs 2 --hidden 3 --quiet", here.path());
  gradus_fine("report run/model.safetensors more.csv", here.path());
  const std::string page = read_file(here.path() / "report.html");
  for (const char* part : {"<title>Trained on houses.csv, judged by more.csv: price</title>",
                           ">judged by more.csv<", "<dt>rows</dt><dd>7</dd>"})
    EXPECT_TRUE(contains(page, part)) << part;
}

}  // namespace
}  // namespace gradus::testing
