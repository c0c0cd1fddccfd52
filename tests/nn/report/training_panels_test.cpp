#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/report/training_panels.hpp>

namespace gradus::nn {
namespace {

std::vector<std::string> titles(const std::vector<Panel>& panels) {
  std::vector<std::string> all;
  for (const Panel& panel : panels) all.push_back(panel.title);
  return all;
}

History run() {
  History history;
  for (std::size_t epoch = 1; epoch <= 3; ++epoch) {
    const double x = 1.0 / static_cast<double>(epoch);
    history.epochs.push_back({.epoch = epoch,
                              .train_loss = x,
                              .validation_loss = 2 * x,
                              .train_metrics = {{"accuracy", 1 - x}, {"r2", x / 3}},
                              .validation_metrics = {{"accuracy", 1 - 2 * x}, {"r2", x / 4}},
                              .lr = 0.1 * x,
                              .gradient_norm = 5 * x});
  }
  return history;
}

TEST(TrainingPanels, AreThoseOfTheHistory) {
  const History history = run();
  const std::vector<Panel> panels = training_panels(history);
  EXPECT_EQ(titles(panels),
            (std::vector<std::string>{"Loss", "Accuracy", "R2", "Learning rate", "Norm of the gradient"}));
  const std::vector<std::vector<std::string>> quantities{{"train_loss", "validation_loss"},
                                                         {"train_accuracy", "validation_accuracy"},
                                                         {"train_r2", "validation_r2"},
                                                         {"lr"},
                                                         {"gradient_norm"}};
  for (std::size_t i = 0; i < panels.size(); ++i) {
    SCOPED_TRACE(panels[i].title);
    EXPECT_EQ(panels[i].percent, i == 1);
    ASSERT_EQ(panels[i].curves.size(), quantities[i].size());
    for (std::size_t j = 0; j < quantities[i].size(); ++j) {
      EXPECT_EQ(panels[i].curves[j].x, (std::vector<double>{1, 2, 3}));
      EXPECT_EQ(panels[i].curves[j].y, history.values(quantities[i][j]));
    }
  }
  EXPECT_EQ(panels[0].curves[0].name, "training");
  EXPECT_EQ(panels[0].curves[1].name, "validation");
}

TEST(TrainingPanels, AnEpochWithoutValidationIsAGap) {
  History history = run();
  history.epochs[0].validation_loss.reset();
  history.epochs[0].validation_metrics.clear();
  const std::vector<Panel> panels = training_panels(history);
  EXPECT_EQ(panels[0].curves[1].x, (std::vector<double>{2, 3}));
  EXPECT_EQ(panels[1].curves[1].y, (std::vector<double>{0, 1 - 2.0 / 3}));
  for (EpochRecord& record : history.epochs) record.validation_loss.reset();
  EXPECT_EQ(training_panels(history)[0].curves.size(), 1u);
  EXPECT_TRUE(training_panels({}).empty());
}

TEST(TrainingPanels, AMetricThatIsTheLossIsNotDrawnAgain) {
  for (const double unit : {1.0, 1e10}) {  // of the metric, where the loss is that of scaled targets
    History history = run();
    for (EpochRecord& record : history.epochs) {
      record.train_metrics = {{"mse", unit * record.train_loss * (1 + 1e-7)}};
      record.validation_metrics = {{"mse", unit * *record.validation_loss}};
    }
    EXPECT_EQ(titles(training_panels(history)),
              (std::vector<std::string>{"Loss", "Learning rate", "Norm of the gradient"}));
    history.epochs[2].train_metrics[0].second *= 1.01;
    EXPECT_EQ(titles(training_panels(history))[1], "Mse");
    history.epochs[2].train_metrics[0].second = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(titles(training_panels(history))[1], "Mse");
  }
}

TEST(PredictionPanels, HaveAPointForEachRow) {
  const xt::xarray<float> y{{1, 10}, {2, 20}, {3, 30}}, t{{1, 11}, {5, 22}, {2, 33}};
  const std::vector<Panel> panels = prediction_panels(y, t);
  EXPECT_EQ(titles(panels), (std::vector<std::string>{"Predicted against true, output 0",
                                                      "Predicted against true, output 1"}));
  EXPECT_EQ(panels[0].curves[0].x, (std::vector<double>{1, 5, 2}));
  EXPECT_EQ(panels[0].curves[0].y, (std::vector<double>{1, 2, 3}));
  EXPECT_FALSE(panels[0].curves[0].joined);
  EXPECT_EQ(panels[1].curves[0].y, (std::vector<double>{10, 20, 30}));
  EXPECT_EQ(panels[1].curves[1].x, (std::vector<double>{11, 33}));
  EXPECT_EQ(panels[1].curves[1].y, panels[1].curves[1].x);
  EXPECT_EQ(prediction_panels(y, t, 1).size(), 1u);
  const xt::xarray<float> flat{1, 2}, row{{1, 2}}, none = xt::xarray<float>::from_shape({0, 1});
  EXPECT_EQ(titles(prediction_panels(flat, flat)), (std::vector<std::string>{"Predicted against true"}));
  EXPECT_EQ(prediction_panels(none, none)[0].curves.size(), 1u);
  EXPECT_THROW(prediction_panels(flat, row), ShapeError);
  EXPECT_THROW(prediction_panels(y, row), ShapeError);
}

}  // namespace
}  // namespace gradus::nn
