#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gradus/nn/data/dataset.hpp>

namespace gradus::nn {

struct SplitOptions {
  double test = 0.2;        ///< the fraction of the rows that is held out
  bool shuffle = true;      ///< which they are is random; otherwise they are the last
  std::uint64_t seed = 0;   ///< of that
  bool stratified = false;  ///< whether each class is held out in proportion
};

/// Which rows of a set to learn from, and which are held out; in ascending order.
struct RowSplit {
  std::vector<std::size_t> train;
  std::vector<std::size_t> test;
};

/// Divides rows by their targets (n, ...) into some to learn from and some held out, for validation or test.
/// The number held out is test * n, rounded, but at least 1 and at most n - 1; stratified, each class gives
/// its share of them to within one row. ValueError for fewer than 2 rows, a fraction that is not between 0
/// and 1, and stratified without class labels (n).
template <class Target>
RowSplit split_rows(const xt::xarray<Target>& targets, const SplitOptions& options = {});

/// Divides a set by split_rows(); both parts keep their order.
template <class Target>
DatasetSplit<Target> split(const Dataset<Target>& set, const SplitOptions& options = {});

struct FoldOptions {
  bool shuffle = true;
  std::uint64_t seed = 0;
  bool stratified = false;
};

/// Divides the rows into `folds` parts, equally large to within a row and stratified by class if asked, of
/// which each is held out once (k-fold cross-validation); select_rows() makes sets of them. ValueError unless
/// 2 <= folds <= n, and as for split().
template <class Target>
std::vector<RowSplit> k_fold(const Dataset<Target>& set, std::size_t folds, const FoldOptions& options = {});

/// Those rows of a set, in that order; one may be there several times. ValueError for a row that it has not.
template <class Target>
Dataset<Target> select_rows(const Dataset<Target>& set, std::span<const std::size_t> rows);

// Each for classes and for values.
#define GRADUS_DECLARE_SPLITS(Target)                                                                    \
  extern template RowSplit split_rows(const xt::xarray<Target>&, const SplitOptions&);                   \
  extern template DatasetSplit<Target> split(const Dataset<Target>&, const SplitOptions&);               \
  extern template std::vector<RowSplit> k_fold(const Dataset<Target>&, std::size_t, const FoldOptions&); \
  extern template Dataset<Target> select_rows(const Dataset<Target>&, std::span<const std::size_t>);
GRADUS_DECLARE_SPLITS(std::int64_t)
GRADUS_DECLARE_SPLITS(float)
#undef GRADUS_DECLARE_SPLITS

}  // namespace gradus::nn
