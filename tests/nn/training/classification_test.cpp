#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/training/classification.hpp>

namespace gradus::nn {
namespace {

using Classes = xt::xarray<std::int64_t>;
constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

template <class ExpectedError>
std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const ExpectedError& error) {
    return error.what();
  }
  return "not thrown";
}

template <class ExpectedError>
std::string accuracy_error(const xt::xarray<float>& scores, const Classes& labels) {
  return message_of<ExpectedError>([&] { accuracy(scores, labels); });
}

template <class ExpectedError>
std::string add_error(ConfusionMatrix& matrix, const Classes& labels, const Classes& predictions) {
  return message_of<ExpectedError>([&] { matrix.add(labels, predictions); });
}

TEST(Metrics, NumbersLargerThanAnyClassAreErrorsOfTheirOwn) {
  const xt::xarray<std::uint64_t> huge{std::numeric_limits<std::uint64_t>::max()};  // -1 as a signed number
  const Classes zero{0};
  EXPECT_EQ(message_of<ValueError>([&] {
              accuracy(xt::xarray<float>{{1, 2}}, huge);
            }),
            "[accuracy] 18446744073709551615 is larger than any index or label");
  ConfusionMatrix matrix(2);
  EXPECT_EQ(message_of<ValueError>([&] { matrix.add(zero, huge); }),
            "[ConfusionMatrix::add] 18446744073709551615 is larger than any index or label");
  EXPECT_EQ(matrix.total(), 0);
}

TEST(PredictClasses, TakesTheLargestScoreAndTheFirstOfEquals) {
  const xt::xarray<float> scores{{1, 3, 2}, {5, 5, 5}, {-3, -2, -1}, {0, infinity, infinity}};
  EXPECT_EQ(predict_classes(scores), (Classes{1, 0, 2, 1}));
  EXPECT_EQ(predict_classes(xt::xarray<double>(-scores)), (Classes{0, 0, 0, 0}));
}

TEST(PredictClasses, ANaNAnywhereInARowGivesNoClass) {
  const xt::xarray<float> scores{{nan, 3, 2}, {5, 9, nan}, {nan, nan, nan}, {1, 2, 3}};
  EXPECT_EQ(predict_classes(scores), (Classes{no_class, no_class, no_class, 2}));
}

TEST(PredictClasses, DoubleScoresAreComparedAsDouble) {
  const xt::xarray<double> scores{{1.0, 1.0 + 1e-12}};
  EXPECT_EQ(predict_classes(scores), (Classes{1}));
}

TEST(Accuracy, IsTheFractionOfRightRows) {
  const xt::xarray<float> scores{{.9f, .1f}, {.2f, .8f}, {.6f, .4f}, {.3f, .7f}};
  EXPECT_EQ(accuracy(scores, Classes{0, 1, 0, 1}), 1.0);
  EXPECT_EQ(accuracy(scores, Classes{0, 1, 0, 0}), 0.75);
  EXPECT_EQ(accuracy(scores, Classes{1, 0, 1, 0}), 0.0);
}

TEST(Accuracy, TakesFloatDoubleAndExpressionsAndLabelsOfAnyIntegralType) {
  const xt::xarray<float> scores{{.9f, .1f}, {.2f, .8f}};
  const xt::xarray<double> doubles = scores;
  EXPECT_EQ(accuracy(doubles, xt::xarray<int>{0, 0}), 0.5);
  EXPECT_EQ(accuracy(scores * 2.0f, xt::xarray<std::uint8_t>{0, 1}), 1.0);
  EXPECT_EQ(accuracy(scores, xt::xarray<unsigned long>{0, 1} * 1ul), 1.0);
  EXPECT_EQ(accuracy(xt::xarray<int>{{3, 4}, {5, 1}}, xt::xarray<short>{1, 0}), 1.0);
}

TEST(Accuracy, ARowWithNaNIsNeverRight) {
  const xt::xarray<float> scores{{nan, nan}, {nan, 1}, {1, nan}, {1, 0}};
  EXPECT_EQ(accuracy(scores, Classes{0, 1, 0, 0}), 0.25);
}

TEST(Accuracy, OfNothingIsNaN) {
  EXPECT_TRUE(std::isnan(accuracy(xt::xarray<float>::from_shape({0, 3}), Classes::from_shape({0}))));
}

TEST(Accuracy, NamesWhatDoesNotFit) {
  const xt::xarray<float> scores{{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(accuracy_error<ShapeError>(scores, Classes{0}),
            "[accuracy] scores (2,3), labels (1): expected labels (2)");
  EXPECT_EQ(accuracy_error<ShapeError>(scores, Classes{{0, 1}}),
            "[accuracy] scores (2,3), labels (1,2): expected labels (2)");
  EXPECT_EQ(accuracy_error<ShapeError>(xt::xarray<float>{1, 2}, Classes{0, 1}),
            "[accuracy] scores (2): expected (n, classes) with at least one class");
  const xt::xarray<float> no_classes = xt::xarray<float>::from_shape({2, 0});
  EXPECT_EQ(message_of<ShapeError>([&] { predict_classes(no_classes); }),
            "[predict_classes] scores (2,0): expected (n, classes) with at least one class");
  EXPECT_EQ(accuracy_error<ValueError>(scores, Classes{0, 3}),
            "[accuracy] label 3 at row 1: expected 0 to 2");
  EXPECT_EQ(accuracy_error<ValueError>(scores, Classes{-1, 0}),
            "[accuracy] label -1 at row 0: expected 0 to 2");
}

TEST(ConfusionMatrix, CountsByLabelAndPrediction) {
  ConfusionMatrix matrix(3);
  matrix.add(xt::xarray<std::uint8_t>{0, 0, 0, 1, 1, 2}, xt::xarray<int>{0, 0, 1, 1, 2, 2});
  matrix.add(Classes{2}, Classes{0});
  EXPECT_EQ(matrix.counts(), (Classes{{2, 1, 0}, {0, 1, 1}, {1, 0, 1}}));
  EXPECT_EQ(matrix.undecided(), (Classes{0, 0, 0}));
  EXPECT_EQ(matrix.total(), 7);
  EXPECT_DOUBLE_EQ(matrix.accuracy(), 4.0 / 7);
  EXPECT_DOUBLE_EQ(matrix.recall(0), 2.0 / 3);
  EXPECT_DOUBLE_EQ(matrix.precision(2), 1.0 / 2);
}

TEST(ConfusionMatrix, AgreesWithAccuracyWhenSomeRowsAreNaN) {
  const xt::xarray<float> scores{{1, 0}, {nan, 1}, {0, 1}, {nan, 0}, {0, 1}};
  const Classes labels{0, 1, 1, 0, 0};
  ConfusionMatrix matrix(2);
  matrix.add(labels, predict_classes(scores));
  EXPECT_EQ(matrix.undecided(), (Classes{1, 1}));
  EXPECT_DOUBLE_EQ(matrix.accuracy(), accuracy(scores, labels));
  EXPECT_DOUBLE_EQ(matrix.recall(1), 0.5);
}

TEST(ConfusionMatrix, IsNaNWhereThereIsNothingToDivideBy) {
  ConfusionMatrix matrix(2);
  EXPECT_TRUE(std::isnan(matrix.accuracy()));
  matrix.add(Classes{0}, Classes{0});
  EXPECT_TRUE(std::isnan(matrix.recall(1)));
  EXPECT_TRUE(std::isnan(matrix.precision(1)));
  EXPECT_EQ(matrix.recall(0), 1.0);
}

TEST(ConfusionMatrix, CountsNothingWhenSomethingDoesNotFit) {
  ConfusionMatrix matrix(3);
  const std::string add = "[ConfusionMatrix::add] ";
  EXPECT_EQ(add_error<ShapeError>(matrix, Classes{0, 1}, Classes{0}),
            add + "labels (2), predictions (1): expected both (n)");
  EXPECT_EQ(add_error<ShapeError>(matrix, Classes{{0, 1}}, Classes{{0, 1}}),
            add + "labels (1,2), predictions (1,2): expected both (n)");
  EXPECT_EQ(add_error<ValueError>(matrix, Classes{0, 3}, Classes{0, 0}),
            add + "label 3 at row 1: expected 0 to 2");
  EXPECT_EQ(add_error<ValueError>(matrix, Classes{0, no_class}, Classes{0, 0}),
            add + "label -1 at row 1: expected 0 to 2");
  EXPECT_EQ(add_error<ValueError>(matrix, Classes{0, 1}, Classes{0, -2}),
            add + "prediction -2 at row 1: expected 0 to 2");
  EXPECT_EQ(matrix.total(), 0);
  EXPECT_THROW(matrix.recall(3), ValueError);
  EXPECT_THROW(matrix.precision(3), ValueError);
  EXPECT_THROW(ConfusionMatrix(0), ValueError);
}

TEST(ConfusionMatrix, PrintsAnAlignedTable) {
  ConfusionMatrix matrix(3);
  matrix.add(Classes{0, 0, 0, 1, 1, 1, 1}, Classes{0, 0, 1, 1, 1, 1, 1});
  std::ostringstream out;
  out << matrix;
  EXPECT_EQ(out.str(),
            "label \\ predicted\n"
            "               0      1      2  recall\n"
            "        0      2      1      0   66.7%\n"
            "        1      0      4      0  100.0%\n"
            "        2      0      0      0       -\n"
            "precision 100.0%  80.0%      -\n"
            "accuracy 85.71% of 7\n");
}

TEST(ConfusionMatrix, PrintsAColumnForUndecidedRowsOnlyWhenThereAreSome) {
  ConfusionMatrix matrix(2);
  matrix.add(Classes{0, 1}, Classes{0, no_class});
  std::ostringstream out;
  out << matrix;
  EXPECT_EQ(out.str(),
            "label \\ predicted\n"
            "               0      1   none  recall\n"
            "        0      1      0      0  100.0%\n"
            "        1      0      0      1    0.0%\n"
            "precision 100.0%      -\n"
            "accuracy 50.00% of 2\n");
}

}  // namespace
}  // namespace gradus::nn
