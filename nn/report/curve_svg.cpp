#include <algorithm>
#include <numeric>
#include <ostream>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/write_file.hpp>
#include <gradus/nn/report/curve_svg.hpp>
#include <gradus/nn/report/markup.hpp>
#include <gradus/nn/report/plot.hpp>

namespace gradus::nn {
namespace {

constexpr std::size_t most_loss_points = 400;

const detail::Palette& paper() {
  // Told apart by every kind of colour vision (M. Okabe, K. Ito, "Color universal design", 2008).
  static const detail::Palette palette{
      "#333333", "#e4e4e4", {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"}};
  return palette;
}

std::string picture(const std::vector<Panel>& panels) {
  detail::check_panels("write_svg", panels);
  const double width = detail::panel_width * static_cast<double>(panels.size());
  const std::string height = detail::fixed_text(detail::panel_height, 1);
  const std::string size = detail::fixed_text(width, 1) + "\" height=\"" + height;
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size + "\" viewBox=\"0 0 " +
                    detail::fixed_text(width, 1) + " " + height +
                    "\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" fill=\"" + paper().ink +
                    "\">\n" + "<rect width=\"" + size + "\" fill=\"white\"/>\n";
  for (std::size_t i = 0; i < panels.size(); ++i) {
    svg += detail::plot(panels[i], paper(), detail::panel_width * static_cast<double>(i));
  }
  return svg + "</svg>\n";
}

Curve means(const std::string& name, const TrainingHistory& history) {
  const std::vector<double>& loss = history.loss;
  const std::size_t group = (loss.size() + most_loss_points - 1) / most_loss_points;
  Curve curve{name};
  for (std::size_t first = 0; first < loss.size(); first += group) {
    const std::size_t count = std::min(group, loss.size() - first);
    const auto begin = loss.begin() + static_cast<std::ptrdiff_t>(first);
    const double sum = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(count), 0.0);
    curve.x.push_back(static_cast<double>(first + count) / static_cast<double>(history.steps_per_epoch));
    curve.y.push_back(sum / static_cast<double>(count));
  }
  return curve;
}

Curve by_epoch(const std::string& name, const std::vector<double>& accuracy) {
  Curve curve{name, std::vector<double>(accuracy.size()), accuracy};
  std::iota(curve.x.begin(), curve.x.end(), 1.0);
  return curve;
}

}  // namespace

void write_svg(std::ostream& out, const std::vector<Panel>& panels) { out << picture(panels); }

void write_svg(const std::filesystem::path& file, const std::vector<Panel>& panels) {
  detail::write_file("write_svg", file, picture(panels));
}

std::vector<Panel> training_panels(const TrainingHistory& history) {
  if (history.steps_per_epoch == 0)
    throw ValueError("[training_panels] steps_per_epoch 0: expected at least 1");
  Panel loss{.title = "Loss", .x_label = "epoch", .curves = {means("train", history)}};
  Panel accuracy{.title = "Accuracy", .x_label = "epoch", .percent = true};
  accuracy.curves = {by_epoch("train", history.train_accuracy), by_epoch("test", history.test_accuracy)};
  return {loss, accuracy};
}

}  // namespace gradus::nn
