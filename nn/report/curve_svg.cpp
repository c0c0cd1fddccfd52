#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <ostream>

#include <gradus/core/error.hpp>
#include <gradus/nn/report/curve_svg.hpp>

namespace gradus::nn {
namespace {

// All lengths are in pixels.
constexpr double panel_width = 480, panel_height = 340;
constexpr double left = 64, right = 20, top = 52, bottom = 50;  // margins around a plot
constexpr double plot_width = panel_width - left - right, plot_height = panel_height - top - bottom;
constexpr std::size_t most_marked_points = 40;
constexpr std::size_t most_loss_points = 400;

// Told apart by every kind of colour vision (M. Okabe, K. Ito, "Color universal design", 2008).
constexpr const char* colors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"};
constexpr const char *ink = "#333333", *pale = "#e4e4e4";

// Beyond any curve worth drawing, and far from where the arithmetic of an axis overflows.
bool drawable(double v) { return std::abs(v) < 1e100; }

// std::to_chars, since a picture must not depend on anybody's locale.
std::string number(double value, int decimals) {
  char digits[64];
  const bool fixed = std::abs(value) < 1e7 && decimals <= 6;
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::general;
  return {digits, std::to_chars(digits, std::end(digits), value, format, fixed ? decimals : 6).ptr};
}

std::string pixels(double value) { return number(value, 1); }

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    out += c == '&'   ? "&amp;"
           : c == '<' ? "&lt;"
           : c == '>' ? "&gt;"
           : c == '"' ? "&quot;"
                      : std::string(1, c);
  }
  return out;
}

std::string line(double x1, double y1, double x2, double y2, const char* color, double width = 1) {
  return "<line x1=\"" + pixels(x1) + "\" y1=\"" + pixels(y1) + "\" x2=\"" + pixels(x2) + "\" y2=\"" +
         pixels(y2) + "\" stroke=\"" + color + "\" stroke-width=\"" + pixels(width) + "\"/>\n";
}

std::string label(double x, double y, const char* anchor, const std::string& text, const char* style = "") {
  return "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" text-anchor=\"" + anchor + "\"" + style +
         ">" + escaped(text) + "</text>\n";
}

struct Axis {
  double lo, hi;
  double step;  // between ticks

  double part(double value) const { return (value - lo) / (hi - lo); }
  std::vector<double> ticks() const {
    std::vector<double> values;
    const double first = std::ceil(lo / step - 1e-6);
    const int count = std::min(static_cast<int>(std::floor((hi - first * step) / step + 1e-6)), 20);
    for (int i = 0; i <= count; ++i) values.push_back((first + i) * step);
    return values;
  }
  std::string text(double tick, bool percent) const {
    const double scale = percent ? 100 : 1;
    if (std::abs(tick) < step / 2) tick = 0;  // not -0
    const int decimals = std::max(static_cast<int>(std::ceil(-std::log10(step * scale) - 1e-6)), 0);
    return number(tick * scale, decimals) + (percent ? "%" : "");
  }
};

// The extent of the drawable values, widened where there is none; ticks lie 1, 2 or 5 powers of ten apart.
Axis make_axis(const std::vector<double>& values, bool from_zero) {
  double lo = std::numeric_limits<double>::infinity(), hi = -lo;
  for (double v : values) {
    if (!drawable(v)) continue;
    lo = std::min(lo, v);
    hi = std::max(hi, v);
  }
  if (lo > hi) lo = 0, hi = 1;
  if (from_zero && lo > 0) lo = 0;
  const double least = 1e-6 * std::max({std::abs(lo), std::abs(hi), 1e-6});
  if (hi - lo < least) {
    const double margin = hi == 0 ? 1 : 0.05 * std::abs(hi);
    lo -= margin;
    hi += margin;
  }
  const double rough = (hi - lo) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double digit = rough / power;
  return {lo, hi, power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10)};
}

class Plot {
 public:
  Plot(const Panel& panel, double x0) : panel_(panel), x0_(x0 + left) {
    std::vector<double> xs, ys;
    for (const Curve& curve : panel.curves) {
      for (std::size_t i = 0; i < curve.x.size(); ++i) {
        if (!drawable(curve.x[i]) || !drawable(curve.y[i])) continue;
        xs.push_back(curve.x[i]);
        ys.push_back(curve.y[i]);
      }
    }
    x_ = make_axis(xs, true);
    y_ = make_axis(ys, !panel.percent);
    y_.lo = std::floor(y_.lo / y_.step + 1e-6) * y_.step;
    y_.hi = std::ceil(y_.hi / y_.step - 1e-6) * y_.step;
    if (panel.percent) y_.lo = std::max(y_.lo, 0.0), y_.hi = std::min(y_.hi, 1.0);
  }

  std::string svg() const {
    std::string out = axes() + legend();
    for (std::size_t i = 0; i < panel_.curves.size(); ++i) out += curve(panel_.curves[i], color(i));
    return out;
  }

 private:
  static const char* color(std::size_t i) { return colors[i % std::size(colors)]; }
  double x(double value) const { return x0_ + x_.part(value) * plot_width; }
  double y(double value) const { return top + (1 - y_.part(value)) * plot_height; }

  std::string axes() const {
    const double x1 = x0_ + plot_width, y1 = top + plot_height;
    std::string out = label(x0_, 24, "start", panel_.title, " font-size=\"15\" font-weight=\"bold\"");
    for (double tick : y_.ticks()) {
      out += line(x0_, y(tick), x1, y(tick), pale);
      out += label(x0_ - 8, y(tick) + 4, "end", y_.text(tick, panel_.percent));
    }
    for (double tick : x_.ticks()) {
      out += line(x(tick), y1, x(tick), y1 + 5, ink);
      out += label(x(tick), y1 + 19, "middle", x_.text(tick, false));
    }
    out += line(x0_, top, x0_, y1, ink) + line(x0_, y1, x1, y1, ink);
    return out + label(x0_ + plot_width / 2, y1 + 40, "middle", panel_.x_label);
  }

  // In one row above the plot, from the right end, so that it never hides a curve.
  std::string legend() const {
    std::string out;
    double end = x0_ + plot_width;
    for (std::size_t i = panel_.curves.size(); i-- > 0;) {
      const std::string& name = panel_.curves[i].name;
      if (name.empty() || panel_.curves[i].x.empty()) continue;
      const double width = 6.6 * static_cast<double>(name.size());  // about what the letters take
      out += label(end - width, 42, "start", name);
      out += line(end - width - 26, 38, end - width - 6, 38, color(i), 2.5);
      end -= width + 42;
    }
    return out;
  }

  std::string curve(const Curve& curve, const char* color) const {
    std::string out;
    for (std::size_t first = 0; first < curve.x.size();) {
      std::size_t end = first;
      while (end < curve.x.size() && drawable(curve.x[end]) && drawable(curve.y[end])) ++end;
      if (end > first) out += unbroken(curve, first, end, color);
      first = end + 1;
    }
    return out;
  }

  std::string unbroken(const Curve& curve, std::size_t first, std::size_t end, const char* color) const {
    std::string points, marks;
    for (std::size_t i = first; i < end; ++i) {
      const std::string px = pixels(x(curve.x[i])), py = pixels(y(curve.y[i]));
      points += (i > first ? " " : "") + px + "," + py;
      if (curve.x.size() > most_marked_points && end - first > 1) continue;
      marks += "<circle cx=\"" + px + "\" cy=\"" + py + "\" r=\"3\" fill=\"" + color + "\"/>\n";
    }
    return "<polyline points=\"" + points + "\" fill=\"none\" stroke=\"" + color +
           "\" stroke-width=\"2\" stroke-linejoin=\"round\"/>\n" + marks;
  }

  const Panel& panel_;
  double x0_;  // left end of the plot
  Axis x_{}, y_{};
};

void check(const std::vector<Panel>& panels) {
  for (const Panel& panel : panels) {
    for (const Curve& curve : panel.curves) {
      if (curve.x.size() == curve.y.size()) continue;
      throw ValueError("[write_svg] curve \"" + curve.name + "\" with " + std::to_string(curve.x.size()) +
                       " x and " + std::to_string(curve.y.size()) + " y: expected as many x as y");
    }
  }
}

std::string picture(const std::vector<Panel>& panels) {
  check(panels);
  const double width = panel_width * static_cast<double>(panels.size());
  const std::string size = pixels(width) + "\" height=\"" + pixels(panel_height);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size + "\" viewBox=\"0 0 " +
                    pixels(width) + " " + pixels(panel_height) +
                    "\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" fill=\"" + ink +
                    "\">\n" + "<rect width=\"" + size + "\" fill=\"white\"/>\n";
  for (std::size_t i = 0; i < panels.size(); ++i) {
    svg += Plot(panels[i], panel_width * static_cast<double>(i)).svg();
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
  const std::string svg = picture(panels);
  std::ofstream out(file, std::ios::binary);
  out << svg;
  out.close();
  if (!out)
    throw DataError("[write_svg] " + file.string() + ": cannot be written, expected a writable place");
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
