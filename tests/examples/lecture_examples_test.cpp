#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/tests/examples/run.hpp>
#include <gradus/tests/ops/graphs/run_code.hpp>

namespace gradus::testing {
namespace {

/// The numbers in a text.
std::vector<double> numbers(const std::string& text) {
  static const std::regex number("-?[0-9]+\\.?[0-9]*(e[-+]?[0-9]+)?");
  std::vector<double> result;
  for (std::sregex_iterator at(text.begin(), text.end(), number); at != std::sregex_iterator(); ++at)
    result.push_back(std::stod(at->str()));
  return result;
}

/// The numbers behind `beginning` in the line that begins so.
std::vector<double> row(const Outcome& run, const std::string& beginning) {
  for (const std::string& line : lines(run.out))
    if (line.starts_with(beginning)) return numbers(line.substr(beginning.size()));
  ADD_FAILURE() << "no line begins with '" << beginning << "':\n" << run.out;
  return {};
}

TEST(Circuit, DrawsItsFigures) {
  const TempFolder folder;
  const Outcome run = run_example("circuit", "", folder.path());
  EXPECT_EQ(run.status, 0) << run.err;
  for (const std::string name : {"product", "neuron", "staged"}) {
    const std::string dot = read_file(folder.path() / (name + ".dot")),
                      svg = read_file(folder.path() / (name + ".svg"));
    EXPECT_TRUE(dot.starts_with("digraph")) << name;
    EXPECT_TRUE(contains(dot, "#d00000")) << name << " has gradients";
    EXPECT_TRUE(contains(svg, "</svg>") || contains(run.out, "libgraphviz-dev")) << name;
  }
}

TEST(StagedCodeExample, RunsByItself) {
  for (const bool is_cpp : {true, false}) {
    const Outcome code = run_example("staged_code", is_cpp ? "--cpp" : "");
    ASSERT_EQ(code.status, 0) << code.err;
    const Language language = is_cpp ? Language::cpp : Language::numpy;
    if (missing_for(language)) continue;
    const auto result = run_code(code.out, language);
    ASSERT_TRUE(result) << code.out;
    EXPECT_NEAR(result->at("dx").at(0), 2.0595697955721652, 1e-12);
    EXPECT_NEAR(result->at("dy").at(0), 1.5922327514838093, 1e-12);
  }
}

TEST(ThreeLayers, GiveTheOutputOfTheBook) {
  const Outcome run = run_example("three_layers");
  EXPECT_EQ(run.status, 0) << run.err;
  const std::vector<double> sigmoid = row(run, "sigmoid"), relu = row(run, "relu");
  ASSERT_EQ(sigmoid.size(), 5u);
  EXPECT_NEAR(sigmoid[0], 0.31682708, 1e-6);
  EXPECT_NEAR(sigmoid[1], 0.69627909, 1e-6);
  EXPECT_NEAR(sigmoid[2] + sigmoid[3], 1, 1e-5);
  ASSERT_EQ(relu.size(), 5u);  // z1 = (0.3, 0.7, 1.1), z2 = (0.6, 1.33): all positive
  EXPECT_NEAR(relu[0], 0.1 + 0.1 * 0.6 + 0.2 * 1.33, 1e-6);
}

TEST(ReducedRank, ReachesTheClosedForm) {
  const Outcome run = run_example("reduced_rank");
  EXPECT_EQ(run.status, 0) << run.out;
  const double best = row(run, "closed form, by svd").at(0);
  EXPECT_NEAR(row(run, "step 1000  mean squared error").at(0), best, 1e-6);
  EXPECT_GT(row(run, "step    0  mean squared error").at(0), 2 * best);
}

TEST(LogisticRegression, FindsTheSameWeightsByBothWays) {
  const Outcome run = run_example("logistic_regression");
  EXPECT_EQ(run.status, 0) << run.out;
  const std::vector<double> descent = row(run, "gradient descent"), newton = row(run, "Newton  "),
                            truth = row(run, "truth");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(descent.at(i), newton.at(i), 1e-5);
    EXPECT_NEAR(newton.at(i), truth.at(i), 0.8) << "200 draws tell so much";
  }
  EXPECT_LT(row(run, "Newton step 7:").at(1), 1e-8) << run.out;
}

TEST(GradientDescent, EveryKindComesToTheNoiseTheOftenerStepsTheSooner) {
  const TempFolder folder;
  const Outcome run = run_example("gradient_descent", "", folder.path());
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_TRUE(read_file(folder.path() / "gradient_descent.svg").starts_with("<svg"));
  const std::vector<double> first = row(run, "    1"), last = row(run, "   20");
  ASSERT_EQ(first.size(), 3u);
  EXPECT_GT(first[0], first[2]);
  EXPECT_GT(first[2], first[1]);
  for (const double loss : last) EXPECT_NEAR(loss, 0.25, 0.07);
}

TEST(LearningRateDecay, SettlesWhereAConstantRateJumpsAbout) {
  const Outcome run = run_example("learning_rate_decay");
  EXPECT_EQ(run.status, 0) << run.out;
  const std::vector<double> distances = numbers(lines(run.out).back());
  ASSERT_EQ(distances.size(), 3u);
  EXPECT_GT(distances[1], 0.1) << "sqrt(eta / (2 - eta)) = 0.33 in expectation";
  EXPECT_LT(distances[2], 0.07);
}

TEST(LocalMinimum, IsLeftByTheMediumRateAlone) {
  const Outcome run = run_example("local_minimum");
  EXPECT_EQ(run.status, 0) << run.out;
  EXPECT_TRUE(contains(run.out, "-> x = 1.8608")) << run.out;
  EXPECT_TRUE(contains(run.out, "-> x = -2.1149")) << run.out;
  EXPECT_TRUE(contains(run.out, "diverges")) << run.out;
}

TEST(Spirals, AreToldApartByTwoLayersOnly) {
  const Outcome run = run_example("spirals");
  EXPECT_EQ(run.status, 0) << run.out;
  EXPECT_LT(row(run, "softmax regression").at(0), 70);
  EXPECT_LT(row(run, "linear SVM").at(0), 70);
  EXPECT_GT(row(run, "network of two layers").at(0), 97);
}

TEST(GradientCheckExample, FindsBothGradientsTheSame) {
  const Outcome run = run_example("gradient_check");
  EXPECT_EQ(run.status, 0) << run.out;
  for (const char* name : {"W1", "b1", "W2", "b2"}) {
    const std::vector<double> found = row(run, std::string(name) + ":");
    ASSERT_EQ(found.size(), 2u);
    EXPECT_LT(found[0], 1e-8) << name;
    EXPECT_GT(found[1], 1e-3) << name;
  }
}

TEST(LectureExamples, AreEachUnderEightyLines) {
  for (const char* name :
       {"circuit", "staged_code", "three_layers", "reduced_rank", "logistic_regression", "gradient_descent",
        "learning_rate_decay", "local_minimum", "spirals", "gradient_check"}) {
    const std::string source = read_file(GRADUS_SOURCE_DIR "/examples/" + std::string(name) + ".cpp");
    EXPECT_GT(source.size(), 0u) << name;
    EXPECT_LT(lines(source).size(), 80u) << name;
  }
}

}  // namespace
}  // namespace gradus::testing
