#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/report/training_panels.hpp>
#include <gradus/nn/training/metric.hpp>

namespace gradus::nn {
namespace {

using Values = std::vector<std::pair<std::string, double>>;

/// One quantity of each epoch; an epoch that does not have it is left out.
Curve curve(const History& history, const std::string& quantity, const std::string& name) {
  Curve result{.name = name};
  for (const EpochRecord& record : history.epochs) {
    const Values values = record.values();
    const auto found =
        std::find_if(values.begin(), values.end(), [&](const auto& each) { return each.first == quantity; });
    if (found == values.end()) continue;
    result.x.push_back(static_cast<double>(record.epoch));
    result.y.push_back(found->second);
  }
  return result;
}

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

Panel panel(const std::string& title, std::vector<Curve> curves) {
  std::erase_if(curves, [](const Curve& each) { return each.x.empty(); });
  return {.title = title, .x_label = "epoch", .curves = std::move(curves)};
}

/// "loss" or a metric, of the rows to learn from and of those for validation.
Panel judged(const History& history, const std::string& quantity) {
  Panel result = panel(capitalised(quantity), {curve(history, "train_" + quantity, "training"),
                                               curve(history, "validation_" + quantity, "validation")});
  result.percent = is_fraction(quantity);
  return result;
}

/// Whether the curves can't be told apart, each in a frame of its own: mean squared error as the loss and, in
/// other units perhaps, as a metric. A single point says nothing of units.
bool are_alike(const Panel& a, const Panel& b) {
  constexpr double tolerance = 1e-4;  // losses and metrics round at different places
  std::size_t points = 0;
  for (const Curve& curve : a.curves) points += curve.y.size();
  const bool any_units = points > 1 && !a.curves.front().y.empty() && !b.curves.front().y.empty();
  const double unit = any_units ? b.curves.front().y.front() / a.curves.front().y.front() : 1;
  const auto is_near = [&](double x, double y) { return std::abs(unit * x - y) <= tolerance * std::abs(y); };
  return std::equal(a.curves.begin(), a.curves.end(), b.curves.begin(), b.curves.end(),
                    [&](const Curve& x, const Curve& y) {
                      return std::equal(x.y.begin(), x.y.end(), y.y.begin(), y.y.end(), is_near);
                    });
}

std::vector<std::string> metrics_of(const History& history) {
  std::vector<std::string> names;
  for (const EpochRecord& record : history.epochs)
    for (const Values* const metrics : {&record.train_metrics, &record.validation_metrics})
      for (const auto& [name, value] : *metrics)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

Panel prediction_panel(const xt::xarray<float>& predictions, const xt::xarray<float>& targets,
                       std::size_t columns, std::size_t column) {
  const std::string title = "Predicted against true";
  Panel result{.title = columns == 1 ? title : title + ", output " + std::to_string(column),
               .x_label = "true",
               .y_label = "predicted",
               .from_zero = false};
  Curve points{.joined = false};
  for (std::size_t at = column; at < targets.size(); at += columns) {
    points.x.push_back(targets.data()[at]);
    points.y.push_back(predictions.data()[at]);
  }
  std::vector<double> finite = points.x;
  std::erase_if(finite, [](double x) { return !std::isfinite(x); });
  result.curves.push_back(std::move(points));
  if (finite.empty()) return result;
  const auto [least, largest] = std::minmax_element(finite.begin(), finite.end());
  result.curves.push_back({.name = "predicted = true", .x = {*least, *largest}, .y = {*least, *largest}});
  return result;
}

}  // namespace

std::vector<Panel> training_panels(const History& history) {
  if (history.epochs.empty()) return {};
  std::vector<Panel> panels{judged(history, "loss")};
  for (const std::string& metric : metrics_of(history)) {
    Panel judged_by = judged(history, metric);
    if (!are_alike(judged_by, panels.front())) panels.push_back(std::move(judged_by));
  }
  panels.push_back(panel("Learning rate", {curve(history, "lr", "")}));
  panels.push_back(panel("Norm of the gradient", {curve(history, "gradient_norm", "mean of the epoch")}));
  return panels;
}

std::vector<Panel> prediction_panels(const xt::xarray<float>& predictions, const xt::xarray<float>& targets,
                                     std::size_t most) {
  const Shape y(predictions.shape()), t(targets.shape());
  const auto rank2 = [](const Shape& shape) { return shape.size() == 1 ? Shape{shape[0], 1} : shape; };
  if (rank2(y) != rank2(t) || rank2(y).size() != 2)
    throw ShapeError("[prediction_panels] predictions " + to_string(y) + ", targets " + to_string(t) +
                     ": expected (n,k) or (n), both alike");
  const std::size_t columns = rank2(y)[1];
  std::vector<Panel> panels;
  for (std::size_t column = 0; column < std::min(columns, most); ++column)
    panels.push_back(prediction_panel(predictions, targets, columns, column));
  return panels;
}

}  // namespace gradus::nn
