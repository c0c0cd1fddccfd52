#include <algorithm>
#include <cmath>
#include <concepts>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/data/rows.hpp>
#include <gradus/nn/data/split.hpp>

namespace gradus::nn {
namespace {

using Rows = std::vector<std::size_t>;

template <class Target>
std::size_t count_rows(const char* op, const Dataset<Target>& set) {
  const Shape inputs(set.inputs.shape()), targets(set.targets.shape());
  if (!inputs.empty() && !targets.empty() && inputs[0] == targets[0]) return inputs[0];
  throw ShapeError("[" + std::string(op) + "] inputs " + to_string(inputs) + ", targets " +
                   to_string(targets) + ": expected the same number of rows");
}

// The rows of each class, or all as one, each group in the order in which it is to be dealt out.
template <class Target>
std::vector<Rows> groups(const char* op, const xt::xarray<Target>& targets, const FoldOptions& options) {
  if (options.stratified && !(std::integral<Target> && targets.dimension() == 1)) {
    throw ValueError("[" + std::string(op) + "] stratified, targets " + to_string(Shape(targets.shape())) +
                     ": expected class labels (n)");
  }
  Rows order(targets.shape(0));
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (options.shuffle) Rng(options.seed).shuffle(order);
  if (!options.stratified) return {order};
  std::map<Target, Rows> by_class;
  for (std::size_t row : order) by_class[targets.data()[row]].push_back(row);
  std::vector<Rows> all;
  for (auto& [label, rows] : by_class) all.push_back(std::move(rows));
  return all;
}

RowSplit held_out(const std::vector<bool>& is_test) {
  RowSplit rows;
  for (std::size_t row = 0; row < is_test.size(); ++row)
    (is_test[row] ? rows.test : rows.train).push_back(row);
  return rows;
}

// How many of each group: its share rounded down, and one more where most was cut off, until all are there
// (the method of the largest remainder); of equals the smaller group first.
std::vector<std::size_t> shares(const std::vector<Rows>& groups, std::size_t wanted, std::size_t count) {
  std::vector<std::size_t> counts;
  std::vector<std::tuple<double, std::size_t, std::size_t>> cut_off;
  std::size_t left = wanted;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const double share =
        static_cast<double>(groups[group].size()) * static_cast<double>(wanted) / static_cast<double>(count);
    counts.push_back(static_cast<std::size_t>(share));
    cut_off.emplace_back(std::floor(share) - share, groups[group].size(), group);
    left -= std::min(left, counts.back());
  }
  std::sort(cut_off.begin(), cut_off.end());
  for (std::size_t i = 0; i < left; ++i) ++counts[std::get<2>(cut_off[i])];
  return counts;
}

}  // namespace

template <class Target>
Dataset<Target> select_rows(const Dataset<Target>& set, std::span<const std::size_t> rows) {
  const std::size_t count = count_rows("select_rows", set);
  for (std::size_t row : rows) {
    if (row >= count)
      throw ValueError("[select_rows] row " + std::to_string(row) + ": expected fewer than " +
                       std::to_string(count));
  }
  Dataset<Target> selected;
  detail::copy_rows(set.inputs, rows, selected.inputs);
  detail::copy_rows(set.targets, rows, selected.targets);
  return selected;
}

template <class Target>
RowSplit split_rows(const xt::xarray<Target>& targets, const SplitOptions& options) {
  gradus::detail::check_option(options.test > 0 && options.test < 1, "split", "test", options.test,
                               "a fraction between 0 and 1");
  if (targets.dimension() == 0) throw ShapeError("[split] targets (): expected (n) or (n, ...)");
  const std::size_t count = targets.shape(0);
  const std::vector<Rows> all = groups(
      "split", targets, {.shuffle = options.shuffle, .seed = options.seed, .stratified = options.stratified});
  if (count < 2) throw ValueError("[split] " + std::to_string(count) + " rows: expected at least 2");
  const auto rounded = static_cast<std::size_t>(std::lround(options.test * static_cast<double>(count)));
  const std::vector<std::size_t> counts = shares(all, std::clamp<std::size_t>(rounded, 1, count - 1), count);
  std::vector<bool> is_test(count, false);
  for (std::size_t group = 0; group < all.size(); ++group) {
    const Rows& rows = all[group];
    for (std::size_t i = rows.size() - counts[group]; i < rows.size(); ++i) is_test[rows[i]] = true;
  }
  return held_out(is_test);
}

template <class Target>
DatasetSplit<Target> split(const Dataset<Target>& set, const SplitOptions& options) {
  count_rows("split", set);
  const RowSplit rows = split_rows(set.targets, options);
  return {select_rows(set, rows.train), select_rows(set, rows.test)};
}

template <class Target>
std::vector<RowSplit> k_fold(const Dataset<Target>& set, std::size_t folds, const FoldOptions& options) {
  const std::size_t count = count_rows("k_fold", set);
  const std::vector<Rows> all = groups("k_fold", set.targets, options);
  if (folds < 2 || folds > count) {
    throw ValueError("[k_fold] " + std::to_string(folds) + " folds of " + std::to_string(count) +
                     " rows: expected at least 2, and no more than rows");
  }
  Rows dealt;  // group after group
  for (const Rows& rows : all) dealt.insert(dealt.end(), rows.begin(), rows.end());
  std::vector<RowSplit> splits;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<bool> is_test(count, false);
    if (options.stratified) {  // like cards, so that each fold gets its share of every group
      for (std::size_t i = fold; i < count; i += folds) is_test[dealt[i]] = true;
    } else {
      for (std::size_t i = fold * count / folds; i < (fold + 1) * count / folds; ++i)
        is_test[dealt[i]] = true;
    }
    splits.push_back(held_out(is_test));
  }
  return splits;
}

#define GRADUS_DEFINE_SPLITS(Target)                                                              \
  template RowSplit split_rows(const xt::xarray<Target>&, const SplitOptions&);                   \
  template DatasetSplit<Target> split(const Dataset<Target>&, const SplitOptions&);               \
  template std::vector<RowSplit> k_fold(const Dataset<Target>&, std::size_t, const FoldOptions&); \
  template Dataset<Target> select_rows(const Dataset<Target>&, std::span<const std::size_t>);
GRADUS_DEFINE_SPLITS(std::int64_t)
GRADUS_DEFINE_SPLITS(float)

}  // namespace gradus::nn
