#include <limits>

#include <gradus/core/expected.hpp>
#include <gradus/nn/cli/flags.hpp>
#include <gradus/nn/cli/limits.hpp>
#include <gradus/nn/cli/load_data.hpp>
#include <gradus/nn/cli/make_parts.hpp>

namespace gradus::cli {
namespace {

const auto& any_seed() {
  static const CLI::Range range{std::uint64_t{0}, std::uint64_t{INT64_MAX}};
  return range;
}

void declare_model(CLI::App& app, ModelSettings& settings) {
  const std::string group = "The model";
  app.add_option("--hidden", settings.hidden,
                 "widths of the hidden layers, such as 512,512; none: a linear model")
      ->default_str("128")
      ->group(group);
  app.add_option("--activation", settings.activation, "of the hidden layers")
      ->check(CLI::IsMember(activation_names()))
      ->group(group);
  app.add_option("--dropout", settings.dropout, "the part of each hidden layer that is dropped, 0 to below 1")
      ->check(fraction_below())
      ->group(group);
  app.add_flag("--batch-norm", settings.batch_norm, "batch normalisation in front of each activation")
      ->group(group);
  app.add_option("--init", settings.init,
                 "first weights; auto: he for relu and its like, xavier elsewhere; normal: N(0, 0.01^2)")
      ->check(CLI::IsMember(init_names()))
      ->group(group);
  app.add_option("--model", settings.file, "a model in JSON instead, as `gradus inspect --json` prints it")
      ->group(group);
}

void declare_optimizer(CLI::App& app, OptimizerSettings& settings, ScheduleSettings& schedule) {
  const std::string group = "Optimizer and learning rate";
  app.add_option("--optimizer", settings.name, "which way the weights go")
      ->check(CLI::IsMember(optimizer_names()))
      ->group(group);
  app.add_option("--lr", settings.lr,
                 "learning rate, the largest of a schedule; without, the optimizer's own")
      ->check(positive())
      ->group(group);
  app.add_option("--momentum", settings.momentum, "of sgd and rmsprop, 0 to below 1")
      ->check(fraction_below())
      ->group(group);
  app.add_flag("--nesterov", settings.nesterov, "Nesterov's momentum, for sgd")->group(group);
  app.add_option("--weight-decay", settings.weight_decay,
                 "how strongly weights are drawn to 0; of adamw and lion apart from the gradient")
      ->check(not_negative())
      ->group(group);
  app.add_option("--schedule", schedule.name, "of the learning rate, over all epochs")
      ->check(CLI::IsMember(schedule_names()))
      ->group(group);
  app.add_option(
         "--factor", schedule.factor,
         "what step, exponential and inverse_time make of the rate in --every epochs, and --plateau at once")
      ->check(positive())
      ->group(group);
  app.add_option("--every", schedule.every, "epochs between such changes")
      ->check(whole_from_one())
      ->group(group);
  app.add_option("--warm-up", schedule.warm_up, "epochs in which the rate rises from 0, before the schedule")
      ->check(not_negative())
      ->group(group);
  app.add_option("--plateau", schedule.plateau,
                 "instead: the rate falls after so many epochs without improvement of --monitor; 0: never")
      ->check(whole())
      ->group(group);
}

void declare_training(CLI::App& app, TrainSettings& settings) {
  const std::string group = "Training";
  app.add_option("--loss", settings.loss, "without: cross_entropy for classes, mse for values")
      ->check(CLI::IsMember(loss_names()))
      ->group(group);
  app.add_option("--label-smoothing", settings.label_smoothing, "for cross_entropy, 0 to 1")
      ->check(fraction())
      ->group(group);
  app.add_option("--epochs", settings.epochs, "passes over the data")->check(whole_from_one())->group(group);
  app.add_option("--batch", settings.batch, "rows in a batch; without: 64, for lbfgs all")
      ->check(whole_from_one())
      ->default_str("64")
      ->group(group);
  app.add_option("--accumulate", settings.accumulate, "batches that make one step")
      ->check(whole_from_one())
      ->group(group);
  app.add_option("--clip-norm", settings.clip_norm, "largest norm of all gradients together")
      ->check(positive())
      ->group(group);
  app.add_option("--patience", settings.patience,
                 "stop after so many epochs without improvement of --monitor; 0: never")
      ->check(whole())
      ->group(group);
  app.add_flag("--keep-best", settings.keep_best,
               "the model of the best epoch, by --monitor, is the result, not that of the last")
      ->group(group);
  app.add_option("--monitor", settings.monitor,
                 "what has to improve, a column of the history; without: validation_loss, or train_loss "
                 "where nothing is held out")
      ->group(group);
  app.add_option("--seed", settings.seed, "of the weights, of what is held out and of the order of rows")
      ->check(any_seed())
      ->group(group);
  declare_threads(app, settings.threads)->group(group);
}

void declare_files(CLI::App& app, TrainSettings& settings) {
  const std::string group = "Files";
  app.add_option("--output", settings.output.folder, "folder for model, checkpoint, history and report")
      ->group(group);
  app.add_option("--model-out", settings.output.model, "the model somewhere else (.safetensors)")
      ->group(group);
  app.add_option("--history", settings.output.history,
                 "the history somewhere else: .csv, or .jsonl for JSON Lines")
      ->group(group);
  app.add_option("--report", settings.output.report, "the report somewhere else (.html)")->group(group);
  app.add_option("--resume", settings.resume,
                 "go on from a checkpoint, with its flags where no others are given")
      ->group(group);
  app.add_option("--config", settings.config,
                 "flags in a JSON file: {\"epochs\": 5, \"hidden\": [512, 512]}; flags here win")
      ->group(group);
  app.add_flag("--quiet", settings.quiet, "no summary and no progress")->group(group);
}

}  // namespace

CLI::Option* declare_threads(CLI::App& app, int& threads) {
  return app.add_option("--threads", threads, "processor cores to use; without, all that help")
      ->check(CLI::Range(1, 1024))
      ->default_str("");
}

void declare_data_flags(CLI::App& app, DataSettings& settings, bool learns) {
  const std::string group = "Data";
  app.add_option("--inputs", settings.inputs, "a .npy file, or the name of the inputs in a .npz file")
      ->group(group);
  app.add_option("--targets", settings.targets, "a .npy file, or the name of the targets in a .npz file")
      ->group(group);
  app.add_option("--delimiter", settings.delimiter,
                 "between the cells of a table: one character or tab; without: a comma, in .tsv files tab")
      ->transform(delimiter())
      ->default_str("")
      ->group(group);
  app.add_option("--na", settings.na,
                 learns ? "what stands for a missing value in a table, beside empty cells, such as NA,?"
                        : "more that stands for a missing value in a table")
      ->default_str("")
      ->group(group);
  app.add_flag("--no-header", settings.no_header, "the .csv file has no names of columns; they are 0, 1, ...")
      ->group(group);
  app.add_option("--rows", settings.rows, "to generate; a sixth as many are for testing")
      ->check(whole_from_one())
      ->default_str("")
      ->group(group);
  app.add_option("--noise", settings.noise, "standard deviation of what is added to generated points")
      ->check(not_negative())
      ->group(group);
  app.add_option("--data-seed", settings.data_seed, "of generated data")->check(any_seed())->group(group);
  if (!learns) return;
  app.add_option("--label", settings.label, "the column to predict; without: the last")->group(group);
  app.add_flag("--regression", settings.regression, "targets are values, not classes")->group(group);
  app.add_option("--ignore", settings.ignore, "columns to leave out, with commas between them")
      ->default_str("")
      ->group(group);
  app.add_option("--missing", settings.missing, "what becomes of missing inputs; drop: of their rows")
      ->check(CLI::IsMember(missing_names()))
      ->group(group);
  app.add_flag("--allow-unknown", settings.allow_unknown,
               "take texts that no row to learn from has, now and when the model is used; without, they are "
               "errors")
      ->group(group);
}

void declare_train_flags(CLI::App& app, TrainSettings& settings) {
  app.option_defaults()->always_capture_default();
  app.add_option("--data", settings.data.data,
                 "a folder with MNIST's files, a table (.csv, .tsv, these with .gz), a .npz or .npy file, or "
                 "generated: " +
                     detail::listed(generated_names()))
      ->group("Data");
  declare_data_flags(app, settings.data, true);
  app.add_option("--validation", settings.validation, "a file of the same kind that the model is judged by")
      ->group("Data");
  app.add_option("--validation-fraction", settings.validation_fraction,
                 "the part of the rows to hold out; without: 0.2, or 0 where the data come with a test set, "
                 "unless something is chosen (--keep-best, --patience, --plateau): never by the test set")
      ->check(fraction_below())
      ->excludes("--validation")
      ->group("Data");
  app.add_option("--scale", settings.scale,
                 "of the inputs, learnt from the training data; without: standardize for tables, else none")
      ->check(CLI::IsMember(scale_names()))
      ->group("Data");
  app.add_option("--scale-targets", settings.scale_targets,
                 "of values to predict, for the model alone: results are in the units of the data; without: "
                 "standardize for the losses mse, l1, huber and smooth_l1")
      ->check(CLI::IsMember(std::vector<std::string>{"none", "standardize"}))
      ->group("Data");
  app.add_flag("--scale-together", settings.scale_together,
               "one scale for all columns, as is usual for images")
      ->group("Data");
  declare_model(app, settings.model);
  declare_optimizer(app, settings.optimizer, settings.schedule);
  declare_training(app, settings);
  declare_files(app, settings);
}

}  // namespace gradus::cli
