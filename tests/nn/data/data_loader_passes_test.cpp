#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/data_loader.hpp>

// Passes that are resumed, changed by a transform, or prepared in the background.

namespace gradus::nn {
namespace {

constexpr std::size_t rows = 23;

xt::xarray<float> two_columns() {
  xt::xarray<float> inputs = xt::xarray<float>::from_shape({rows, 2});
  for (std::size_t i = 0; i < inputs.size(); ++i) inputs.data()[i] = static_cast<float>(i);
  return inputs;
}

xt::xarray<std::int64_t> row_numbers() {
  xt::xarray<std::int64_t> targets = xt::xarray<std::int64_t>::from_shape({rows});
  for (std::size_t i = 0; i < rows; ++i) targets(i) = static_cast<std::int64_t>(i);
  return targets;
}

void add_noise(Batch<>& batch, Rng& rng) {
  for (float& x : batch.inputs) x += static_cast<float>(rng.normal());
}

DataLoader<> make_loader(DataLoaderOptions options, bool noisy = false) {
  options.batch_size = 4;
  DataLoader loader{two_columns(), row_numbers(), options};
  if (noisy) loader.set_transform(add_noise);
  return loader;
}

// Every number handed out, with batches told apart.
std::vector<double> rest_of(DataLoader<>& loader, int passes) {
  std::vector<double> all;
  for (int pass = 0; pass < passes; ++pass) {
    for (const Batch<>& batch : loader) {
      all.insert(all.end(), batch.inputs.begin(), batch.inputs.end());
      all.insert(all.end(), batch.targets.begin(), batch.targets.end());
      all.push_back(-1);
    }
  }
  return all;
}

const std::vector<DataLoaderOptions> every_kind{{},
                                                {.shuffle = true, .seed = 3},
                                                {.drop_last = true},
                                                {.shuffle = true, .drop_last = true},
                                                {.shuffle = true, .seed = 9, .prefetch = true}};

TEST(DataLoaderPosition, APassGoesOnBitForBitWhereItWasLeft) {
  for (const DataLoaderOptions& options : every_kind) {
    DataLoader<> whole = make_loader(options, true);
    rest_of(whole, 2);
    auto pass = whole.begin();
    EXPECT_EQ(pass.position(), (LoaderPosition{2, 1}));
    ++pass;
    ++pass;
    const LoaderPosition left = pass.position();
    EXPECT_EQ(left, (LoaderPosition{2, 3}));
    std::vector<double> expected;
    for (++pass; pass != whole.end(); ++pass) {
      expected.insert(expected.end(), pass->inputs.begin(), pass->inputs.end());
      expected.insert(expected.end(), pass->targets.begin(), pass->targets.end());
      expected.push_back(-1);
    }
    const std::vector<double> later = rest_of(whole, 2);
    expected.insert(expected.end(), later.begin(), later.end());

    DataLoader<> resumed = make_loader(options, true);
    resumed.seek(left);
    EXPECT_EQ(resumed.position(), left);
    EXPECT_EQ(rest_of(resumed, 3), expected);
    whole.seek(left);  // backwards too
    EXPECT_EQ(rest_of(whole, 3), expected);
  }
}

TEST(DataLoaderPosition, AfterTheLastBatchComesTheNextPass) {
  DataLoader<> loader = make_loader({.shuffle = true});
  EXPECT_EQ(loader.position(), (LoaderPosition{0, 0}));
  rest_of(loader, 1);
  EXPECT_EQ(loader.position(), (LoaderPosition{1, 0}));
  const std::vector<double> second = rest_of(loader, 1);
  loader.seek({0, loader.size()});
  EXPECT_EQ(loader.position(), (LoaderPosition{1, 0}));
  EXPECT_EQ(rest_of(loader, 1), second);
}

TEST(DataLoaderPosition, RefusesAPlaceThatNoPassHasAndStaysWhereItWas) {
  DataLoader<> loader = make_loader({});
  rest_of(loader, 1);
  try {
    loader.seek({0, 7});
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_STREQ(error.what(), "[DataLoader] position after batch 7: expected at most the 6 of a pass");
  }
  EXPECT_EQ(loader.position(), (LoaderPosition{1, 0}));
}

TEST(DataLoaderTransform, ChangesTheBatchAndNotTheData) {
  DataLoader<> loader = make_loader({}, true);
  const std::vector<double> first = rest_of(loader, 1), second = rest_of(loader, 1);
  EXPECT_NE(first, second);  // noise of its own for each pass
  EXPECT_EQ(loader.inputs(), two_columns());
  DataLoader<> same = make_loader({}, true), other = make_loader({.seed = 1}, true);
  EXPECT_EQ(rest_of(same, 1), first);
  EXPECT_NE(rest_of(other, 1), first);
}

TEST(DataLoaderTransform, MayReplaceTheBatchByOneOfAnotherShape) {
  DataLoader<> loader = make_loader({.prefetch = true});
  loader.set_transform([](Batch<>& batch, Rng&) {
    batch.inputs = xt::xarray<float>::from_shape({batch.inputs.shape(0), 5});
    batch.inputs.fill(2);
  });
  for (const Batch<>& batch : loader) EXPECT_EQ(batch.inputs.shape(1), 5u);
}

TEST(DataLoaderPrefetch, GivesTheSameBatches) {
  for (DataLoaderOptions options : every_kind) {
    for (bool noisy : {false, true}) {
      options.prefetch = false;
      DataLoader<> plain = make_loader(options, noisy);
      options.prefetch = true;
      DataLoader<> prefetching = make_loader(options, noisy);
      EXPECT_EQ(rest_of(prefetching, 3), rest_of(plain, 3));
    }
  }
}

TEST(DataLoaderPrefetch, WorksInAnotherThreadAndLetsBatchesBeMovedFrom) {
  DataLoader<> loader = make_loader({.prefetch = true});
  std::atomic<int> elsewhere = 0;
  loader.set_transform([&, here = std::this_thread::get_id()](Batch<>&, Rng&) {
    elsewhere += std::this_thread::get_id() != here;
  });
  std::vector<xt::xarray<float>> taken;
  for (Batch<>& batch : loader) taken.push_back(std::move(batch.inputs));
  EXPECT_EQ(elsewhere, 5);  // all but the first
  ASSERT_EQ(taken.size(), 6u);
  EXPECT_EQ(taken[5], (xt::xarray<float>{{40, 41}, {42, 43}, {44, 45}}));
}

TEST(DataLoaderPrefetch, APassMayBeLeftMovedOrNested) {
  DataLoader<> loader = make_loader({.shuffle = true, .prefetch = true}, true);
  for (int batches = 0; batches < 6; ++batches) {
    auto pass = loader.begin();
    for (int i = 0; i < batches; ++i) ++pass;
    auto moved = std::move(pass);
    for (const Batch<>& inner : loader) EXPECT_LE(inner.size(), 4u);
    if (batches < 5) ++moved;
  }
}

TEST(DataLoaderPrefetch, WhatATransformThrowsComesOutWhereItsBatchWould) {
  for (bool prefetch : {false, true}) {
    DataLoader<> loader = make_loader({.prefetch = prefetch});
    loader.set_transform([](Batch<>& batch, Rng&) {
      if (batch.targets(0) == 8) throw std::runtime_error("the third batch");
    });
    auto pass = loader.begin();
    ++pass;
    EXPECT_EQ(pass->targets(0), 4);
    EXPECT_THROW(++pass, std::runtime_error);
    ++pass;  // the pass goes on after it
    EXPECT_EQ(pass->targets(0), 12);
    for (++pass; pass != loader.end();) ++pass;

    loader.set_transform([](Batch<>&, Rng&) { throw std::runtime_error("every batch"); });
    EXPECT_THROW(loader.begin(), std::runtime_error);
    loader.set_transform({});
    EXPECT_EQ(loader.begin()->targets(0), 0);
  }
}

TEST(DataLoaderPrefetch, AnErrorNobodyWaitsForIsLost) {
  DataLoader<> loader = make_loader({.prefetch = true});
  loader.set_transform([](Batch<>& batch, Rng&) {
    if (batch.targets(0) == 4) throw std::runtime_error("the second batch");
  });
  EXPECT_EQ(loader.begin()->targets(0), 0);
}

TEST(DataLoader, SeeksNoPassThatWouldTakeForever) {
  DataLoader<> loader = make_loader({.shuffle = true});
  EXPECT_THROW(loader.seek({std::uint64_t{1} << 53, 0}), ValueError);
  EXPECT_EQ(loader.position(), (LoaderPosition{0, 0}));
}

TEST(DataLoader, APassWhoseFirstBatchThrowsIsNotBegun) {
  DataLoader<> loader = make_loader({.shuffle = true}), untroubled = make_loader({.shuffle = true});
  loader.set_transform([](Batch<>&, Rng&) { throw std::runtime_error("no"); });
  EXPECT_THROW(loader.begin(), std::runtime_error);
  EXPECT_EQ(loader.position(), (LoaderPosition{0, 0}));
  loader.set_transform({});
  EXPECT_EQ(rest_of(loader, 2), rest_of(untroubled, 2));
}

}  // namespace
}  // namespace gradus::nn
