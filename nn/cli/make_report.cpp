#include <filesystem>

#include <gradus/nn/cli/make_report.hpp>
#include <gradus/nn/cli/sources.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/nn/modules/summary.hpp>
#include <gradus/nn/report/training_panels.hpp>

namespace gradus::cli {
namespace {

/// The layer that the inputs meet first, if it is linear.
std::optional<nn::Linear<float>> first_layer(const nn::Module<float>& model) {
  if (const auto* const layer = model.as<nn::Linear<float>>()) return *layer;
  const auto children = model.parts().children;
  return children.empty() ? std::nullopt : first_layer(children.front().module);
}

/// "houses.csv".
std::string name_of(const std::filesystem::path& data) {
  return (data.has_filename() ? data : data.parent_path()).filename().string();
}

/// "Training on houses.csv: price".
std::string title_of(const RunNotes& notes, std::string title, const std::string& more = "") {
  const std::string name = name_of(notes.text_setting("data"));
  if (!name.empty()) title += " on " + name;
  title += more;
  if (const auto& encoder = notes.preprocessing.encoder) title += ": " + encoder->options().label;
  return title;
}

void add_examples(nn::Report& report, const SavedModel& saved, const AnyDataset& examples,
                  const Judgement& judgement, const std::vector<std::size_t>& rows) {
  const Preprocessing& preprocessing = saved.notes.preprocessing;
  if (const auto* const set = std::get_if<nn::Dataset<>>(&examples))
    report.mistakes = nn::most_confident_mistakes(
        preprocessing.scale && !preprocessing.picture.empty() ? preprocessing.scale->invert(set->inputs)
                                                              : set->inputs,
        judgement.predictions, set->targets,
        {.class_names = report.class_names, .picture = preprocessing.picture, .rows = rows});
  if (const auto* const set = std::get_if<nn::Dataset<float>>(&examples))
    report.predictions = nn::prediction_panels(judgement.predictions, set->targets);
  if (preprocessing.picture.size() != 2) return;
  const std::size_t height = preprocessing.picture[0], width = preprocessing.picture[1];
  if (const auto layer = first_layer(saved.model); layer && layer->in_features() == height * width)
    report.weights = nn::weight_pictures(xt::xarray<float>(layer->weight().value()), height, width);
}

}  // namespace

nn::Report make_report(const SavedModel& saved, const AnyDataset& examples, const Judgement& judgement,
                       const std::vector<std::size_t>& rows) {
  const nn::History& history = saved.notes.history;
  nn::Report report{.title = title_of(saved.notes, "Training"),
                    .date = nn::current_date(),
                    .panels = nn::training_panels(history)};
  for (const auto& [name, value] : judgement.metrics)
    report.figures.emplace_back(name, metric_text(name, value));
  report.figures.emplace_back("loss", metric_text("loss", judgement.loss));
  report.figures.emplace_back("rows", std::to_string(judgement.rows));
  report.figures.emplace_back("epochs", std::to_string(history.epochs.size()));
  double seconds = 0;  // left out of a model's file
  for (const nn::EpochRecord& record : history.epochs) seconds += record.seconds;
  if (seconds > 0) report.seconds = seconds;
  report.confusion = judgement.confusion;
  if (judgement.confusion &&
      saved.notes.preprocessing.class_names.size() == judgement.confusion->counts().shape(0))
    report.class_names = saved.notes.preprocessing.class_names;
  add_examples(report, saved, examples, judgement, rows);
  Shape shape(inputs_of(examples).shape());
  shape[0] = 1;
  report.summary = nn::summary(saved.model, shape).text();
  return report;
}

nn::Report make_report_anew(const SavedModel& saved, const DataSettings& data, const AnyDataset& examples,
                            const Judgement& judgement) {
  nn::Report report = make_report(saved, examples, judgement);
  const std::string name = name_of(data.data);
  report.title = title_of(saved.notes, "Trained", ", judged by " + name);
  report.judged_by = (has_test_set(data) ? "the test set of " : "") + name;
  return report;
}

}  // namespace gradus::cli
