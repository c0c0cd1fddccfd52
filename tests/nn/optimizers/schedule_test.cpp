#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/optimizers/plateau.hpp>
#include <gradus/nn/optimizers/schedule.hpp>

// Rates are compared with PyTorch's in reference_test.cpp.

namespace gradus::nn {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> rates(const Schedule& schedule, std::size_t n) {
  std::vector<double> values;
  for (std::size_t step = 0; step < n; ++step) values.push_back(schedule(step));
  return values;
}

TEST(Schedules, HaveTheirLandmarks) {
  EXPECT_EQ(rates(schedule::inverse_time(6, 0.5), 5), (std::vector<double>{6, 4, 3, 6 / 2.5, 2}));
  EXPECT_EQ(rates(schedule::multi_step(8, 0.5, {1, 3}), 5), (std::vector<double>{8, 4, 4, 2, 2}));
  EXPECT_EQ(rates(schedule::multi_step(8, 0.5, {}), 2), (std::vector<double>{8, 8}));
  const Schedule cosine = schedule::cosine(3, 10, 1);
  EXPECT_DOUBLE_EQ(cosine(0), 3);
  EXPECT_DOUBLE_EQ(cosine(5), 2);
  EXPECT_DOUBLE_EQ(cosine(10), 1);
  const Schedule restarts = schedule::cosine_restarts(3, 10, 3, 1);
  for (const std::size_t step : {0, 10, 40, 130}) EXPECT_DOUBLE_EQ(restarts(step), 3) << step;
  EXPECT_DOUBLE_EQ(restarts(25), 2);
  EXPECT_DOUBLE_EQ(schedule::cosine_restarts(3, 2)(1'000'000'000'000), 3) << "at once";
  const Schedule cycle =
      schedule::one_cycle(1, 100, {.rise = 0.25, .initial_divisor = 4, .final_divisor = 2});
  EXPECT_DOUBLE_EQ(cycle(0), 0.25);
  EXPECT_DOUBLE_EQ(cycle(24), 1);
  EXPECT_DOUBLE_EQ(cycle(99), 0.125);
  EXPECT_DOUBLE_EQ(cycle(1000), 0.125) << "it stays there";
}

TEST(Schedules, AWarmUpGoesInFrontOfAnyOther) {
  const Schedule schedule = schedule::warm_up(4, schedule::step_decay(8, 0.5, 2), 0.5);
  EXPECT_EQ(rates(schedule, 9), (std::vector<double>{4, 5, 6, 7, 8, 8, 4, 4, 2}));
}

TEST(Schedules, RejectArgumentsThatMakeNoSense) {
  using Make = std::function<Schedule(double)>;
  const std::map<std::string, Make> positive{
      {"[multi_step] lr", [](double x) { return schedule::multi_step(x, 0.5, {1}); }},
      {"[multi_step] factor", [](double x) { return schedule::multi_step(1, x, {1}); }},
      {"[inverse_time] lr", [](double x) { return schedule::inverse_time(x, 1); }},
      {"[cosine] lr", [](double x) { return schedule::cosine(x, 5); }},
      {"[cosine_restarts] lr", [](double x) { return schedule::cosine_restarts(x, 5); }},
      {"[one_cycle] max_lr", [](double x) { return schedule::one_cycle(x, 10); }},
      {"[one_cycle] initial_divisor",
       [](double x) { return schedule::one_cycle(1, 10, {.initial_divisor = x}); }},
      {"[one_cycle] final_divisor",
       [](double x) { return schedule::one_cycle(1, 10, {.final_divisor = x}); }},
      {"[one_cycle] rise", [](double x) { return schedule::one_cycle(1, 10, {.rise = x}); }},
  };
  const std::map<std::string, Make> not_negative{
      {"[inverse_time] k", [](double x) { return schedule::inverse_time(1, x); }},
      {"[cosine] min_lr", [](double x) { return schedule::cosine(1, 5, x); }},
      {"[cosine_restarts] min_lr", [](double x) { return schedule::cosine_restarts(1, 5, 1, x); }},
      {"[warm_up] start_factor", [](double x) { return schedule::warm_up(5, schedule::constant(1), x); }},
  };
  const auto rejects = [](const std::string& name, const Make& make, double value) {
    try {
      make(value);
      ADD_FAILURE() << name << " " << value << ": no error";
    } catch (const ValueError& error) {
      EXPECT_EQ(std::string(error.what()).find(name), 0u) << error.what();
    }
  };
  for (const auto& [name, make] : positive)
    for (const double value : {0.0, -1.0, nan, infinity}) rejects(name, make, value);
  for (const auto& [name, make] : not_negative)
    for (const double value : {-1.0, nan, infinity}) rejects(name, make, value);
  EXPECT_THROW(schedule::cosine(1, 5, 2), ValueError) << "min_lr above lr";
  EXPECT_THROW(schedule::cosine(1, 0), ValueError);
  EXPECT_THROW(schedule::cosine_restarts(1, 0), ValueError);
  EXPECT_THROW(schedule::cosine_restarts(1, 5, 0), ValueError);
  EXPECT_THROW(schedule::multi_step(1, 0.5, {3, 3}), ValueError);
  EXPECT_THROW(schedule::one_cycle(1, 0), ValueError);
  EXPECT_THROW(schedule::one_cycle(1, 1), ValueError);
  EXPECT_THROW(schedule::one_cycle(1, 3, {.rise = 0.3}), ValueError) << "no step to rise in";
  EXPECT_THROW(schedule::warm_up(0, schedule::constant(1)), ValueError);
  EXPECT_THROW(schedule::warm_up(1, nullptr), ValueError);
}

TEST(ReduceOnPlateau, IgnoresNaNAndWaitsForPatience) {
  ReduceOnPlateau plateau{1, {.factor = 0.5, .patience = 2}};
  EXPECT_EQ(plateau.observe(10), 1);
  for (const double expected : {1.0, 1.0, 0.5, 0.5, 0.5, 0.25}) EXPECT_EQ(plateau.observe(nan), expected);
  EXPECT_EQ(plateau.best(), 10);
}

TEST(ReduceOnPlateau, RejectsWhatMakesNoSense) {
  for (const double bad : {0.0, -1.0, nan, infinity}) EXPECT_THROW(ReduceOnPlateau{bad}, ValueError) << bad;
  for (const double bad : {0.0, -1.0, 1.0, nan})
    EXPECT_THROW((ReduceOnPlateau{1, {.factor = bad}}), ValueError) << bad;
  for (const double bad : {-1.0, nan, infinity}) {
    EXPECT_THROW((ReduceOnPlateau{1, {.threshold = bad}}), ValueError) << bad;
    EXPECT_THROW((ReduceOnPlateau{1, {.min_lr = bad}}), ValueError) << bad;
    EXPECT_THROW((ReduceOnPlateau{1, {.epsilon = bad}}), ValueError) << bad;
  }
  EXPECT_THROW((ReduceOnPlateau{1, {.threshold = 1}}), ValueError);
  EXPECT_NO_THROW((ReduceOnPlateau{1, {.threshold = 1, .absolute = true}}));
}

TEST(ReduceOnPlateau, RejectsStatesThatCannotBe) {
  ReduceOnPlateau plateau{1};
  const auto good = plateau.state();
  EXPECT_NO_THROW(plateau.load_state(good));
  const auto rejects = [&](auto spoil) {
    auto bad = good;
    spoil(bad);
    EXPECT_THROW(plateau.load_state(bad), ValueError);
    EXPECT_EQ(plateau.state(), good);
  };
  rejects([](auto& s) { s.numbers.erase("best"); });
  rejects([](auto& s) { s.numbers["more"] = 1; });
  rejects([](auto& s) { s.numbers["lr"] = 0; });
  rejects([](auto& s) { s.numbers["best"] = nan; });
  rejects([](auto& s) { s.numbers["bad"] = 1.5; });
  rejects([](auto& s) { s.numbers["cooldown"] = -1; });
}

}  // namespace
}  // namespace gradus::nn
