#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gradus/nn/data/data_loader.hpp>
#include <gradus/nn/modules/module.hpp>
#include <gradus/nn/optimizers/optimizer.hpp>
#include <gradus/nn/training/callback.hpp>
#include <gradus/nn/training/metric.hpp>

namespace gradus::nn {

template <class T = float, class Target = std::int64_t>
struct TrainerOptions {
  std::size_t epochs = 10;
  /// How many batches make one step: their gradients are added up, weighted by their rows, as if they were
  /// one batch (for losses that are means over the rows).
  std::size_t accumulate = 1;
  /// Largest norm of all gradients together (clip_grad_norm); not for LBFGS, whose gradients must be those of
  /// its loss.
  std::optional<double> clip_norm = {};
  std::size_t evaluation_batch = 1000;  ///< rows at a time where nothing is learnt
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
/// they have no rows, and when the model does not give each row one of the same shape; ValueError when there
/// are none, or batch is 0.
template <class T>
xt::xarray<T> predict(const Module<T>& model, const xt::xarray<T>& inputs, std::size_t batch = 1000);
template <class M, class T = typename M::value_type>
requires(!std::same_as<M, Module<T>>) xt::xarray<T> predict(const M& model,
                                                            const std::type_identity_t<xt::xarray<T>>& inputs,
                                                            std::size_t batch = 1000) {
  return predict(Module<T>(model), inputs, batch);
}

/// Trains a model, epoch by epoch:
///
///     nn::Trainer<> trainer{model, optimizer,
///                           [](const Tensor<float>& z, const auto& labels) { return nn::cross_entropy(z,
///                           labels); },
///                           {.epochs = 10, .metrics = {nn::metric::accuracy()}}};
///     trainer.add(nn::EarlyStopping{});
///     nn::History history = trainer.fit(batches, validation);
///
/// The model is in training while it learns and in evaluation while it is judged. The optimizer must outlive
/// the trainer; it may be any, LBFGS too. The loss is the mean over the rows that it is given.
template <class T = float, class Target = std::int64_t>
class Trainer {
 public:
  using Loss = std::function<Tensor<T>(const Tensor<T>& predictions, const xt::xarray<Target>& targets)>;
  using Options = TrainerOptions<T, Target>;

  /// ValueError when epochs, accumulate or evaluation_batch is 0, clip_norm is not positive or the optimizer
  /// LBFGS, the loss is empty, or a metric has no function or no name of
  /// its own that is UTF-8 and not "loss".
  Trainer(Module<T> model, Optimizer<T>& optimizer, Loss loss, Options options = {});

  /// Adds a callback; they are called in the order in which they were added. Those that have a state are
  /// added before load().
  /// ValueError for null.
  void add(std::shared_ptr<Callback> callback);
  /// The same for one that is handed over; returns it, to be asked later.
  template <class C>
  requires std::derived_from<C, Callback> std::shared_ptr<C> add(C&& callback) {
    auto shared = std::make_shared<C>(std::move(callback));
    add(std::shared_ptr<Callback>(shared));
    return shared;
  }

  /// Trains until as many epochs as the options say are done (those before load() are counted) or a callback
  /// stops it; returns the history of all epochs. For more of them afterwards see set_epochs(). The first
  /// epoch begins where the loader stands. ValueError when the loss or a gradient is no finite number, naming
  /// the step and what is not finite: that step is not taken, buffers are as before it, and the history of
  /// the epochs before stays readable. (Of LBFGS only the loss at the beginning of a step is checked.) After
  /// anything was thrown within an epoch, fit() and save() are a ValueError until load(): part of the epoch
  /// is learnt already. DataError when training was saved with other data, or batches of another kind.
  History fit(DataLoader<T, Target>& batches) { return run(batches, nullptr); }
  History fit(DataLoader<T, Target>&& batches) { return run(batches, nullptr); }
  /// The same, and judges the model after each epoch by data that it does not learn from: a Dataset, or a
  /// Batch.
  template <class Examples>
  requires requires(const Examples& e) { e.inputs, e.targets; }
  History fit(DataLoader<T, Target>& batches, const Examples& validation) {
    const Batch<T, Target> examples{validation.inputs, validation.targets};
    return run(batches, &examples);
  }
  template <class Examples>
  requires requires(const Examples& e) { e.inputs, e.targets; }
  History fit(DataLoader<T, Target>&& batches, const Examples& validation) {
    return fit(batches, validation);
  }

  /// Data that do not go with the loss; the compiler says so.
  template <class Other, class... Validation>
  requires(!std::same_as<Other, Target>) History fit(const DataLoader<T, Other>&, const Validation&...) {
    static_assert(
        std::same_as<Other, Target>,
        "the loss takes other targets than the data have (labels, if it takes any): write their type, "
        "[](const Tensor<float>& y, const xt::xarray<float>& t) { return nn::mse_loss(y, t); }");
    return {};
  }

  /// How many epochs there are to be in all: `trainer.set_epochs(trainer.history().epochs.size() + 10)` for
  /// ten more. ValueError for 0.
  void set_epochs(std::size_t epochs);

  /// Loss and metrics on examples, the model in evaluation, each computed from all predictions at once.
  /// ValueError when there are none; ShapeError as of predict().
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

  /// Saves model, optimizer, generators, callbacks, place in the data and history between two epochs, in a
  /// file that load_model() and read_model() take too (save_training). ValueError within an epoch, and when
  /// parameters were changed since the last epoch, as KeepBest does at the end: they do not belong to the
  /// optimizer's state. Save in a callback's after_epoch() then, one that is added behind all that have a
  /// state: ValueError when there are any that have not seen the epoch yet.
  void save(const std::filesystem::path& file, const std::map<std::string, std::string>& metadata = {}) const;
  /// Goes on from there, with a model, an optimizer, callbacks and data that were made alike: the next fit()
  /// gives, bit for bit, what one that was not interrupted would have. DataError, before anything is changed,
  /// for a file that is damaged or does not fit: one that was saved with other callbacks, for instance.
  void load(const std::filesystem::path& file);

 private:
  struct EpochTally;
  using Batches = std::span<Batch<T, Target>>;

  using Versions = std::vector<std::uint32_t>;

  History run(DataLoader<T, Target>& batches, const Batch<T, Target>* validation);
  void check_ready(const char* caller) const;
  void check_data(const std::map<std::string, std::string>& data);
  void train_epochs(DataLoader<T, Target>& batches, const Batch<T, Target>* validation);
  void train_epoch(DataLoader<T, Target>& batches, const Batch<T, Target>* validation);
  void tell_rest();
  void report_step(const EpochTally& tally, std::size_t rows);
  std::string first_nonfinite(Batches batches) const;
  Versions versions() const;
  EpochTally learn_epoch(DataLoader<T, Target>& batches);
  void take_step(Batches batches, EpochTally& tally);
  Tensor<T> backward_all(Batches batches, EpochTally* tally);
  double guarded_gradient_norm(double loss, Batches batches) const;
  [[noreturn]] void stop_at_nonfinite(const std::string& what, Batches batches) const;

  Module<T> model_;
  Optimizer<T>* optimizer_;
  Loss loss_;
  Options options_;
  std::vector<std::shared_ptr<Callback>> callbacks_;
  std::size_t told_ = 0;  // how many of them have been told of the latest epoch
  TrainingControl control_;
  History history_;
  std::optional<LoaderPosition> position_;   // where the next epoch begins; empty: where the loader stands
  std::map<std::string, std::string> data_;  // the loader and how it is used; empty: none so far
  bool data_is_loaded_ = false;              // the next fit() must be given the same
  bool within_epoch_ = false;                // something is learnt that the history does not have
  std::optional<Versions> versions_;         // of the parameters after the last epoch
};

namespace detail {

/// The targets that a loss takes; labels when it takes any (a generic lambda).
template <class Loss>
struct TargetOf {
  using type = std::int64_t;
};
template <class R, class P, class Targets>
struct TargetOf<R (*)(P, Targets)> {
  using type = typename std::remove_cvref_t<Targets>::value_type;
};
template <class L, class R, class P, class Targets>
struct TargetOf<R (L::*)(P, Targets) const> : TargetOf<R (*)(P, Targets)> {};
template <class Loss>
requires requires { &Loss::operator(); }
struct TargetOf<Loss> : TargetOf<decltype(&Loss::operator())> {};

}  // namespace detail

template <class M, class T, class Loss>
Trainer(M, Optimizer<T>&, Loss, TrainerOptions<T, typename detail::TargetOf<Loss>::type> = {})
    -> Trainer<T, typename detail::TargetOf<Loss>::type>;

#define GRADUS_DECLARE(T)                         \
  extern template class Trainer<T, std::int64_t>; \
  extern template class Trainer<T, T>;
GRADUS_DECLARE(float)
GRADUS_DECLARE(double)
#undef GRADUS_DECLARE

}  // namespace gradus::nn
