#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/csv.hpp>
#include <gradus/nn/training/history.hpp>
#include <gradus/nn/training/metric.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

using gradus::testing::TempFolder;

History example() {
  return {{{.epoch = 1,
            .steps = 10,
            .train_loss = 1.0 / 3,
            .validation_loss = 0.5,
            .train_metrics = {{"accuracy", 0.25}},
            .validation_metrics = {{"accuracy", 0.75}},
            .lr = 1e-3,
            .gradient_norm = 12345.678901234567,
            .seconds = 0.125},
           {.epoch = 2,
            .steps = 20,
            .train_loss = 5e-324,
            .validation_loss = 0.25,
            .train_metrics = {{"accuracy", 0.5}},
            .validation_metrics = {{"accuracy", 1.0}},
            .lr = 1e-4,
            .gradient_norm = 0,
            .seconds = 0.25}}};
}

TEST(History, QuantitiesByName) {
  const History history = example();
  EXPECT_EQ(history.values("validation_accuracy"), (std::vector<double>{0.75, 1.0}));
  EXPECT_EQ(history.values("lr"), (std::vector<double>{1e-3, 1e-4}));
  try {
    history.values("loss");
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("train_loss, validation_loss, train_accuracy"),
              std::string::npos)
        << error.what();
  }
}

TEST(History, JsonLinesAreReadBackToTheLastBit) {
  const History history = example();
  EXPECT_EQ(History::from_json_lines(history.to_json_lines()), history);
  EXPECT_EQ(History::from_json_lines(""), History{});
  History broken = history;
  broken.epochs[0].train_loss = std::numeric_limits<double>::infinity();
  broken.epochs[0].train_metrics[0].second = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(History::from_json_lines(broken.to_json_lines()), broken);
  broken.epochs[0].train_loss = std::nan("");
  EXPECT_TRUE(std::isnan(History::from_json_lines(broken.to_json_lines()).epochs[0].train_loss));
  broken.epochs[0].train_metrics[0].first = "\xff";
  EXPECT_THROW(broken.to_json_lines(), ValueError);
}

TEST(History, CsvHasAColumnForEachQuantityAndIsReadBackToTheLastBit) {
  const TempFolder folder;
  const History history = example();
  history.write(folder.path() / "history.csv");
  const Table table = read_csv(folder.path() / "history.csv");
  EXPECT_EQ(history.to_csv().substr(0, 12), "epoch,steps,");
  ASSERT_EQ(table.rows(), 2u);
  for (const auto& name : {"train_loss", "validation_loss", "train_accuracy", "gradient_norm"})
    EXPECT_EQ(table.column(name).numbers(), history.values(name)) << name;
}

TEST(History, CsvHasTheColumnsOfAllEpochs) {
  const History history{
      {{.epoch = 1, .train_loss = 2, .train_metrics = {{"a,b", 0.5}}},
       {.epoch = 2, .train_loss = 1, .validation_loss = 3, .train_metrics = {{"c", 0.25}}}}};
  EXPECT_EQ(history.to_csv(),
            "epoch,steps,train_loss,validation_loss,train_c,\"train_a,b\",lr,gradient_norm,seconds\n"
            "1,0,2,,,0.5,0,0,0\n"
            "2,0,1,3,0.25,,0,0,0\n");
}

TEST(History, RefusesCountsAndMetricsThatAreNone) {
  const std::string line = History{{{.epoch = 1, .steps = 7, .train_loss = 0.5}}}.to_json_lines();
  for (const auto& [from, to] : {std::pair{"\"epoch\":1", "\"epoch\":-1"},
                                 {"\"epoch\":1", "\"epoch\":1.5"},
                                 {"\"steps\":7", "\"steps\":true"},
                                 {"\"train_metrics\":{}", "\"train_metrics\":[1]"},
                                 {"\"train_metrics\":{}", "\"train_metrics\":3"},
                                 {"\"train_loss\":0.5", "\"train_loss\":\"much\""},
                                 {"\"train_loss\":0.5", "\"train_loss\":true"}}) {
    std::string broken = line;
    ASSERT_NE(broken.find(from), std::string::npos) << from;
    broken.replace(broken.find(from), std::string(from).size(), to);
    EXPECT_THROW(History::from_json_lines(broken), DataError) << to;
  }
}

TEST(History, DamagedLinesAreNamed) {
  const std::string lines = example().to_json_lines();
  for (const std::string& broken :
       {lines + "{\"epoch\": 3}\n", lines + "[", lines + "{\"epoch\": \"x\"}\n", lines + "\n{}"})
    try {
      History::from_json_lines(broken);
      FAIL() << broken;
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find("line 3"), std::string::npos) << error.what();
    }
}

TEST(History, LinesThatAreNestedDeeplyOrNameAnythingTwiceAreErrors) {
  const std::size_t depth = 1'000'000;
  const std::string line = example().to_json_lines();
  const std::string nested = std::string(depth, '[') + std::string(depth, ']');
  for (const std::string& in_the_place_of_1 : {nested, std::string("1, \"epoch\": 1")}) {
    std::string broken = line;
    broken.replace(broken.find("\"epoch\":1") + 8, 1, in_the_place_of_1);
    EXPECT_THROW(History::from_json_lines(broken), DataError);
  }
}

struct ScoreCase {
  const char* name;
  Metric<> metric;
  double expected;
};

TEST(Metrics, OfClassesAgainstCountingByHand) {
  // Classes: 0 0 1 2 2 2; predicted: 0 1 1 2 0 2.
  const xt::xarray<float> scores{{3, 1, 2}, {1, 3, 2}, {0, 5, 4}, {1, 2, 3}, {3, 1, 2}, {0, 1, 9}};
  const xt::xarray<std::int64_t> labels{0, 0, 1, 2, 2, 2};
  const double p0 = 1.0 / 2, p1 = 1.0 / 2, p2 = 1, r0 = 1.0 / 2, r1 = 1, r2 = 2.0 / 3;
  const auto f = [](double p, double r) { return 2 * p * r / (p + r); };
  for (const ScoreCase& each : {ScoreCase{"accuracy", metric::accuracy(), 4.0 / 6},
                                {"top_1", metric::top_k(1), 4.0 / 6},
                                {"top_2", metric::top_k(2), 5.0 / 6},
                                {"top_9", metric::top_k(9), 1.0},
                                {"precision", metric::precision(), (p0 + p1 + p2) / 3},
                                {"recall", metric::recall(), (r0 + r1 + r2) / 3},
                                {"f1", metric::f1(), (f(p0, r0) + f(p1, r1) + f(p2, r2)) / 3}}) {
    EXPECT_EQ(each.metric.name, each.name);
    EXPECT_DOUBLE_EQ(each.metric.of(scores, labels), each.expected) << each.name;
    EXPECT_TRUE(std::isnan(
        each.metric.of(xt::xarray<float>::from_shape({0, 3}), xt::xarray<std::int64_t>::from_shape({0}))))
        << each.name;
    EXPECT_THROW(each.metric.of(scores, xt::xarray<std::int64_t>{0, 0, 1, 2, 2, 3}), ValueError) << each.name;
    EXPECT_THROW(each.metric.of(scores, xt::xarray<std::int64_t>{0, 0}), ShapeError) << each.name;
  }
}

TEST(Metrics, OfClassesAtTheEdges) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const xt::xarray<float> scores{{1, 1, 0}, {nan, 0, 0}};  // a tie, and no number
  const xt::xarray<std::int64_t> labels{0, 0};
  EXPECT_EQ(metric::top_k(1).of(scores, labels), 0);
  EXPECT_EQ(metric::top_k(2).of(scores, labels), 0.5);
  EXPECT_EQ(metric::top_k(3).of(scores, labels), 0.5);
  EXPECT_EQ(metric::f1().of(xt::xarray<float>{{0, 1}, {0, 1}}, labels), 0) << "class 0 was never predicted";
  EXPECT_THROW(metric::top_k(0), ValueError);
  // Class 1 is in no label but was predicted: it counts, as in scikit-learn.
  const xt::xarray<float> one_wrong{{1, 0, 0}, {0, 1, 0}};
  EXPECT_DOUBLE_EQ(metric::precision().of(one_wrong, labels), 0.5);
  EXPECT_DOUBLE_EQ(metric::recall().of(one_wrong, labels), 0.25);
  EXPECT_DOUBLE_EQ(metric::f1().of(one_wrong, labels), 1.0 / 3);
}

TEST(Metrics, OfValuesAgainstTheirFormulas) {
  const xt::xarray<float> y{{1, 2}, {3, 5}}, t{{1, 1}, {2, 5}};
  EXPECT_DOUBLE_EQ((metric::mse().of(y, t)), 0.5);
  // Column means 1.5 and 3: 2 * 0.25 + 2 * 4 = 8.5.
  EXPECT_DOUBLE_EQ((metric::r2().of(y, t)), 1 - 2 / 8.5);
  EXPECT_DOUBLE_EQ((metric::r2().of(t, t)), 1);
  const xt::xarray<float> same{{7, 7}, {7, 7}};
  EXPECT_TRUE(std::isnan(metric::r2().of(y, same)));
  EXPECT_THROW(metric::mse().of(y, xt::xarray<float>{1, 2}), ShapeError);
  EXPECT_FALSE(metric::mse().larger_is_better);
}

TEST(Metrics, FractionsAreKnownByTheirNames) {
  for (const auto& each :
       {metric::accuracy(), metric::top_k(5), metric::precision(), metric::recall(), metric::f1()})
    EXPECT_TRUE(is_fraction(each.name)) << each.name;
  for (const auto& each : {metric::mse(), metric::r2()}) EXPECT_FALSE(is_fraction(each.name)) << each.name;
  for (const char* other : {"", "loss", "stop_5", "accuracy2"}) EXPECT_FALSE(is_fraction(other)) << other;
}

}  // namespace
}  // namespace gradus::nn
