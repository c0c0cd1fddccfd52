#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/core/xtensor.hpp>
#include <gradus/nn/data/background.hpp>
#include <gradus/nn/data/dataset.hpp>
#include <gradus/nn/data/rows.hpp>

namespace gradus::nn {

/// Some rows of a data set.
template <class T = float, class Target = std::int64_t>
struct Batch {
  xt::xarray<T> inputs;        ///< (rows, ...)
  xt::xarray<Target> targets;  ///< (rows) or (rows, ...)

  /// The number of rows.
  std::size_t size() const { return inputs.shape(0); }
};

namespace detail {

/// The generator that belongs to a batch of a pass: seeds that differ in one of the three differ altogether.
inline Rng batch_rng(std::uint64_t seed, std::uint64_t pass, std::uint64_t batch) {
  Rng first(seed), second(first.bits() + pass);
  return Rng(second.bits() + batch);
}

}  // namespace detail

struct DataLoaderOptions {
  std::size_t batch_size = 32;
  bool shuffle = false;    ///< a new order at each pass
  bool drop_last = false;  ///< leave out the last batch when it has fewer rows than the others
  std::uint64_t seed = 0;  ///< of the orders, and of what a batch transform draws
  bool prefetch = false;   ///< make the next batch in a thread of its own meanwhile; the batches are the same
};

/// A place among the batches that a loader hands out, to go on from later.
struct LoaderPosition {
  std::uint64_t pass = 0;  ///< how many passes were begun before
  std::size_t batch = 0;   ///< how many batches of the pass were handed out
  bool operator==(const LoaderPosition&) const = default;
};

/// Hands out a data set in batches, pass after pass:
///
///     DataLoader loader{set, {.batch_size = 100, .shuffle = true}};
///     for (const Batch<>& batch : loader) { ... batch.inputs ... batch.targets ... }
///
/// inputs (n, ...) and targets (n) or (n, ...) belong together row by row; the loader keeps them (move them
/// in to save the copy). Each begin() starts a pass; a pass may run inside another. A batch is contiguous and
/// owns its elements; it may be moved from, and is overwritten when its pass goes on.
template <class T = float, class Target = std::int64_t>
class DataLoader {
 public:
  class Iterator;
  /// What changes a batch before it is handed out: random crops, noise. Its generator depends on the seed,
  /// the pass and the batch alone, so that a batch is the same whoever makes it, and when.
  using Transform = std::function<void(Batch<T, Target>&, Rng&)>;

  /// ShapeError unless inputs and targets have the same number of rows. ValueError when there are none, when
  /// batch_size is 0, and when drop_last would leave no batch.
  DataLoader(xt::xarray<T> inputs, xt::xarray<Target> targets, DataLoaderOptions options = {})
      : inputs_(std::move(inputs)), targets_(std::move(targets)), options_(options), rng_(options.seed) {
    check();
  }

  /// The same for the inputs and targets of a data set.
  explicit DataLoader(Dataset<Target> set, DataLoaderOptions options = {})
      : DataLoader(std::move(set.inputs), std::move(set.targets), options) {}

  /// Sets what is done to each batch of the passes begun from now on. With prefetch it is called in another
  /// thread, and in several at once when a pass runs inside another; what it throws comes out of the pass
  /// where its batch would.
  void set_transform(Transform transform) { transform_ = std::move(transform); }

  /// Starts a pass, in a new order when shuffling. When the transform throws at its first batch, the pass is
  /// not begun.
  Iterator begin() {
    Rng rng = rng_;
    Iterator pass(*this, next_order(rng), next_);
    rng_ = std::move(rng);
    next_ = {next_.pass + 1, 0};
    return pass;
  }
  std::default_sentinel_t end() const { return {}; }

  /// Where the next begin() starts.
  LoaderPosition position() const { return next_; }
  /// Lets the next begin() start at a position that this loader, or one of the same rows and options, had: it
  /// hands out what was left of that pass, bit for bit, and later passes follow. ValueError when a pass has
  /// not that many batches, and beyond the pass 1,000,000: the orders of all before are drawn anew.
  void seek(LoaderPosition position) {
    if (position.batch > size()) {
      throw ValueError("[DataLoader] position after batch " + std::to_string(position.batch) +
                       ": expected at most the " + std::to_string(size()) + " of a pass");
    }
    if (constexpr std::uint64_t most = 1'000'000; position.pass > most) {
      throw ValueError("[DataLoader] position in pass " + std::to_string(position.pass) +
                       ": expected at most " + std::to_string(most));
    }
    if (position.batch == size()) position = {position.pass + 1, 0};
    rng_ = Rng(options_.seed);
    for (std::uint64_t pass = 0; options_.shuffle && pass < position.pass; ++pass) next_order(rng_);
    next_ = position;
  }

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

  std::vector<std::size_t> next_order(Rng& rng) const {
    std::vector<std::size_t> order(rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (options_.shuffle) rng.shuffle(order);
    return order;
  }

  xt::xarray<T> inputs_;
  xt::xarray<Target> targets_;
  DataLoaderOptions options_;
  Rng rng_;
  LoaderPosition next_;
  Transform transform_;
};

/// One pass over the loader, which must outlive it and stay in its place. It may be left at any batch.
template <class T, class Target>
class DataLoader<T, Target>::Iterator {
 public:
  Batch<T, Target>& operator*() { return pass_->batch; }
  Batch<T, Target>* operator->() { return &pass_->batch; }

  Iterator& operator++() {
    pass_->advance();
    return *this;
  }
  friend bool operator==(const Iterator& it, std::default_sentinel_t) {
    return it.pass_->place.batch == it.pass_->loader.size();
  }

  /// The position after this batch, for seek().
  LoaderPosition position() const { return {pass_->place.pass, pass_->place.batch + 1}; }

 private:
  friend class DataLoader;

  // What the background thread uses stays in its place when the iterator is moved.
  struct Pass {
    const DataLoader& loader;
    const std::vector<std::size_t> order;
    const Transform transform;
    LoaderPosition place;
    Batch<T, Target> batch = {};
    Batch<T, Target> next = {};
    std::unique_ptr<detail::Background> background = {};  // last: it uses the others

    void advance() {
      ++place.batch;
      if (background && background->busy()) {
        background->wait();
        std::swap(batch, next);
      } else if (place.batch < loader.size()) {
        load(place.batch, batch);
      }
      prepare_next();
    }

    void prepare_next() {
      if (!loader.options_.prefetch || place.batch + 1 >= loader.size()) return;
      if (!background) background = std::make_unique<detail::Background>();
      background->start([this, index = place.batch + 1] { load(index, next); });
    }

    void load(std::size_t index, Batch<T, Target>& into) const {
      const std::size_t size = loader.options_.batch_size, first = index * size;
      const auto rows = std::span(order).subspan(first, std::min(size, order.size() - first));
      detail::copy_rows(loader.inputs_, rows, into.inputs);
      detail::copy_rows(loader.targets_, rows, into.targets);
      if (!transform) return;
      Rng rng = detail::batch_rng(loader.options_.seed, place.pass, index);
      transform(into, rng);
    }
  };

  Iterator(const DataLoader& loader, std::vector<std::size_t> order, LoaderPosition place)
      : pass_(new Pass{loader, std::move(order), loader.transform_, place}) {
    pass_->load(place.batch, pass_->batch);
    pass_->prepare_next();
  }

  std::unique_ptr<Pass> pass_;
};

template <class Target>
DataLoader(Dataset<Target>, DataLoaderOptions = {}) -> DataLoader<float, Target>;

template <class Inputs, class Targets>
DataLoader(const xt::xexpression<Inputs>&, const xt::xexpression<Targets>&, DataLoaderOptions = {})
    -> DataLoader<typename Inputs::value_type, typename Targets::value_type>;

}  // namespace gradus::nn
