#include <algorithm>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/data_loader.hpp>

namespace gradus::nn {
namespace {

// Row i holds 10 i, 10 i + 1 and 10 i + 2; its target is i.
xt::xarray<float> rows_of_three(std::size_t rows) {
  xt::xarray<float> inputs = xt::xarray<float>::from_shape({rows, 3});
  for (std::size_t i = 0; i < inputs.size(); ++i) inputs.data()[i] = static_cast<float>(i / 3 * 10 + i % 3);
  return inputs;
}

xt::xarray<std::int64_t> row_numbers(std::size_t rows) {
  xt::xarray<std::int64_t> targets = xt::xarray<std::int64_t>::from_shape({rows});
  for (std::size_t i = 0; i < rows; ++i) targets(i) = static_cast<std::int64_t>(i);
  return targets;
}

template <class Loader>
std::vector<std::int64_t> targets_of_pass(Loader& loader) {
  std::vector<std::int64_t> targets;
  for (const auto& batch : loader) targets.insert(targets.end(), batch.targets.begin(), batch.targets.end());
  return targets;
}

TEST(DataLoader, HandsOutEveryRowInOrderAndKeepsThePartialBatch) {
  DataLoader loader{rows_of_three(7), row_numbers(7), {.batch_size = 3}};
  EXPECT_EQ(loader.size(), 3u);
  EXPECT_EQ(loader.rows(), 7u);
  std::vector<xt::xarray<float>> inputs;
  std::vector<xt::xarray<std::int64_t>> targets;
  for (const Batch<>& batch : loader) {
    EXPECT_EQ(batch.size(), batch.targets.size());
    inputs.push_back(batch.inputs);
    targets.push_back(batch.targets);
  }
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[1], (xt::xarray<float>{{30, 31, 32}, {40, 41, 42}, {50, 51, 52}}));
  EXPECT_EQ(inputs[2], (xt::xarray<float>{{60, 61, 62}}));
  EXPECT_EQ(targets[0], (xt::xarray<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(targets[2], (xt::xarray<std::int64_t>{6}));
}

TEST(DataLoader, CountsBatches) {
  struct Case {
    std::size_t rows, batch_size;
    bool drop_last;
    std::size_t batches, handed_out;
  };
  for (const Case& c : {Case{7, 3, false, 3, 7},
                        {7, 3, true, 2, 6},
                        {6, 3, false, 2, 6},
                        {6, 3, true, 2, 6},
                        {7, 1, false, 7, 7},
                        {7, 7, true, 1, 7},
                        {7, 100, false, 1, 7},
                        {1, 1, false, 1, 1}}) {
    DataLoader loader{
        rows_of_three(c.rows), row_numbers(c.rows), {.batch_size = c.batch_size, .drop_last = c.drop_last}};
    EXPECT_EQ(loader.size(), c.batches);
    EXPECT_EQ(targets_of_pass(loader).size(), c.handed_out);
  }
}

TEST(DataLoader, ShufflesAnewAtEachPassAndKeepsRowsTogether) {
  DataLoader loader{rows_of_three(50), row_numbers(50), {.batch_size = 8, .shuffle = true}};
  std::set<std::vector<std::int64_t>> orders;
  for (int pass = 0; pass < 5; ++pass) {
    std::vector<std::int64_t> order;
    for (const Batch<>& batch : loader) {
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const std::int64_t row = batch.targets(i);
        order.push_back(row);
        for (int j = 0; j < 3; ++j) EXPECT_EQ(batch.inputs(i, j), static_cast<float>(row * 10 + j));
      }
    }
    orders.insert(order);
    std::sort(order.begin(), order.end());
    for (std::int64_t i = 0; i < 50; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
  }
  EXPECT_EQ(orders.size(), 5u);
}

TEST(DataLoader, TheSeedDecidesTheOrders) {
  const auto orders_of = [](std::uint64_t seed) {
    DataLoader loader{rows_of_three(20), row_numbers(20), {.shuffle = true, .seed = seed}};
    return std::pair(targets_of_pass(loader), targets_of_pass(loader));
  };
  EXPECT_EQ(orders_of(3), orders_of(3));
  EXPECT_NE(orders_of(3), orders_of(4));
}

TEST(DataLoader, KeepsElementTypesAndFurtherAxes) {
  const xt::xarray<double> inputs{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}, {{9, 10}, {11, 12}}};
  const xt::xarray<double> rows{{0, 1}, {1, 0}, {.5, .5}};
  DataLoader loader{inputs, rows, {.batch_size = 2}};
  static_assert(std::is_same_v<decltype(loader), DataLoader<double, double>>);
  auto pass = loader.begin();
  EXPECT_EQ(pass->inputs, (xt::xarray<double>{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}));
  EXPECT_EQ(pass->targets, (xt::xarray<double>{{0, 1}, {1, 0}}));
  ++pass;
  EXPECT_EQ(pass->inputs, (xt::xarray<double>{{{9, 10}, {11, 12}}}));
  EXPECT_EQ(pass->targets, (xt::xarray<double>{{.5, .5}}));
}

TEST(DataLoader, TakesExpressionsColumnMajorArraysAndDatasets) {
  const xt::xarray<float, xt::layout_type::column_major> columns{{1, 2}, {3, 4}};
  DataLoader loader{columns, row_numbers(2) + 5};
  static_assert(std::is_same_v<decltype(loader), DataLoader<float, std::int64_t>>);
  EXPECT_EQ(loader.begin()->inputs, (xt::xarray<float>{{1, 2}, {3, 4}}));
  EXPECT_EQ(loader.begin()->targets, (xt::xarray<std::int64_t>{5, 6}));
  DataLoader images{Dataset{rows_of_three(4), row_numbers(4)}, {.batch_size = 2}};
  EXPECT_EQ(images.begin()->inputs, (xt::xarray<float>{{0, 1, 2}, {10, 11, 12}}));
}

TEST(DataLoader, PassesAreIndependent) {
  DataLoader loader{rows_of_three(9), row_numbers(9), {.batch_size = 2, .shuffle = true}};
  std::vector<std::int64_t> outer;
  for (const Batch<>& batch : loader) {
    EXPECT_EQ(targets_of_pass(loader).size(), 9u);
    outer.insert(outer.end(), batch.targets.begin(), batch.targets.end());
  }
  std::sort(outer.begin(), outer.end());
  for (std::int64_t i = 0; i < 9; ++i) EXPECT_EQ(outer[static_cast<std::size_t>(i)], i);
}

TEST(DataLoader, ABatchMayBeMovedFromOrChanged) {
  DataLoader loader{rows_of_three(6), row_numbers(6), {.batch_size = 2}};
  std::vector<xt::xarray<float>> taken;
  for (Batch<>& batch : loader) {
    taken.push_back(std::move(batch.inputs));
    batch.targets.fill(-1);
  }
  EXPECT_EQ(taken[2], (xt::xarray<float>{{40, 41, 42}, {50, 51, 52}}));
  EXPECT_EQ(loader.inputs(), rows_of_three(6));
  EXPECT_EQ(loader.targets(), row_numbers(6));
}

TEST(DataLoader, ReusesTheMemoryOfFullBatches) {
  DataLoader loader{rows_of_three(6), row_numbers(6), {.batch_size = 2}};
  auto pass = loader.begin();
  const float* memory = pass->inputs.data();
  ++pass;
  EXPECT_EQ(pass->inputs.data(), memory);
}

template <class ExpectedError>
std::string message_of(xt::xarray<float> inputs, xt::xarray<std::int64_t> targets,
                       DataLoaderOptions options) {
  try {
    DataLoader loader{std::move(inputs), std::move(targets), options};
  } catch (const ExpectedError& error) {
    return error.what();
  }
  return "not thrown";
}

TEST(DataLoader, RefusesWhatCannotBeBatched) {
  EXPECT_EQ(message_of<ShapeError>(rows_of_three(4), row_numbers(3), {}),
            "[DataLoader] inputs (4,3), targets (3): expected the same number of rows");
  EXPECT_EQ(message_of<ShapeError>(xt::xarray<float>(1.0f), row_numbers(1), {}),
            "[DataLoader] inputs (), targets (1): expected the same number of rows");
  EXPECT_EQ(message_of<ValueError>(rows_of_three(0), row_numbers(0), {}),
            "[DataLoader] inputs (0,3): expected at least one row");
  EXPECT_EQ(message_of<ValueError>(rows_of_three(4), row_numbers(4), {.batch_size = 0}),
            "[DataLoader] batch_size 0: expected at least 1");
  EXPECT_EQ(message_of<ValueError>(rows_of_three(4), row_numbers(4), {.batch_size = 5, .drop_last = true}),
            "[DataLoader] batch_size 5 for 4 rows: drop_last would leave no batch");
}

}  // namespace
}  // namespace gradus::nn
