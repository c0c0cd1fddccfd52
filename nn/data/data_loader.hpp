#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/core/xtensor.hpp>
#include <gradus/nn/data/dataset.hpp>

namespace gradus::nn {

/// Some rows of a data set.
template <class T = float, class Target = std::int64_t>
struct Batch {
  xt::xarray<T> inputs;        ///< (rows, ...)
  xt::xarray<Target> targets;  ///< (rows) or (rows, ...)

  /// The number of rows.
  std::size_t size() const { return inputs.shape(0); }
};

struct DataLoaderOptions {
  std::size_t batch_size = 32;
  bool shuffle = false;    ///< a new order at each pass
  bool drop_last = false;  ///< leave out the last batch when it has fewer rows than the others
  std::uint64_t seed = 0;  ///< of the orders
};

/// Hands out a data set in batches, pass after pass:
///
///     DataLoader loader{images, labels, {.batch_size = 100, .shuffle = true}};
///     for (const Batch<>& batch : loader) { ... batch.inputs ... batch.targets ... }
///
/// inputs (n, ...) and targets (n) or (n, ...) belong together row by row; the loader keeps them (move them
/// in to save the copy). Each begin() starts a pass; a pass may run inside another. A batch is contiguous and
/// owns its elements; it may be moved from, and is overwritten when its pass goes on.
template <class T = float, class Target = std::int64_t>
class DataLoader {
 public:
  class Iterator;

  /// ShapeError unless inputs and targets have the same number of rows. ValueError when there are none, when
  /// batch_size is 0, and when drop_last would leave no batch.
  DataLoader(xt::xarray<T> inputs, xt::xarray<Target> targets, DataLoaderOptions options = {})
      : inputs_(std::move(inputs)), targets_(std::move(targets)), options_(options), rng_(options.seed) {
    check();
  }

  /// The same for the inputs and targets of a data set.
  explicit DataLoader(Dataset<Target> set, DataLoaderOptions options = {})
      : DataLoader(std::move(set.inputs), std::move(set.targets), options) {}

  /// Starts a pass, in a new order when shuffling.
  Iterator begin() {
    std::vector<std::size_t> order(rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (options_.shuffle) rng_.shuffle(order);
    return Iterator(*this, std::move(order));
  }
  std::default_sentinel_t end() const { return {}; }

  /// The number of batches in a pass.
  std::size_t size() const {
    const std::size_t batch = options_.batch_size;
    return rows() / batch + (!options_.drop_last && rows() % batch != 0);
  }
  /// The number of rows in the data set.
  std::size_t rows() const { return inputs_.shape(0); }
  const xt::xarray<T>& inputs() const { return inputs_; }
  const xt::xarray<Target>& targets() const { return targets_; }
  const DataLoaderOptions& options() const { return options_; }

 private:
  void check() const {
    const Shape inputs(inputs_.shape()), targets(targets_.shape());
    if (inputs.empty() || targets.empty() || inputs[0] != targets[0]) {
      throw ShapeError("[DataLoader] inputs " + to_string(inputs) + ", targets " + to_string(targets) +
                       ": expected the same number of rows");
    }
    if (inputs[0] == 0) {
      throw ValueError("[DataLoader] inputs " + to_string(inputs) + ": expected at least one row");
    }
    if (options_.batch_size == 0) throw ValueError("[DataLoader] batch_size 0: expected at least 1");
    if (size() == 0) {
      throw ValueError("[DataLoader] batch_size " + std::to_string(options_.batch_size) + " for " +
                       std::to_string(rows()) + " rows: drop_last would leave no batch");
    }
  }

  xt::xarray<T> inputs_;
  xt::xarray<Target> targets_;
  DataLoaderOptions options_;
  Rng rng_;
};

/// One pass over the loader, which must outlive it and stay in its place.
template <class T, class Target>
class DataLoader<T, Target>::Iterator {
 public:
  Batch<T, Target>& operator*() { return batch_; }
  Batch<T, Target>* operator->() { return &batch_; }

  Iterator& operator++() {
    ++position_;
    load();
    return *this;
  }
  friend bool operator==(const Iterator& it, std::default_sentinel_t) {
    return it.position_ == it.loader_->size();
  }

 private:
  friend class DataLoader;

  Iterator(const DataLoader& loader, std::vector<std::size_t> order)
      : loader_(&loader), order_(std::move(order)) {
    load();
  }

  void load() {
    if (position_ == loader_->size()) return;
    const std::size_t size = loader_->options_.batch_size;
    const std::size_t first = position_ * size;
    const auto rows = std::span(order_).subspan(first, std::min(size, order_.size() - first));
    take_rows(loader_->inputs_, rows, batch_.inputs);
    take_rows(loader_->targets_, rows, batch_.targets);
  }

  template <class E>
  static void take_rows(const xt::xarray<E>& source, std::span<const std::size_t> rows, xt::xarray<E>& out) {
    Shape shape(source.shape());
    const std::size_t width = source.size() / shape[0];
    shape[0] = rows.size();
    // An array that was moved from may keep its shape and lose its elements.
    if (out.shape() != shape || out.storage().size() != rows.size() * width) {
      out = xt::xarray<E>::from_shape(shape);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(source.data() + rows[i] * width, width, out.data() + i * width);
    }
  }

  const DataLoader* loader_;
  std::vector<std::size_t> order_;
  std::size_t position_ = 0;
  Batch<T, Target> batch_;
};

template <class Target>
DataLoader(Dataset<Target>, DataLoaderOptions = {}) -> DataLoader<float, Target>;

template <class Inputs, class Targets>
DataLoader(const xt::xexpression<Inputs>&, const xt::xexpression<Targets>&, DataLoaderOptions = {})
    -> DataLoader<typename Inputs::value_type, typename Targets::value_type>;

}  // namespace gradus::nn
