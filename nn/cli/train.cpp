#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/cli/doubts.hpp>
#include <gradus/nn/cli/interrupt.hpp>
#include <gradus/nn/cli/judge.hpp>
#include <gradus/nn/cli/load_data.hpp>
#include <gradus/nn/cli/make_parts.hpp>
#include <gradus/nn/cli/make_report.hpp>
#include <gradus/nn/cli/saved_model.hpp>
#include <gradus/nn/cli/shell_word.hpp>
#include <gradus/nn/cli/target_scale.hpp>
#include <gradus/nn/cli/train.hpp>
#include <gradus/nn/files/write_file.hpp>
#include <gradus/nn/modules/summary.hpp>
#include <gradus/nn/training/callbacks.hpp>
#include <gradus/nn/training/fall_on_plateau.hpp>
#include <gradus/nn/training/keep_best.hpp>
#include <gradus/nn/training/trainer.hpp>

namespace gradus::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t usual_batch = 64;

/// The files that a run leaves.
struct Places {
  fs::path model, checkpoint, best, history, report;

  explicit Places(const OutputSettings& output) {
    const fs::path folder = output.folder;
    const auto place = [&](const std::string& asked, const char* name) {
      return asked.empty() ? folder / name : fs::path(asked);
    };
    model = place(output.model, "model.safetensors");
    history = place(output.history, "history.csv");
    report = place(output.report, "report.html");
    checkpoint = folder / "checkpoint.safetensors";
    best = folder / "best.safetensors";
  }

  /// Where nothing can be written it is better to fail before the training.
  void try_out() const {
    for (const fs::path& file : {model, checkpoint, best, history, report}) try_out(file);
  }

 private:
  /// Writes an empty file beside each; nothing that is there is touched.
  static void try_out(const fs::path& file) {
    std::error_code error;
    if (!file.parent_path().empty()) fs::create_directories(file.parent_path(), error);
    if (error)
      throw DataError("cannot make the folder '" + file.parent_path().string() + "': " + error.message());
    if (fs::is_directory(file))
      throw DataError("'" + file.string() + "' is a folder: expected the name of a file");
    if (fs::exists(file) && !fs::is_regular_file(file)) return;  // a device
    fs::path beside = file;
    do beside += ".try";
    while (fs::exists(beside));  // somebody's own
    nn::detail::write_file("train", beside, "");
    fs::remove(beside, error);
  }
};

std::size_t batch_size(const TrainSettings& settings, std::size_t rows) {
  if (settings.batch) return settings.batch;
  return settings.optimizer.name == "lbfgs" ? rows : usual_batch;
}

/// Whether the last batch is a single row, though not the only one.
bool leaves_one(std::size_t rows, std::size_t batch) { return rows > batch && rows % batch == 1; }

/// Whether it learns nothing from a single row: it has no variance.
bool normalises_batches(const nn::Module<float>& model) {
  const auto parts = model.parts();
  return parts.type.starts_with("BatchNorm") ||
         std::any_of(parts.children.begin(), parts.children.end(),
                     [](const auto& child) { return normalises_batches(child.module); });
}

std::size_t outputs_of(const nn::Dataset<>&, const Preprocessing& preprocessing) {
  return preprocessing.class_names.size();
}
std::size_t outputs_of(const nn::Dataset<float>& set, const Preprocessing&) {
  if (set.targets.dimension() != 2)
    throw ShapeError("targets " + to_string(Shape(set.targets.shape())) + ": expected (n) or (n, k)");
  return set.targets.shape(1);
}

/// Does something when an epoch has ended.
class AfterEpoch final : public nn::Callback {
 public:
  explicit AfterEpoch(std::function<void(const nn::EpochRecord&)> act) : act_(std::move(act)) {}
  void after_epoch(const nn::EpochRecord& record, nn::TrainingControl&) override { act_(record); }

 private:
  std::function<void(const nn::EpochRecord&)> act_;
};

/// One run: everything it consists of, in the order in which it is made.
template <class Target>
class Run {
 public:
  using Trainer = nn::Trainer<float, Target>;

  Run(const TrainSettings& settings, const std::string& settings_json, TrainingData data)
      : settings_(settings),
        places_(settings.output),
        rng_(settings.seed),
        held_out_(std::move(data.held_out)),
        held_out_rows_(std::move(data.held_out_rows)),
        test_(std::move(data.test)),
        judged_by_(std::move(data.judged_by)),
        train_(std::get<nn::Dataset<Target>>(std::move(data.train))),
        saved_{make_model(settings.model, train_.inputs.size() / train_.size(),
                          outputs_of(train_, data.preprocessing), rng_),
               {.preprocessing = std::move(data.preprocessing), .settings = settings_json}},
        optimizer_(make_optimizer(settings.optimizer, saved_.model.parameters())),
        loader_(train_, {.batch_size = batch_size(settings, train_.size()),
                         .shuffle = true,
                         .drop_last = leaves_one(train_.size(), batch_size(settings, train_.size())) &&
                                      normalises_batches(saved_.model),
                         .seed = settings.seed}),
        trainer_(saved_.model, *optimizer_,
                 scaled_loss<Target>(settings.loss, settings.label_smoothing, saved_.notes.preprocessing),
                 {.epochs = settings.epochs,
                  .accumulate = settings.accumulate,
                  .clip_norm = settings.clip_norm,
                  .metrics = in_units(saved_.notes.preprocessing, metrics_of<Target>())}) {
    learn_at(optimizer_->lr());
  }

  void go() {
    places_.try_out();
    Shape shape(train_.inputs.shape());
    shape[0] = std::min(shape[0], loader_.options().batch_size);
    const nn::Summary summary = nn::summary(saved_.model, shape);  // a model that does not fit fails here
    name_classes(summary.rows.front().output_shape.value_or(Shape{}));
    if (!settings_.quiet) {
      print_columns(std::cout, saved_.notes.preprocessing);
      std::cout << summary << '\n';
    }
    add_callbacks();
    if (settings_.resume.empty()) {
      say_when_interrupted("interrupted before an epoch was at its end: nothing is saved");
    } else {
      say_when_interrupted("interrupted before another epoch was at its end" + way_on(settings_.resume));
      resume();
    }
    saved_.notes.history =
        held_out_ ? trainer_.fit(loader_, std::get<nn::Dataset<Target>>(*held_out_)) : trainer_.fit(loader_);
    finish();
  }

 private:
  static std::string way_on(const fs::path& checkpoint) {
    return ": `gradus train --resume " + shell_word(checkpoint.string()) + "` goes on from there";
  }

  /// The rate, or where its schedule begins.
  void learn_at(double lr) {
    const std::size_t per_epoch = (loader_.size() + settings_.accumulate - 1) / settings_.accumulate;
    if (nn::Schedule schedule = make_schedule(settings_.schedule, lr, per_epoch, settings_.epochs))
      optimizer_->set_schedule(std::move(schedule));
    else
      optimizer_->set_lr(lr);
  }

  nn::Monitor monitor() const {
    const std::string& name = settings_.monitor;
    if (name.empty()) return {.name = held_out_ ? "validation_loss" : "train_loss"};
    const auto& metrics = trainer_.options().metrics;
    const auto is_better_larger = [&](const auto& metric) {
      return metric.larger_is_better && name.ends_with("_" + metric.name);
    };
    return {.name = name, .larger_is_better = std::any_of(metrics.begin(), metrics.end(), is_better_larger)};
  }

  /// Each output of the model has a name, also where the data have fewer classes.
  void name_classes(const Shape& outputs) {
    const std::size_t expected = outputs_of(train_, saved_.notes.preprocessing);
    const bool may_be_more = !saved_.notes.preprocessing.regression;
    if (outputs.size() != 2 || outputs[1] < expected || (outputs[1] > expected && !may_be_more))
      throw ShapeError("the model gives " + to_string(outputs) + ": expected (n," + std::to_string(expected) +
                       "), a number for each " + (may_be_more ? "class" : "value to predict"));
    auto& names = saved_.notes.preprocessing.class_names;
    for (std::size_t i = names.size(); may_be_more && i < outputs[1]; ++i) names.push_back(std::to_string(i));
  }

  /// The checkpoint comes last: what the others change in an epoch belongs to it.
  void add_callbacks() {
    const nn::Monitor watched = monitor();
    if (!settings_.quiet) trainer_.add(nn::ShowProgress{std::cout, nn::is_terminal(stdout)});
    if (settings_.schedule.plateau > 0)
      trainer_.add(nn::FallOnPlateau<float>{*optimizer_,
                                            watched.name,
                                            {.factor = settings_.schedule.factor,
                                             .maximize = watched.larger_is_better.value_or(false),
                                             .patience = settings_.schedule.plateau}});
    if (settings_.patience > 0)
      trainer_.add(nn::EarlyStopping{{.monitor = watched, .patience = settings_.patience}});
    if (settings_.keep_best)
      keep_best_ = trainer_.add(nn::KeepBest<float>{
          saved_.model,
          {.monitor = watched, .file = places_.best, .metadata = saved_.notes.metadata(false)}});
    trainer_.add(AfterEpoch{[this](const nn::EpochRecord& record) {
      trainer_.save(places_.checkpoint, saved_.notes.metadata(false));
      trainer_.history().write(places_.history);
      say_when_interrupted("interrupted after epoch " + std::to_string(record.epoch) +
                           way_on(places_.checkpoint));
    }});
  }

  void resume() {
    if (settings_.new_lr && settings_.schedule.plateau > 0)
      throw UsageError(
          "--lr does not go with --resume of a run with --plateau, which has lowered its rate by what "
          "it saw: expected no --lr");
    trainer_.load(settings_.resume);
    const std::size_t done = trainer_.history().epochs.size();
    if (done > settings_.epochs)
      throw UsageError("--epochs " + std::to_string(settings_.epochs) + ": '" + settings_.resume + "' has " +
                       std::to_string(done) + " epochs behind it: expected more");
    if (settings_.new_lr) learn_at(*settings_.optimizer.lr);
    if (!settings_.quiet) std::cout << "resumed after epoch " << done << " of " << settings_.epochs << '\n';
  }

  void finish() {
    if (keep_best_) keep_best_->restore();  // where there was nothing left to train
    nn::save_model(places_.model, saved_.model, {}, saved_.notes.metadata(true));
    saved_.notes.history.write(places_.history);
    const AnyDataset examples = test_       ? std::move(*test_)
                                : held_out_ ? std::move(*held_out_)
                                            : AnyDataset(std::move(train_));
    const Judgement judgement =
        judge(saved_.model, saved_.notes.preprocessing, examples, settings_.loss, settings_.label_smoothing);
    const bool is_part = !test_ && held_out_;
    nn::Report report =
        make_report(saved_, examples, judgement, is_part ? held_out_rows_ : std::vector<std::size_t>());
    report.judged_by = judged_by_;
    if (keep_best_)
      report.figures.emplace_back("best epoch", std::to_string(keep_best_->best().best_epoch()));
    report.seed = settings_.seed;
    report.command_line = settings_.command_line;
    nn::write_report(places_.report, report);
    if (const auto& reason = trainer_.stop_reason()) std::cout << "\nstopped: " << *reason << '\n';
    if (keep_best_) std::cout << "\nthe model is that of epoch " << keep_best_->best().best_epoch() << '\n';
    std::cout << "\non " << judged_by_ << '\n';
    print(std::cout, judgement, saved_.notes.preprocessing.class_names);
    std::cout << "\nmodel: " << places_.model.string() << "\nhistory: " << places_.history.string()
              << "\nreport: " << places_.report.string() << '\n';
  }

  const TrainSettings& settings_;
  Places places_;
  Rng rng_;
  std::optional<AnyDataset> held_out_;
  std::vector<std::size_t> held_out_rows_;
  std::optional<AnyDataset> test_;
  std::string judged_by_;
  nn::Dataset<Target> train_;
  SavedModel saved_;
  std::unique_ptr<nn::Optimizer<float>> optimizer_;
  nn::DataLoader<float, Target> loader_;
  Trainer trainer_;
  std::shared_ptr<nn::KeepBest<float>> keep_best_;
};

}  // namespace

void train(const TrainSettings& settings, const std::string& settings_json) {
  if (settings.threads > 0) set_num_threads(settings.threads);
  if (settings.loss == "nll" && settings.model.file.empty())
    throw UsageError(
        "--loss nll takes log-probabilities: expected --model FILE with a model that ends in LogSoftmax, or "
        "--loss cross_entropy");
  TrainingData data = load_training_data(settings);
  for (const std::string& doubt : data.doubts) std::cerr << "gradus train: warning: " << doubt << '\n';
  if (data.preprocessing.regression)
    Run<float>(settings, settings_json, std::move(data)).go();
  else
    Run<std::int64_t>(settings, settings_json, std::move(data)).go();
}

}  // namespace gradus::cli
