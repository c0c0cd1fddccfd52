#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gradus/nn/data/data_loader.hpp>
#include <gradus/nn/modules/module.hpp>
#include <gradus/nn/optimizers/optimizer.hpp>
#include <gradus/nn/training/callback.hpp>
#include <gradus/nn/training/scores.hpp>

namespace gradus::nn {

template <class T = float, class Target = std::int64_t>
struct TrainerOptions {
  std::size_t epochs = 10;
  /// How many batches make one step: their gradients are added up, weighted by their rows, as if they were
  /// one batch (for losses that are means over the rows).
  std::size_t accumulate = 1;
  std::optional<double> clip_norm = {};  ///< largest norm of all gradients together (clip_grad_norm)
  std::size_t evaluation_batch = 1000;   ///< rows at a time where nothing is learnt
  std::vector<Metric<T, Target>> metrics = {};
};

/// What a model gives on data that it does not learn from.
struct Evaluation {
  double loss = 0;  ///< the mean over the rows
  std::vector<std::pair<std::string, double>> metrics = {};

  /// A metric by its name; ValueError, listing those that there are, for another.
  double metric(const std::string& name) const;
};

/// What a model gives for inputs (n, ...), in evaluation, `batch` rows at a time: (n, ...). ShapeError when
/// they have no rows, ValueError when there are none.
template <class T>
xt::xarray<T> predict(const Module<T>& model, const xt::xarray<T>& inputs, std::size_t batch = 1000);

/// Trains a model, epoch by epoch:
///
///     nn::Trainer<> trainer{model, optimizer,
///                           [](const Tensor<float>& z, const auto& labels) { return nn::cross_entropy(z,
///                           labels); },
///                           {.epochs = 10, .metrics = {nn::metric::accuracy()}}};
///     trainer.add(std::make_shared<nn::EarlyStopping>());
///     nn::History history = trainer.fit(batches, validation);
///
/// The model is in training while it learns and in evaluation while it is judged. The optimizer must outlive
/// the trainer; it may be any, LBFGS too. The loss is the mean over the rows that it is given.
template <class T = float, class Target = std::int64_t>
class Trainer {
 public:
  using Loss = std::function<Tensor<T>(const Tensor<T>& predictions, const xt::xarray<Target>& targets)>;
  using Options = TrainerOptions<T, Target>;

  /// ValueError when epochs, accumulate or evaluation_batch is 0, clip_norm is not positive, or the loss is
  /// empty.
  Trainer(Module<T> model, Optimizer<T>& optimizer, Loss loss, Options options = {});

  /// Adds a callback; they are called in the order in which they were added.
  void add(std::shared_ptr<Callback> callback) { callbacks_.push_back(std::move(callback)); }

  /// Trains until as many epochs as the options say are done (those before load() are counted) or a callback
  /// stops it; returns the history of all epochs. ValueError when the loss, a gradient or a parameter is no
  /// finite number, naming step and parameter: that step is not taken, and the history of the epochs before
  /// stays readable.
  History fit(DataLoader<T, Target>& batches) { return run(batches, nullptr); }
  /// The same, and judges the model after each epoch by data that it does not learn from: a Dataset, or a
  /// Batch.
  template <class Examples>
  requires requires(const Examples& e) { e.inputs, e.targets; }
  History fit(DataLoader<T, Target>& batches, const Examples& validation) {
    const Batch<T, Target> examples{validation.inputs, validation.targets};
    return run(batches, &examples);
  }

  /// Loss and metrics on examples, the model in evaluation. ValueError when there are none.
  Evaluation evaluate(const xt::xarray<T>& inputs, const xt::xarray<Target>& targets) const;
  template <class Examples>
  requires requires(const Examples& e) { e.inputs, e.targets; }
  Evaluation evaluate(const Examples& examples) const { return evaluate(examples.inputs, examples.targets); }

  /// What the model gives for inputs (n, ...), in evaluation: (n, ...). ShapeError when they have no rows.
  xt::xarray<T> predict(const xt::xarray<T>& inputs) const;

  const Module<T>& model() const { return model_; }
  Optimizer<T>& optimizer() const { return *optimizer_; }
  const Options& options() const { return options_; }
  const History& history() const { return history_; }
  /// Why a callback stopped the last fit(); empty when none did.
  const std::optional<std::string>& stop_reason() const { return control_.stop_reason(); }

  /// Saves model, optimizer, generators, place in the data and history between two epochs, in a file that
  /// load_model() and read_model() take too (save_training). Callbacks save for themselves.
  void save(const std::filesystem::path& file, const std::map<std::string, std::string>& metadata = {}) const;
  /// Goes on from there, with a model, an optimizer and data that were made alike: the next fit() gives,
  /// bit for bit, what one that was not interrupted would have. DataError, before anything is changed, for a
  /// file that is damaged or does not fit.
  void load(const std::filesystem::path& file);

 private:
  struct EpochTally;
  using Batches = std::vector<Batch<T, Target>>;

  History run(DataLoader<T, Target>& batches, const Batch<T, Target>* validation);
  EpochTally learn_epoch(DataLoader<T, Target>& batches);
  void take_step(Batches& batches, EpochTally& tally);
  double backward_all(Batches& batches, EpochTally* tally);
  double guarded_gradient_norm(double loss) const;
  [[noreturn]] void stop_at_nonfinite(const std::string& what) const;

  Module<T> model_;
  Optimizer<T>* optimizer_;
  Loss loss_;
  Options options_;
  std::vector<std::shared_ptr<Callback>> callbacks_;
  TrainingControl control_;
  History history_;
  LoaderPosition position_;  // where the next epoch begins
};

#define GRADUS_DECLARE(T)                         \
  extern template class Trainer<T, std::int64_t>; \
  extern template class Trainer<T, T>;
GRADUS_DECLARE(float)
GRADUS_DECLARE(double)
#undef GRADUS_DECLARE

}  // namespace gradus::nn
