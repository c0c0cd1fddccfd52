#pragma once

#include <cstddef>
#include <cstdint>

#include <gradus/core/xtensor.hpp>

namespace gradus::nn {

/// Examples to learn from, one to a row. Target is std::int64_t for classes, float for values (regression).
template <class Target = std::int64_t>
struct Dataset {
  xt::xarray<float> inputs;    ///< (n, ...): images are (n, pixels), row by row from the top
  xt::xarray<Target> targets;  ///< (n): the class of each row; or (n, k): the values to predict from it

  /// The number of rows.
  std::size_t size() const { return targets.dimension() == 0 ? 0 : targets.shape(0); }
};

template <class Inputs, class Targets>
Dataset(const Inputs&, const Targets&) -> Dataset<typename Targets::value_type>;

/// What a model learns from, and what it is judged by.
template <class Target = std::int64_t>
struct DatasetSplit {
  Dataset<Target> train;
  Dataset<Target> test;
};

template <class Target>
DatasetSplit(Dataset<Target>, Dataset<Target>) -> DatasetSplit<Target>;

}  // namespace gradus::nn
