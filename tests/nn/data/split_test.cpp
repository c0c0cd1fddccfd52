#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/data/split.hpp>
#include <gradus/tests/nn/data/bytes.hpp>

namespace gradus::nn {
namespace {

using testing::expect_named, testing::message_of;
using Rows = std::vector<std::size_t>;

// Row i holds i; of every ten rows seven are of class 0, two of class 1, one of class 2.
Dataset<> numbered(std::size_t count) {
  Dataset<> set{xt::xarray<float>::from_shape({count, std::size_t{1}}),
                xt::xarray<std::int64_t>::from_shape({count})};
  for (std::size_t i = 0; i < count; ++i) {
    set.inputs(i, 0) = static_cast<float>(i);
    set.targets(i) = i % 10 < 7 ? 0 : i % 10 < 9 ? 1 : 2;
  }
  return set;
}

std::vector<float> numbers(const Dataset<>& set) { return {set.inputs.begin(), set.inputs.end()}; }

std::map<std::int64_t, int> class_counts(const xt::xarray<std::int64_t>& targets) {
  std::map<std::int64_t, int> counts;
  for (std::int64_t target : targets) ++counts[target];
  return counts;
}

TEST(Split, DividesTheRowsAndKeepsThemTogether) {
  for (bool stratified : {false, true}) {
    const Dataset set = numbered(50);
    const DatasetSplit parts = split(set, {.test = 0.3, .seed = 4, .stratified = stratified});
    EXPECT_EQ(parts.train.size(), 35u);
    EXPECT_EQ(parts.test.size(), 15u);
    std::set<float> all;
    for (const Dataset<>* part : {&parts.train, &parts.test}) {
      const std::vector<float> rows = numbers(*part);
      EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
      all.insert(rows.begin(), rows.end());
      for (std::size_t i = 0; i < rows.size(); ++i)
        EXPECT_EQ(part->targets(i), set.targets(static_cast<std::size_t>(rows[i])));
    }
    EXPECT_EQ(all.size(), 50u);
  }
}

TEST(Split, RowsAreDividedByTheirTargetsAlone) {
  const Dataset set = numbered(50);
  const SplitOptions options{.test = 0.3, .seed = 4, .stratified = true};
  const RowSplit rows = split_rows(set.targets, options);
  const DatasetSplit parts = split(set, options);
  EXPECT_EQ(std::vector<float>(rows.train.begin(), rows.train.end()), numbers(parts.train));
  EXPECT_EQ(std::vector<float>(rows.test.begin(), rows.test.end()), numbers(parts.test));
  EXPECT_THROW(split_rows(xt::xarray<float>(1.0f)), ShapeError);
}

TEST(Split, TheSeedDecides) {
  const Dataset set = numbered(50);
  EXPECT_EQ(numbers(split(set, {.seed = 1}).test), numbers(split(set, {.seed = 1}).test));
  EXPECT_NE(numbers(split(set, {.seed = 1}).test), numbers(split(set, {.seed = 2}).test));
  EXPECT_EQ(numbers(split(set, {.test = 0.1, .shuffle = false}).test),
            (std::vector<float>{45, 46, 47, 48, 49}));
}

TEST(Split, StratifiedHoldsOutEachClassInProportion) {
  using Counts = std::map<std::int64_t, int>;
  EXPECT_EQ(class_counts(split(numbered(100), {.test = 0.2, .stratified = true}).test.targets),
            (Counts{{0, 14}, {1, 4}, {2, 2}}));
  EXPECT_EQ(
      class_counts(split(numbered(20), {.test = 0.25, .stratified = true}).test.targets),
      (Counts{{0, 3}, {1, 1}, {2, 1}}));  // shares 3.5, 1, 0.5: of equal remainders that of the smaller class
}

TEST(Split, LeavesARowOnEachSide) {
  EXPECT_EQ(split(numbered(2), {.test = 0.001}).test.size(), 1u);
  EXPECT_EQ(split(numbered(2), {.test = 0.999}).train.size(), 1u);
  EXPECT_EQ(split(numbered(5), {.test = 0.999, .stratified = true}).train.size(), 1u);
}

TEST(Split, TakesValuesAndFurtherAxes) {
  Dataset<float> set{xt::xarray<float>::from_shape({4, 2, 3}), xt::xarray<float>::from_shape({4, 2})};
  set.inputs.fill(1);
  set.targets.fill(2);
  EXPECT_EQ(split(set, {.test = 0.5}).test.inputs.shape(), (Shape{2, 2, 3}));
  expect_named(message_of<ValueError>([&] { split(set, {.stratified = true}); }),
               {"[split] stratified, targets (4,2): expected class labels (n)"});
}

TEST(Split, RefusesWhatCannotBeDivided) {
  expect_named(message_of<ValueError>([] { split(numbered(1)); }), {"[split] 1 rows: expected at least 2"});
  for (double test : {0.0, 1.0, -1.0, std::numeric_limits<double>::quiet_NaN()})
    expect_named(message_of<ValueError>([&] { split(numbered(9), {.test = test}); }),
                 {"[split] test ", "fraction"});
  const Dataset<> uneven{xt::xarray<float>::from_shape({3, 1}), xt::xarray<std::int64_t>::from_shape({2})};
  expect_named(message_of<ShapeError>([&] { split(uneven); }), {"[split] inputs (3,1), targets (2)"});
}

TEST(KFold, HoldsOutEachRowOnce) {
  for (bool stratified : {false, true}) {
    const std::vector<RowSplit> folds = k_fold(numbered(23), 4, {.seed = 2, .stratified = stratified});
    ASSERT_EQ(folds.size(), 4u);
    Rows held_out;
    for (const RowSplit& fold : folds) {
      EXPECT_TRUE(fold.test.size() == 5 || fold.test.size() == 6) << fold.test.size();
      EXPECT_EQ(fold.train.size() + fold.test.size(), 23u);
      Rows both;
      std::set_union(fold.train.begin(), fold.train.end(), fold.test.begin(), fold.test.end(),
                     std::back_inserter(both));
      EXPECT_EQ(both.size(), 23u);
      held_out.insert(held_out.end(), fold.test.begin(), fold.test.end());
    }
    std::sort(held_out.begin(), held_out.end());
    for (std::size_t i = 0; i < 23; ++i) EXPECT_EQ(held_out[i], i);
  }
  EXPECT_EQ(k_fold(numbered(6), 3, {.shuffle = false})[1].test, (Rows{2, 3}));
}

TEST(KFold, StratifiedFoldsHaveTheirShareOfEachClass) {
  const Dataset set = numbered(40);  // 28, 8, 4
  for (const RowSplit& fold : k_fold(set, 4, {.stratified = true})) {
    const auto counts = class_counts(select_rows(set, fold.test).targets);
    EXPECT_EQ(counts, (std::map<std::int64_t, int>{{0, 7}, {1, 2}, {2, 1}}));
  }
}

TEST(KFold, RefusesFewerThanTwoFoldsAndMoreThanRows) {
  for (std::size_t folds : {0, 1, 6})
    expect_named(message_of<ValueError>([&] { k_fold(numbered(5), folds); }),
                 {"[k_fold] ", " folds of 5 rows"});
}

TEST(SelectRows, InAnyOrderAndSeveralTimes) {
  EXPECT_EQ(numbers(select_rows(numbered(5), Rows{3, 0, 3})), (std::vector<float>{3, 0, 3}));
  EXPECT_EQ(select_rows(numbered(5), Rows{}).size(), 0u);
  expect_named(message_of<ValueError>([] {
                 select_rows(numbered(5), Rows{1, 5});
               }),
               {"[select_rows] row 5: expected fewer than 5"});
}

}  // namespace
}  // namespace gradus::nn
