#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/nn/optimizers/ema.hpp>
#include <gradus/ops/elementwise.hpp>

namespace gradus::nn {
namespace {

using Array64 = xt::xarray<double>;

TEST(EMA, FollowsItsRecurrence) {
  const auto w = variable(Array64{1, 2});
  EMA ema{{w}, {.decay = 0.75}};
  double first = 1;
  for (int t = 0; t < 20; ++t) {
    w.set_value(Array64{static_cast<double>(t), 2});
    ema.update();
    first = 0.75 * first + 0.25 * t;
    EXPECT_NEAR(ema.values()[0](0), first, 1e-14);
    EXPECT_NEAR(ema.values()[0](1), 2, 1e-14) << "what does not change is its own average";
  }
  EXPECT_EQ(ema.updates(), 20u);
}

TEST(EMA, KeepsLessAtFirstWithAWarmUp) {
  const auto w = variable(Array64{0});
  EMA ema{{w}, {.decay = 0.5, .warm_up = true}};
  w.set_value(Array64{1});
  double expected = 0;
  for (int t = 0; t < 20; ++t) {
    const double keep = std::min(0.5, (1.0 + t) / (10.0 + t));
    expected = keep * expected + (1 - keep);
    ema.update();
    EXPECT_NEAR(ema.values()[0](0), expected, 1e-14) << t;
  }
}

TEST(EMA, GoesInAndOut) {
  const auto w = variable(Array64{1}), b = variable(Array64{{1, 2}});
  EMA ema{{w, b}, {.decay = 0.5}};
  w.set_value(Array64{3});
  ema.update();
  const auto shared = w.detach();
  ema.apply();
  EXPECT_TRUE(ema.is_applied());
  EXPECT_EQ(w.value()(0), 2);
  EXPECT_EQ(shared.value()(0), 3) << "what shares the old value keeps it";
  EXPECT_EQ(ema.values()[0](0), 3);
  EXPECT_THROW(ema.apply(), ValueError);
  EXPECT_THROW(ema.update(), ValueError);
  EXPECT_THROW(ema.state(), ValueError);
  ema.restore();
  EXPECT_EQ(w.value()(0), 3);
  EXPECT_EQ(ema.values()[0](0), 2);
  EXPECT_THROW(ema.restore(), ValueError);
}

TEST(EMA, ApplyingBetweenRecordingAndSweepingIsAnError) {
  const auto w = variable(Array64{1});
  EMA ema{{w}};
  const auto y = square(w);
  ema.apply();
  EXPECT_THROW(y.backward(), GraphError);
}

TEST(EMA, AStateGoesOnBitForBit) {
  const auto w = variable(xt::xarray<float>{1.0f}), other_w = variable(xt::xarray<float>{1.0f});
  EMA ema{{w}, {.decay = 0.9, .warm_up = true}}, other{{other_w}, {.decay = 0.9, .warm_up = true}};
  for (int t = 0; t < 20; ++t) {
    if (t == 7) other.load_state(ema.state());
    w.set_value(xt::xarray<float>{0.1f * static_cast<float>(t)});
    other_w.set_value(w.value());
    ema.update();
    other.update();
    if (t >= 7) {
      EXPECT_EQ(ema.values()[0], other.values()[0]);
    }
  }
  auto bad = ema.state();
  bad.keep("0", full_array<float>({2}, 0.0f));
  EXPECT_THROW(other.load_state(bad), ValueError);
  bad = ema.state();
  bad.numbers["updates"] = -1;
  EXPECT_THROW(other.load_state(bad), ValueError);
}

TEST(EMA, RejectsWhatMakesNoSense) {
  const auto w = variable(Array64{1});
  for (const double decay : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW((EMA{{w}, {.decay = decay}}), ValueError) << decay;
  EXPECT_THROW((EMA{{square(w)}}), ValueError);
  EXPECT_THROW((EMA<double>{std::vector<Tensor<double>>{}}), ValueError);
}

}  // namespace
}  // namespace gradus::nn
