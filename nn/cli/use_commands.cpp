#include <algorithm>
#include <charconv>
#include <iostream>
#include <memory>

#include <gradus/core/error.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/nn/cli/commands.hpp>
#include <gradus/nn/cli/flag_rules.hpp>
#include <gradus/nn/cli/flags.hpp>
#include <gradus/nn/cli/judge.hpp>
#include <gradus/nn/cli/make_report.hpp>
#include <gradus/nn/cli/saved_model.hpp>
#include <gradus/nn/data/csv.hpp>
#include <gradus/nn/training/trainer.hpp>
#include <gradus/ops/softmax.hpp>

namespace gradus::cli {
namespace {

void declare_use_flags(CLI::App& app, UseSettings& settings) {
  settings.data.data.clear();  // it must be said
  app.option_defaults()->always_capture_default();
  app.add_option("model", settings.model, "a model or checkpoint of `gradus train`")->required();
  app.add_option("data", settings.data.data, "data of the kind that the model has learnt from")->required();
  declare_data_flags(app, settings.data, false);
  declare_threads(app, settings.threads)->group("Data");
}

ExitCode evaluate(const UseSettings& settings) {
  if (settings.threads > 0) set_num_threads(settings.threads);
  const SavedModel saved = read_saved_model(settings.model);
  const AnyDataset examples = load_examples(settings.data, saved.notes.preprocessing);
  print(std::cout,
        judge(saved.model, saved.notes.preprocessing, examples, saved.notes.loss(),
              saved.notes.label_smoothing()),
        saved.notes.preprocessing.class_names);
  return fine;
}

/// The number as a float is written: 0.1, and not 0.10000000149011612.
double as_written(float value) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  double read = value;
  std::from_chars(text, end, read);
  return read;
}

/// The class of each row by its name, and the probability of each class.
nn::Table class_table(const xt::xarray<float>& logits, std::vector<std::string> names) {
  for (std::size_t i = names.size(); i < logits.shape(1); ++i) names.push_back(std::to_string(i));
  const NoGrad off;
  const xt::xarray<float> probabilities = softmax(Tensor<float>(logits)).value();
  nn::Column::Texts classes;
  for (const std::int64_t each : nn::predict_classes(logits))
    classes.push_back(each == nn::no_class ? "" : names[static_cast<std::size_t>(each)]);
  nn::Table table({{"class", std::move(classes)}});
  for (std::size_t j = 0; j < logits.shape(1); ++j) {
    nn::Column::Numbers column;
    for (std::size_t i = 0; i < logits.shape(0); ++i) column.push_back(as_written(probabilities(i, j)));
    table.add({"p(" + names[j] + ")", std::move(column)});
  }
  return table;
}

nn::Table value_table(const xt::xarray<float>& values) {
  std::vector<std::string> names;
  for (std::size_t j = 0; j < values.shape(1); ++j)
    names.push_back(values.shape(1) == 1 ? "value" : "value" + std::to_string(j));
  xt::xarray<double> written = xt::xarray<double>::from_shape(values.shape());
  std::transform(values.begin(), values.end(), written.begin(), as_written);
  return nn::make_table(written, names);
}

ExitCode predict(const UseSettings& settings) {
  if (settings.threads > 0) set_num_threads(settings.threads);
  const SavedModel saved = read_saved_model(settings.model);
  const Preprocessing& preprocessing = saved.notes.preprocessing;
  const xt::xarray<float> y =
      predict_in_units(saved.model, preprocessing, load_inputs(settings.data, preprocessing));
  if (y.dimension() != 2)
    throw ShapeError("the model gives " + to_string(Shape(y.shape())) + ": expected (n, k)");
  const nn::Table table =
      preprocessing.regression ? value_table(y) : class_table(y, preprocessing.class_names);
  if (settings.output == "-")
    std::cout << nn::csv_text(table);
  else
    nn::write_csv(settings.output, table);
  return fine;
}

template <class Run>
std::function<ExitCode()> declared(CLI::App& app, const Run& run,
                                   const std::function<void(CLI::App&, UseSettings&)>& more = {}) {
  const auto settings = std::make_shared<UseSettings>();
  declare_use_flags(app, *settings);
  if (more) more(app, *settings);
  return [&app, settings, run] {
    check_data_flags(flags_given(app), settings->data);
    return run(*settings);
  };
}

ExitCode report(const UseSettings& settings) {
  if (settings.threads > 0) set_num_threads(settings.threads);
  const SavedModel saved = read_saved_model(settings.model);
  const AnyDataset examples = load_examples(settings.data, saved.notes.preprocessing);
  const Judgement judgement = judge(saved.model, saved.notes.preprocessing, examples, saved.notes.loss(),
                                    saved.notes.label_smoothing());
  nn::write_report(settings.output, make_report_anew(saved, settings.data, examples, judgement));
  std::cout << "report: " << settings.output << '\n';
  return fine;
}

}  // namespace

Command evaluate_command() {
  return {"evaluate", "Judge a trained model by data: loss, metrics, confusion matrix",
          "Examples:\n"
          "  gradus evaluate run/model.safetensors mnist          the test set of the folder\n"
          "  gradus evaluate iris/model.safetensors more.csv",
          [](CLI::App& app) { return declared(app, evaluate); }};
}

Command predict_command() {
  return {"predict", "Predict: a CSV with the class of each row and its probabilities, or with values",
          "Examples:\n"
          "  gradus predict iris/model.safetensors new.csv -o predictions.csv\n"
          "  gradus predict run/model.safetensors images.npy | head",
          [](CLI::App& app) {
            return declared(app, predict, [](CLI::App& sub, UseSettings& settings) {
              settings.output = "-";
              sub.add_option("-o,--output", settings.output, "the file to write; -: the standard output");
            });
          }};
}

Command report_command() {
  return {"report", "Make the report of a saved run anew, with other data perhaps",
          "Examples:\n"
          "  gradus report run/checkpoint.safetensors mnist -o test.html",
          [](CLI::App& app) {
            return declared(app, report, [](CLI::App& sub, UseSettings& settings) {
              settings.output = "report.html";
              sub.add_option("-o,--output", settings.output, "the file to write");
            });
          }};
}

}  // namespace gradus::cli
