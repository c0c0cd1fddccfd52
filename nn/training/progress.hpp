#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace gradus::nn {

struct ProgressOptions {
  std::size_t epochs = 1;
  std::size_t rows = 1;                ///< of the data, learnt in each epoch
  std::size_t first_epoch = 1;         ///< above 1 where training goes on
  std::string unit = "images";         ///< what a row is
  std::string metric = "accuracy";     ///< shown beside the loss, in percent if it is "accuracy"; empty: none
  bool terminal = false;               ///< whether lines may be rewritten; see is_terminal()
  std::function<double()> clock = {};  ///< seconds, never falling; the steady clock when empty
};

/// Whether what is written to `file` goes to a terminal, such as is_terminal(stdout) for std::cout.
bool is_terminal(std::FILE* file);

/// Shows how training goes on: the epoch, a bar, the step of the epoch, loss and a metric (means over the
/// rows of the epoch so far), rows per second and the time left until the last epoch ends. In a terminal the
/// line is rewritten, ten times a second at most; elsewhere only one line an epoch is written.
///
///     ProgressBar bar{std::cout, {.epochs = 16, .rows = 60000, .terminal = is_terminal(stdout)}};
///     for each epoch { for each batch { ...; bar.update(batch.size(), loss, accuracy); } bar.end_epoch(); }
class ProgressBar {
 public:
  /// `out` must outlive the bar. ValueError when epochs, rows or first_epoch is 0.
  ProgressBar(std::ostream& out, ProgressOptions options);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  /// Ends a line that was left open, so that what is written next (an error, say) has its own.
  ~ProgressBar();

  /// A step was taken on so many rows, with these mean loss and metric (an accuracy is 0 to 1).
  void update(std::size_t rows, double loss, double metric);

  /// Writes the line of the finished epoch, with the metric on the rows for validation if given; begins the
  /// next.
  void end_epoch(std::optional<double> validation_metric = std::nullopt);

  /// Means over the rows of the epoch so far; NaN before the first.
  double loss() const;
  double metric() const;

 private:
  double now() const;
  std::string epoch_label() const;
  std::string running_line() const;
  std::string final_line(std::optional<double> validation_metric) const;
  std::string metric_text(double value, int decimals) const;
  double rows_left() const;
  void rewrite(const std::string& line);

  std::ostream& out_;
  ProgressOptions options_;
  std::size_t epoch_;
  std::size_t steps_ = 0;  // of this epoch
  double rows_ = 0;        // likewise; sums over them follow
  double loss_sum_ = 0;
  double metric_sum_ = 0;
  double rows_before_ = 0;  // in earlier epochs
  double start_;            // of the first epoch
  double epoch_start_;
  double latest_;                 // time of the latest update
  std::optional<double> drawn_;   // time of the latest redraw of this epoch
  std::size_t open_columns_ = 0;  // length of the line that stands unfinished in the terminal
};

}  // namespace gradus::nn
