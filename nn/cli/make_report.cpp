#include <cctype>

#include <gradus/nn/cli/make_report.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/nn/modules/summary.hpp>

namespace gradus::cli {
namespace {

/// The curves of those quantities that the history has.
nn::Panel panel(const nn::History& history, const std::string& title,
                const std::vector<std::pair<std::string, std::string>>& quantities) {
  nn::Panel result{.title = title, .x_label = "epoch"};
  const auto there = history.epochs.front().values();
  for (const auto& [name, label] : quantities) {
    bool has = false;
    for (const auto& each : there) has = has || each.first == name;
    if (!has) continue;
    nn::Curve curve{.name = label, .y = history.values(name)};
    for (const nn::EpochRecord& record : history.epochs) curve.x.push_back(static_cast<double>(record.epoch));
    result.curves.push_back(std::move(curve));
  }
  return result;
}

/// The layer that the inputs meet first, if it is linear.
std::optional<nn::Linear<float>> first_layer(const nn::Module<float>& model) {
  if (const auto* const layer = model.as<nn::Linear<float>>()) return *layer;
  const auto children = model.parts().children;
  return children.empty() ? std::nullopt : first_layer(children.front().module);
}

void add_pictures(nn::Report& report, const SavedModel& saved, const AnyDataset& examples,
                  const Judgement& judgement) {
  const Preprocessing& preprocessing = saved.notes.preprocessing;
  if (const auto* const set = std::get_if<nn::Dataset<>>(&examples))
    report.mistakes = nn::most_confident_mistakes(
        preprocessing.scale && !preprocessing.picture.empty() ? preprocessing.scale->invert(set->inputs)
                                                              : set->inputs,
        judgement.predictions, set->targets,
        {.class_names = report.class_names, .picture = preprocessing.picture});
  if (preprocessing.picture.size() != 2) return;
  const std::size_t height = preprocessing.picture[0], width = preprocessing.picture[1];
  if (const auto layer = first_layer(saved.model); layer && layer->in_features() == height * width)
    report.weights = nn::weight_pictures(xt::xarray<float>(layer->weight().value()), height, width);
}

}  // namespace

std::vector<nn::Panel> panels_of(const nn::History& history) {
  if (history.epochs.empty()) return {};
  std::vector<nn::Panel> panels{
      panel(history, "Loss", {{"train_loss", "training"}, {"validation_loss", "held out"}})};
  if (const auto& metrics = history.epochs.front().train_metrics; !metrics.empty()) {
    const std::string& name = metrics.front().first;
    std::string title = name;
    title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
    panels.push_back(
        panel(history, title, {{"train_" + name, "training"}, {"validation_" + name, "held out"}}));
    panels.back().percent = name == "accuracy";
  }
  panels.push_back(panel(history, "Learning rate", {{"lr", "learning rate"}}));
  panels.push_back(panel(history, "Norm of the gradient", {{"gradient_norm", "mean of the epoch"}}));
  return panels;
}

nn::Report make_report(const SavedModel& saved, const AnyDataset& examples, const Judgement& judgement) {
  const nn::History& history = saved.notes.history;
  nn::Report report{.date = nn::current_date(), .panels = panels_of(history)};
  for (const auto& [name, value] : judgement.metrics)
    report.figures.emplace_back(name, metric_text(name, value));
  report.figures.emplace_back("loss", metric_text("loss", judgement.loss));
  report.figures.emplace_back("epochs", std::to_string(history.epochs.size()));
  double seconds = 0;
  for (const nn::EpochRecord& record : history.epochs) seconds += record.seconds;
  if (!history.epochs.empty()) report.seconds = seconds;
  report.confusion = judgement.confusion;
  if (judgement.confusion &&
      saved.notes.preprocessing.class_names.size() == judgement.confusion->counts().shape(0))
    report.class_names = saved.notes.preprocessing.class_names;
  add_pictures(report, saved, examples, judgement);
  Shape shape(inputs_of(examples).shape());
  shape[0] = 1;
  report.summary = nn::summary(saved.model, shape).text();
  return report;
}

}  // namespace gradus::cli
