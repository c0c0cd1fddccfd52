#include <cmath>
#include <ctime>

#include <gradus/core/error.hpp>
#include <gradus/nn/files/write_file.hpp>
#include <gradus/nn/report/markup.hpp>
#include <gradus/nn/report/picture.hpp>
#include <gradus/nn/report/plot.hpp>
#include <gradus/nn/report/report_parts.hpp>

namespace gradus::nn {
namespace detail {

std::string count_text(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3 && digits.size() > 4;) {
    at -= 3;
    digits.insert(at, "\u2009");  // a thin space
  }
  return digits;
}

std::string percent_text(double fraction, int decimals) {
  return std::isnan(fraction) ? "\u2013" : fixed_text(100 * fraction, decimals) + "%";
}

namespace {

const Palette& screen() {
  static const Palette palette{
      "var(--ink)",
      "var(--pale)",
      {"var(--curve-1)", "var(--curve-2)", "var(--curve-3)", "var(--curve-4)", "var(--curve-5)"}};
  return palette;
}

std::string duration_text(double seconds) {
  if (!(seconds >= 60)) return short_text(seconds, 3) + " s";
  const auto whole = static_cast<std::int64_t>(std::min(seconds, 1e15) + 0.5);
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  if (whole < 3600) return std::to_string(whole / 60) + " min " + two(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + two(whole / 60 % 60) + " min";
}

std::string section(const std::string& title, const std::string& content) {
  return content.empty() ? "" : element("section", "", element("h2", "", title) + content) + "\n";
}

std::string header(const Report& report) {
  std::vector<std::string> facts;
  if (!report.date.empty()) facts.push_back(report.date);
  if (report.seconds) facts.push_back("took " + duration_text(*report.seconds));
  if (!report.judged_by.empty()) facts.push_back("judged by " + report.judged_by);
  if (report.seed) facts.push_back("seed " + std::to_string(*report.seed));
  std::string line;
  for (const std::string& fact : facts)
    line += (line.empty() ? "" : " \u00b7 ") + element("span", "", escaped(fact));
  std::string figures;
  for (const auto& [name, value] : report.figures)
    figures += element("div", "", element("dt", "", escaped(name)) + element("dd", "", escaped(value)));
  return element("header", "",
                 element("h1", "", escaped(report.title)) + (line.empty() ? "" : element("p", "", line)) +
                     (figures.empty() ? "" : element("dl", "", figures))) +
         "\n";
}

std::string panels_html(const std::vector<Panel>& panels) {
  const std::string box = "0 0 " + short_text(panel_width) + " " + short_text(panel_height);
  std::string all;
  for (const Panel& panel : panels) {
    const std::string attributes =
        " viewBox=\"" + box + "\" role=\"img\" aria-label=\"" + escaped(panel.title) + "\"";
    all += element("figure", " class=\"panel\"", element("svg", attributes, "\n" + plot(panel, screen(), 0)));
  }
  return all.empty() ? all : element("div", " class=\"panels\"", all);
}

std::string picture_html(const xt::xarray<float>& picture, const std::string& about) {
  const std::size_t rank = picture.dimension();
  const bool is_picture = picture.size() > 0 && (rank == 2 || (rank == 3 && picture.shape(2) == 3));
  if (!is_picture) return {};
  const Picture grey = grey_picture(picture.data(), picture.shape(0), picture.shape(1), rank == 3 ? 3 : 1);
  return "<img alt=\"" + escaped(about) + "\" src=\"" + data_address(grey) + "\">";
}

std::string mistakes_html(const std::vector<Mistake>& mistakes) {
  std::string all;
  for (const Mistake& mistake : mistakes) {
    const std::string row = "row " + std::to_string(mistake.row + 1);
    const std::string caption = element("b", "", escaped(mistake.label)) + " taken for " +
                                element("b", "", escaped(mistake.predicted)) + "<br>" +
                                percent_text(mistake.confidence, 1) + " sure, " + row;
    all += element("figure", " class=\"mistake\"",
                   picture_html(mistake.picture, row) + element("figcaption", "", caption));
  }
  if (all.empty()) return all;
  return element("p", "", "Rows are counted from 1, a line of headings left out.") +
         element("div", " class=\"mistakes\"", all);
}

std::string weights_html(const xt::xarray<float>& weights) {
  if (weights.dimension() != 3 || weights.size() == 0) return {};
  const std::size_t height = weights.shape(1), width = weights.shape(2);
  std::string all;
  for (std::size_t i = 0; i < weights.shape(0); ++i) {
    const Picture picture = signed_picture(weights.data() + i * height * width, height, width);
    all += "<img alt=\"unit " + std::to_string(i) + "\" src=\"" + data_address(picture) + "\">";
  }
  return element(
             "p", "",
             "What each unit looks for: blue pixels raise it when they are bright, orange ones lower it.") +
         element("div", " class=\"weights\"", all);
}

std::string text_html(const std::string& text, const char* attributes = "") {
  return text.empty() ? text : element("pre", attributes, escaped(text));
}

std::string confusion_of(const Report& report) {
  if (!report.confusion) return {};
  const std::size_t classes = report.confusion->undecided().size();
  std::vector<std::string> names = report.class_names;
  for (std::size_t i = 0; report.class_names.empty() && i < classes; ++i) names.push_back(std::to_string(i));
  if (names.size() != classes)
    throw ValueError("[to_html] " + std::to_string(names.size()) + " class names: expected " +
                     std::to_string(classes));
  return confusion_html(*report.confusion, names);
}

}  // namespace
}  // namespace detail

std::string to_html(const Report& report) {
  using namespace detail;
  check_panels("to_html", report.panels);
  check_panels("to_html", report.predictions);
  const std::string head =
      "<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
      element("title", "", escaped(report.title)) + "\n" + element("style", "", report_style());
  const std::string body = header(report) + section("Curves", panels_html(report.panels)) +
                           section("Predictions", panels_html(report.predictions)) +
                           section("Confusion matrix", confusion_of(report)) +
                           section("Most confident mistakes", mistakes_html(report.mistakes)) +
                           section("First layer", weights_html(report.weights)) +
                           section("Model", text_html(report.summary)) +
                           section("Command", text_html(report.command_line, " class=\"command\""));
  return "<!DOCTYPE html>\n<html lang=\"en\">\n" + element("head", "", "\n" + head) + "\n" +
         element("body", "", "\n" + element("main", "", "\n" + body)) + "\n</html>\n";
}

void write_report(const std::filesystem::path& file, const Report& report) {
  detail::write_file("write_report", file, to_html(report));
}

std::string current_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc)};
}

}  // namespace gradus::nn
