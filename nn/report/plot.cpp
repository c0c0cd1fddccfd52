#include <algorithm>
#include <cmath>
#include <iterator>

#include <gradus/core/error.hpp>
#include <gradus/nn/report/axis.hpp>
#include <gradus/nn/report/markup.hpp>
#include <gradus/nn/report/plot.hpp>
#include <gradus/ops/graphs/text.hpp>

namespace gradus::nn::detail {
namespace {

// All lengths are in pixels.
constexpr double least_left = 64, least_right = 20, top = 52, bottom = 50;  // margins around a plot
constexpr double legend_row = 17, letter_width = 6.6;
constexpr double tick_letter_width = 8.9;  // of a digit in a wide font, and on a small screen
constexpr double label_row = 22;           // what a label that stands upright takes
constexpr std::size_t most_marked_points = 40, most_drawn_points = 2000;
// Curves can be told apart without colours too.
constexpr const char* dashes[] = {"", "7 4", "2 4", "9 3 2 3", "12 5"};

std::string pixels(double value) { return fixed_text(value, 1); }

std::string line(double x1, double y1, double x2, double y2, const std::string& color, double width = 1,
                 const std::string& dash = "") {
  return "<line x1=\"" + pixels(x1) + "\" y1=\"" + pixels(y1) + "\" x2=\"" + pixels(x2) + "\" y2=\"" +
         pixels(y2) + "\" stroke=\"" + color + "\" stroke-width=\"" + pixels(width) + "\"" + dash + "/>\n";
}

std::string label(double x, double y, const char* anchor, const std::string& text,
                  const std::string& style = "") {
  return "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" text-anchor=\"" + anchor + "\"" + style +
         ">" + escaped(text) + "</text>\n";
}

class Plot {
 public:
  Plot(const Panel& panel, const Palette& palette, double x0)
      : panel_(panel), palette_(palette), left_end_(x0) {
    std::vector<double> xs, ys;
    for (const Curve& curve : panel.curves) {
      for (std::size_t i = 0; i < curve.x.size(); ++i) {
        if (!has_place(curve, i)) continue;
        xs.push_back(curve.x[i]);
        ys.push_back(curve.y[i]);
      }
    }
    const bool whole = std::all_of(xs.begin(), xs.end(), [](double x) { return x == std::floor(x); });
    x_ = Axis(xs, {.from_zero = panel.from_zero, .whole = whole}, !panel.from_zero);
    y_ =
        Axis(ys, {.from_zero = panel.from_zero && !panel.percent, .percent = panel.percent, .log = panel.log},
             true);
    set_margins();
    lay_out_legend();
  }

  std::string svg() const {
    std::string out = axes() + legend_;
    for (std::size_t i = 0; i < panel_.curves.size(); ++i) out += curve(i);
    return out;
  }

 private:
  const std::string& color(std::size_t i) const { return palette_.colors[i % palette_.colors.size()]; }
  static std::string dash(std::size_t i) {
    const std::string pattern = dashes[i % std::size(dashes)];
    return pattern.empty() ? "" : " stroke-dasharray=\"" + pattern + "\"";
  }
  double x(double value) const { return x0_ + x_.part(value) * width_; }
  double y(double value) const { return top_ + (1 - y_.part(value)) * (panel_height - bottom - top_); }
  bool has_place(const Curve& curve, std::size_t i) const {
    return Axis::drawable(curve.x[i], false) && Axis::drawable(curve.y[i], panel_.log);
  }

  // Room for the widest text of a tick: to the left of the y axis, and half of it beyond the x axis.
  void set_margins() {
    const double beside = tick_letter_width * static_cast<double>(y_.text_width());
    const double beyond = tick_letter_width * static_cast<double>(x_.text_width()) / 2;
    const double left = std::max(least_left, beside + 12 + (panel_.y_label.empty() ? 0 : label_row));
    x0_ = left_end_ + left;
    width_ = panel_width - left - std::max(least_right, beyond + 4);
  }

  std::string axes() const {
    const double x1 = x0_ + width_, y1 = panel_height - bottom;
    std::string out = label(x0_, 24, "start", panel_.title, " font-size=\"15\" font-weight=\"bold\"");
    for (double tick : y_.ticks()) {
      out += line(x0_, y(tick), x1, y(tick), palette_.pale);
      out += label(x0_ - 8, y(tick) + 4, "end", y_.text(tick));
    }
    for (double tick : x_.ticks()) {
      out += line(x(tick), y1, x(tick), y1 + 5, palette_.ink);
      out += label(x(tick), y1 + 21, "middle", x_.text(tick));
    }
    out += line(x0_, top_, x0_, y1, palette_.ink) + line(x0_, y1, x1, y1, palette_.ink);
    if (!panel_.y_label.empty()) {
      const double x = left_end_ + 14, y = (top_ + y1) / 2;
      out += label(x, y, "middle", panel_.y_label,
                   " transform=\"rotate(-90 " + pixels(x) + " " + pixels(y) + ")\"");
    }
    return out + label(x0_ + width_ / 2, y1 + 42, "middle", panel_.x_label);
  }

  // In rows above the plot, from the right end, so that it never hides a curve.
  void lay_out_legend() {
    double end = x0_ + width_, y = top - 10;
    for (std::size_t i = panel_.curves.size(); i-- > 0;) {
      const std::string& name = panel_.curves[i].name;
      if (name.empty() || panel_.curves[i].x.empty()) continue;
      const double width = letter_width * static_cast<double>(gradus::detail::text_width(name));
      if (end - width - 26 < x0_ && end < x0_ + width_) {
        end = x0_ + width_;
        y += legend_row;
      }
      legend_ += label(end - width, y, "start", name);
      legend_ += line(end - width - 26, y - 4, end - width - 6, y - 4, color(i), 2.5, dash(i));
      end -= width + 42;
    }
    top_ = y + 10;
  }

  std::string curve(std::size_t i) const {
    const Curve& curve = panel_.curves[i];
    if (!curve.joined) return scattered(i);
    std::string out;
    for (std::size_t first = 0; first < curve.x.size();) {
      std::size_t end = first;
      while (end < curve.x.size() && has_place(curve, end)) ++end;
      if (end > first) out += unbroken(i, first, end);
      first = end + 1;
    }
    return out;
  }

  std::string unbroken(std::size_t which, std::size_t first, std::size_t end) const {
    const Curve& curve = panel_.curves[which];
    std::string points, marks;
    for (std::size_t i : drawn(curve, first, end)) {
      points += (points.empty() ? "" : " ") + pixels(x(curve.x[i])) + "," + pixels(y(curve.y[i]));
      if (curve.x.size() <= most_marked_points || end - first == 1) marks += mark(which, i, 3);
    }
    return "<polyline points=\"" + points + "\" fill=\"none\" stroke=\"" + color(which) +
           "\" stroke-width=\"2\" stroke-linejoin=\"round\"" + dash(which) + "/>\n" + marks;
  }

  std::string scattered(std::size_t which) const {
    const Curve& curve = panel_.curves[which];
    const std::size_t every = curve.x.size() / most_drawn_points + 1;
    std::string marks;
    for (std::size_t i = 0; i < curve.x.size(); i += every)
      if (has_place(curve, i)) marks += mark(which, i, 2.5);
    return element("g", " fill-opacity=\"0.6\"", "\n" + marks) + "\n";
  }

  std::string mark(std::size_t which, std::size_t i, double radius) const {
    const Curve& curve = panel_.curves[which];
    return "<circle cx=\"" + pixels(x(curve.x[i])) + "\" cy=\"" + pixels(y(curve.y[i])) + "\" r=\"" +
           short_text(radius) + "\" fill=\"" + color(which) + "\">" +
           element("title", "", escaped(point_text(curve, i))) + "</circle>\n";
  }

  // All points, or of a long curve the lowest and highest of each group: what can be seen of it.
  static std::vector<std::size_t> drawn(const Curve& curve, std::size_t first, std::size_t end) {
    const std::size_t group = (end - first) / most_drawn_points * 2;
    std::vector<std::size_t> kept;
    for (std::size_t i = first; i < end; i += std::max<std::size_t>(group, 1)) {
      if (group < 2) {
        kept.push_back(i);
        continue;
      }
      const auto begin = curve.y.begin() + static_cast<std::ptrdiff_t>(i);
      const auto count = static_cast<std::ptrdiff_t>(std::min(group, end - i));
      const auto [lowest, highest] = std::minmax_element(begin, begin + count);
      kept.push_back(i + static_cast<std::size_t>(std::min(lowest, highest) - begin));
      if (lowest != highest) kept.push_back(i + static_cast<std::size_t>(std::max(lowest, highest) - begin));
    }
    return kept;
  }

  std::string point_text(const Curve& curve, std::size_t i) const {
    const std::string y = panel_.percent ? fixed_text(100 * curve.y[i], 2) + "%" : short_text(curve.y[i]);
    return (curve.name.empty() ? "" : curve.name + " ") + y + " at " + panel_.x_label + " " +
           short_text(curve.x[i]);
  }

  const Panel& panel_;
  const Palette& palette_;
  double left_end_;            // of the panel
  double x0_ = 0, width_ = 0;  // left end and width of the plot
  double top_ = top;           // of the plot, below the legend
  std::string legend_;
  Axis x_{}, y_{};
};

}  // namespace

std::string plot(const Panel& panel, const Palette& palette, double x0) {
  return Plot(panel, palette, x0).svg();
}

void check_panels(const std::string& op, const std::vector<Panel>& panels) {
  for (const Panel& panel : panels) {
    for (const Curve& curve : panel.curves) {
      if (curve.x.size() == curve.y.size()) continue;
      throw ValueError("[" + op + "] curve \"" + curve.name + "\" with " + std::to_string(curve.x.size()) +
                       " x and " + std::to_string(curve.y.size()) + " y: expected as many x as y");
    }
  }
}

}  // namespace gradus::nn::detail
