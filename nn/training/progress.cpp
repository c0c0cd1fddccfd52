#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <locale>
#include <ostream>
#include <sstream>
#include <utility>

#include <unistd.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/training/metric.hpp>
#include <gradus/nn/training/progress.hpp>

namespace gradus::nn {
namespace {

constexpr double redraw_seconds = 0.1;
constexpr std::size_t bar_columns = 5;  // keeps the whole line within 80

std::string number(double value, int decimals) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  if (std::abs(value) < 1e4 || decimals == 0) text << std::fixed;
  text << std::setprecision(decimals) << value;
  return text.str();
}

std::string percent(double value, int decimals) { return number(100 * value, decimals) + "%"; }

std::string speed(double rows, double seconds, const std::string& unit) {
  return (seconds > 0 ? number(rows / seconds, 0) : "-") + " " + unit + "/s";
}

std::string clock_time(double seconds) {
  if (std::isnan(seconds)) return "-";
  const auto whole = static_cast<long>(std::min(std::round(seconds), 359999.0));  // 99:59:59
  std::ostringstream text;
  text << std::setfill('0');
  if (whole >= 3600) text << whole / 3600 << ':' << std::setw(2);
  text << whole / 60 % 60 << ':' << std::setw(2) << whole % 60;
  return text.str();
}

std::string bar(double fraction) {
  const auto full = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * bar_columns);
  std::string columns(bar_columns, ' ');
  std::fill_n(columns.begin(), full, '=');
  if (full < bar_columns) columns[full] = '>';
  return "[" + columns + "]";
}

}  // namespace

bool is_terminal(std::FILE* file) { return isatty(fileno(file)) == 1; }

ProgressBar::ProgressBar(std::ostream& out, ProgressOptions options)
    : out_(out), options_(std::move(options)), epoch_(options_.first_epoch) {
  if (options_.epochs == 0 || options_.rows == 0 || options_.first_epoch == 0) {
    throw ValueError("[ProgressBar] epochs " + std::to_string(options_.epochs) + ", rows " +
                     std::to_string(options_.rows) + ", first_epoch " + std::to_string(options_.first_epoch) +
                     ": expected at least 1 of each");
  }
  start_ = epoch_start_ = latest_ = now();
}

ProgressBar::~ProgressBar() {
  if (open_columns_ == 0) return;
  try {
    out_ << '\n' << std::flush;
  } catch (...) {  // a stream may be set to throw; a destructor must not
  }
}

void ProgressBar::update(std::size_t rows, double loss, double metric) {
  const auto weight = static_cast<double>(rows);
  ++steps_;
  rows_ += weight;
  loss_sum_ += weight * loss;
  metric_sum_ += weight * metric;
  latest_ = now();
  const bool complete = rows_ >= static_cast<double>(options_.rows);
  if (!options_.terminal || (drawn_ && !complete && latest_ - *drawn_ < redraw_seconds)) return;
  drawn_ = latest_;
  rewrite(running_line());
}

void ProgressBar::end_epoch(std::optional<double> validation_metric) {
  rewrite(final_line(validation_metric));
  out_ << '\n' << std::flush;
  open_columns_ = 0;
  drawn_.reset();
  rows_before_ += rows_;
  steps_ = 0;
  rows_ = loss_sum_ = metric_sum_ = 0;
  epoch_start_ = latest_ = now();
  ++epoch_;
}

double ProgressBar::loss() const { return loss_sum_ / rows_; }
double ProgressBar::metric() const { return metric_sum_ / rows_; }

double ProgressBar::now() const {
  if (options_.clock) return options_.clock();
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string ProgressBar::epoch_label() const {
  const std::string total = std::to_string(options_.epochs), current = std::to_string(epoch_);
  const std::string padding(total.size() - std::min(total.size(), current.size()), ' ');
  return "epoch " + padding + current + "/" + total;
}

std::string ProgressBar::metric_text(double value, int decimals) const {
  return is_fraction(options_.metric) ? percent(value, decimals) : number(value, 4);
}

std::string ProgressBar::running_line() const {
  const double done = rows_before_ + rows_;
  const double left = rows_left() / done * (latest_ - start_);
  const std::string name = options_.metric == "accuracy" ? "acc" : options_.metric;
  return epoch_label() + " step " + std::to_string(steps_) + " " +
         bar(rows_ / static_cast<double>(options_.rows)) + "  loss " + number(loss(), 4) +
         (name.empty() ? "" : "  " + name + " " + metric_text(metric(), 1)) + "  " +
         speed(rows_, latest_ - epoch_start_, options_.unit) + "  " + clock_time(left) + " left";
}

std::string ProgressBar::final_line(std::optional<double> validation_metric) const {
  const double seconds = latest_ - epoch_start_;
  const std::string& name = options_.metric;
  return epoch_label() + "  loss " + number(loss(), 4) +
         (name.empty() ? "" : "  " + name + " " + metric_text(metric(), 2)) +
         (validation_metric ? "  validation " + metric_text(*validation_metric, 2) : "") + "  " +
         speed(rows_, seconds, options_.unit) + "  " + number(seconds, 1) + " s";
}

double ProgressBar::rows_left() const {
  const std::size_t epochs_after = options_.epochs - std::min(options_.epochs, epoch_);
  const auto each = static_cast<double>(options_.rows);
  return static_cast<double>(epochs_after) * each + std::max(0.0, each - rows_);
}

void ProgressBar::rewrite(const std::string& line) {
  if (options_.terminal) out_ << '\r';
  out_ << line;
  // The rest of a longer line that stood here before is overwritten with blanks.
  if (line.size() < open_columns_) out_ << std::string(open_columns_ - line.size(), ' ');
  if (options_.terminal) out_ << std::flush;
  open_columns_ = line.size();
}

}  // namespace gradus::nn
