#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <locale>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/training/progress.hpp>

namespace gradus::nn {
namespace {

// A bar whose clock the test moves.
struct Shown {
  explicit Shown(ProgressOptions options)
      : bar(out, [&] {
          options.clock = [this] { return seconds; };
          return options;
        }()) {}

  void batch(double duration, std::size_t images, double loss = 0.5, double accuracy = 0.9) {
    seconds += duration;
    bar.update(images, loss, accuracy);
  }
  std::string take() {
    const std::string text = out.str();
    out.str("");
    return text;
  }

  double seconds = 100;
  std::ostringstream out;
  ProgressBar bar;
};

TEST(ProgressBar, ElsewhereThanInATerminalWritesOneLineAnEpoch) {
  Shown shown({.epochs = 10, .rows = 200});
  shown.batch(1, 100, 2.0, 0.25);
  shown.batch(1, 100, 1.0, 0.75);
  EXPECT_EQ(shown.take(), "");
  shown.seconds += 5;  // of an evaluation, which is no training
  shown.bar.end_epoch(0.8125);
  EXPECT_EQ(shown.take(),
            "epoch  1/10  loss 1.5000  accuracy 50.00%  validation 81.25%  100 images/s  2.0 s\n");
  shown.batch(0.5, 200, 0.5, 1);
  shown.bar.end_epoch();
  EXPECT_EQ(shown.take(), "epoch  2/10  loss 0.5000  accuracy 100.00%  400 images/s  0.5 s\n");
}

TEST(ProgressBar, InATerminalRewritesItsLine) {
  Shown shown({.epochs = 2, .rows = 400, .terminal = true});
  shown.batch(1, 100, 0.4, 0.875);
  EXPECT_EQ(shown.take(), "\repoch 1/2 step 1 [=>   ]  loss 0.4000  acc 87.5%  100 images/s  0:07 left");
  shown.batch(1, 300, 0.8, 0.875);
  const std::string full = "\repoch 1/2 step 2 [=====]  loss 0.7000  acc 87.5%  200 images/s  0:02 left";
  EXPECT_EQ(shown.take(), full);
  shown.bar.end_epoch();
  const std::string last = "\repoch 1/2  loss 0.7000  accuracy 87.50%  200 images/s  2.0 s";
  const std::string blanks(full.size() - last.size(), ' ');
  EXPECT_EQ(shown.take(), last + blanks + "\n");
}

TEST(ProgressBar, RedrawsTenTimesASecondAtMostButShowsTheFirstAndTheLastBatch) {
  Shown shown({.epochs = 1, .rows = 1000, .terminal = true});
  for (int i = 0; i < 1000; ++i) shown.batch(0.001, 1);
  const std::string text = shown.take();
  const auto redraws = std::count(text.begin(), text.end(), '\r');
  EXPECT_GE(redraws, 10);
  EXPECT_LE(redraws, 12);
  EXPECT_NE(text.find("[=====]"), std::string::npos);
}

TEST(ProgressBar, CountsTheTimeOfEvaluationsInTheTimeLeft) {
  Shown shown({.epochs = 3, .rows = 100, .terminal = true});
  shown.batch(10, 100);
  shown.seconds += 10;
  shown.bar.end_epoch();
  shown.take();
  shown.batch(10, 50);  // 150 of 300 images in 30 seconds
  EXPECT_NE(shown.take().find("5 images/s  0:30 left"), std::string::npos);
}

TEST(ProgressBar, WritesLongTimesWithHours) {
  Shown shown({.epochs = 100, .rows = 100, .terminal = true});
  shown.batch(36.5, 100);  // 99 * 36.5 s are left
  EXPECT_NE(shown.take().find("1:00:14 left"), std::string::npos);
}

TEST(ProgressBar, ShowsNoTimeWhereThereIsNone) {
  Shown shown({.epochs = 1, .rows = 100, .terminal = true});
  shown.batch(std::numeric_limits<double>::infinity(), 100);  // inf seconds for 0 rows that are left
  EXPECT_NE(shown.take().find("  - left"), std::string::npos);
}

TEST(ProgressBar, StaysWithinEightyColumns) {
  Shown shown({.epochs = 16, .rows = 60000, .terminal = true});
  shown.batch(0.5, 59999, 12.3456, 1);
  EXPECT_LE(shown.take().size(), 81u);  // with the carriage return
}

TEST(ProgressBar, EndsALineLeftOpen) {
  std::ostringstream out;
  { ProgressBar bar(out, {.rows = 10, .terminal = true}); }
  EXPECT_EQ(out.str(), "");
  {
    ProgressBar bar(out, {.rows = 10, .terminal = true});
    bar.update(5, 1, 0);
  }
  EXPECT_EQ(out.str().back(), '\n');
}

TEST(ProgressBar, ShowsLossesThatAreNoNumbersOrHuge) {
  Shown shown({.epochs = 3, .rows = 10});
  for (double loss : {std::numeric_limits<double>::quiet_NaN(), 123456789.0}) {
    shown.batch(1, 10, loss, 0);
    shown.bar.end_epoch();
  }
  const std::string text = shown.take();
  EXPECT_NE(text.find("loss nan "), std::string::npos);
  EXPECT_NE(text.find("loss 1.235e+08 "), std::string::npos);
}

TEST(ProgressBar, SurvivesAClockThatStandsStillAndMoreImagesThanToldOf) {
  Shown shown({.epochs = 1, .rows = 10, .terminal = true});
  shown.batch(0, 15);
  EXPECT_NE(shown.take().find("[=====]  loss 0.5000  acc 90.0%  - images/s  0:00 left"), std::string::npos);
  shown.bar.end_epoch();
  shown.batch(1, 10);
  EXPECT_NE(shown.take().find("epoch 2/1 "), std::string::npos);
}

TEST(ProgressBar, ShowsAnyMetricOrNoneAndGoesOnFromAnEpoch) {
  Shown values({.epochs = 4, .rows = 10, .first_epoch = 3, .unit = "rows", .metric = "r2"});
  values.batch(1, 10, 0.5, 0.25);
  values.bar.end_epoch(0.125);
  EXPECT_EQ(values.take(), "epoch 3/4  loss 0.5000  r2 0.2500  validation 0.1250  10 rows/s  1.0 s\n");
  Shown none({.epochs = 1, .rows = 10, .unit = "rows", .metric = "", .terminal = true});
  none.batch(1, 10, 0.5);
  EXPECT_EQ(none.take(), "\repoch 1/1 step 1 [=====]  loss 0.5000  10 rows/s  0:00 left");
}

TEST(ProgressBar, MeansAreOfTheEpoch) {
  Shown shown({.epochs = 2, .rows = 40});
  EXPECT_TRUE(std::isnan(shown.bar.loss()));
  shown.batch(1, 10, 1, 0);
  shown.batch(1, 30, 2, 1);
  EXPECT_DOUBLE_EQ(shown.bar.loss(), 1.75);
  EXPECT_DOUBLE_EQ(shown.bar.metric(), 0.75);
  shown.bar.end_epoch();
  EXPECT_TRUE(std::isnan(shown.bar.metric()));
}

TEST(ProgressBar, LeavesTheStreamsFormatAlone) {
  Shown shown({.epochs = 1, .rows = 10});
  shown.out << std::hex;
  shown.batch(1, 10);
  shown.bar.end_epoch();
  shown.take();
  shown.out << 255 << ' ' << 0.5;
  EXPECT_EQ(shown.take(), "ff 0.5");
}

TEST(ProgressBar, RefusesNothingToDo) {
  std::ostringstream out;
  EXPECT_THROW(ProgressBar(out, {.epochs = 0}), ValueError);
  EXPECT_THROW(ProgressBar(out, {.rows = 0}), ValueError);
}

TEST(IsTerminal, AFileIsNone) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(is_terminal(file));
  std::fclose(file);
}

}  // namespace
}  // namespace gradus::nn
