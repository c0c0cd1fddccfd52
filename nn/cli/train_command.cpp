#include <algorithm>
#include <memory>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/checkpoint/stored_model.hpp>
#include <gradus/nn/cli/commands.hpp>
#include <gradus/nn/cli/flag_rules.hpp>
#include <gradus/nn/cli/flags.hpp>
#include <gradus/nn/cli/options_json.hpp>
#include <gradus/nn/cli/saved_model.hpp>
#include <gradus/nn/cli/train.hpp>
#include <gradus/nn/files/gzip.hpp>

namespace gradus::cli {
namespace {

/// Flags that speak of this call alone, and are not kept with the model.
const std::vector<std::string> of_this_call{"config", "resume", "quiet", "threads"};

bool holds_training(const nn::Safetensors& file) {
  return std::any_of(file.tensors.begin(), file.tensors.end(),
                     [](const auto& each) { return each.first.starts_with(nn::detail::training_prefix); });
}

/// Flags of the command line, then of the configuration, then of the run that is resumed: the first wins.
void read_settings(CLI::App& app, TrainSettings& settings) {
  if (!settings.config.empty()) {
    const auto bytes = nn::detail::read_raw_bytes("config", settings.config);
    set_options(app, std::string(bytes.begin(), bytes.end()), "'" + settings.config + "'");
  }
  settings.new_lr = app.get_option("--lr")->count() > 0;
  const std::vector<std::string> given = flags_given(app);
  if (!settings.resume.empty()) {
    const nn::Safetensors checkpoint = nn::read_safetensors(settings.resume);
    if (!holds_training(checkpoint))
      throw DataError("'" + settings.resume +
                      "' is a model without the state of its training: expected a checkpoint, such as "
                      "run/checkpoint.safetensors");
    set_options(app, notes_of(checkpoint.metadata).settings, "'" + settings.resume + "'");
  }
  check_train_flags(given, settings);
}

}  // namespace

Command train_command(std::string command_line) {
  return {"train", "Train a model, and report how it went",
          "Examples:\n"
          "  gradus train                                  digits that the program draws itself\n"
          "  gradus train --data spirals --hidden 32,32 --activation tanh --epochs 100\n"
          "  gradus train --data iris.csv --label species --scale standardize --output iris\n"
          "  gradus train --data houses.csv --label price --regression --missing median --epochs 100\n"
          "  gradus train --data mnist --hidden 512,512 --dropout 0.2 --schedule one_cycle --lr 0.004\n"
          "  gradus train --resume run/checkpoint.safetensors --epochs 20\n"
          "\nIn the folder of --output: model.safetensors is the result, for `gradus evaluate` and `gradus "
          "predict`;\n"
          "checkpoint.safetensors is written after each epoch, for --resume; with --keep-best "
          "best.safetensors,\n"
          "the model of the best epoch so far; history.csv; report.html.\n"
          "--monitor takes a column of the history: train_ or validation_ with loss, accuracy, precision, "
          "recall, f1, mse, r2.",
          [command_line = std::move(command_line)](CLI::App& app) {
            const auto settings = std::make_shared<TrainSettings>();
            settings->command_line = command_line;
            declare_train_flags(app, *settings);
            return [&app, settings] {
              read_settings(app, *settings);
              train(*settings, options_json(app, of_this_call));
              return fine;
            };
          }};
}

}  // namespace gradus::cli
