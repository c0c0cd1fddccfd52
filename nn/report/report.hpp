#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gradus/core/xtensor.hpp>
#include <gradus/nn/report/curve_svg.hpp>
#include <gradus/nn/training/classification.hpp>

namespace gradus::nn {

/// A row of a data set that was taken for another class.
struct Mistake {
  std::size_t row = 0;  ///< counted from 0; people read it counted from 1
  std::string label = {};
  std::string predicted = {};
  double confidence = 0;           ///< the probability of what was predicted, 0 to 1
  xt::xarray<float> picture = {};  ///< (height, width) or (height, width, 3); no picture when of another rank
};

/// What is to be known of a training run. Whatever is empty is left out.
struct Report {
  std::string title = "Training";
  std::string date = {};  ///< when it ran; see current_date()
  std::optional<double> seconds = {};
  std::optional<std::uint64_t> seed = {};
  std::string judged_by = {};  ///< the data that figures, confusion and mistakes come of: "the test set"
  std::string command_line = {};
  /// What matters most, a name and a value each: {"test accuracy", "98.4 %"}.
  std::vector<std::pair<std::string, std::string>> figures = {};
  /// Loss, metrics, learning rate, norm of the gradient ... over epochs or steps: training_panels().
  std::vector<Panel> panels = {};
  std::vector<Panel> predictions = {};  ///< of values, beside what is true: prediction_panels()
  std::optional<ConfusionMatrix> confusion = {};
  std::vector<std::string> class_names = {};  ///< of the confusion matrix; numbers when empty
  std::vector<Mistake> mistakes = {};
  xt::xarray<float> weights = {};  ///< (count, height, width): what each unit of the first layer looks for
  std::string summary = {};        ///< the model, as text
};

/// The report as one HTML page that needs nothing else: neither network nor scripts. It can be read on paper,
/// wide and narrow screens, light and dark ones. ValueError when a curve has not as many x as y or
/// class_names not as many names as the matrix has classes.
std::string to_html(const Report& report);

/// Writes it into a file, which is replaced as a whole. DataError when that fails.
void write_report(const std::filesystem::path& file, const Report& report);

/// The date and time of day in UTC: "2024-05-31 18:05 UTC".
std::string current_date();

struct MistakeOptions {
  std::size_t most = 24;
  std::vector<std::string> class_names = {};  ///< numbers when empty
  std::vector<std::size_t> picture = {};  ///< the shape of the inputs as pictures: {28, 28}; none when empty
  /// What the rows are called where they are a part of others: RowSplit::test; 0 to n - 1 when empty.
  std::vector<std::size_t> rows = {};
};

/// The rows that were taken for another class, those with the highest probability of it first: inputs (n,
/// ...), logits (n, classes), which a softmax makes into probabilities, targets (n). Rows with NaN are left
/// out. ShapeError when these or the pictures do not fit, ValueError for a target that is no class.
std::vector<Mistake> most_confident_mistakes(const xt::xarray<float>& inputs, const xt::xarray<float>& logits,
                                             const xt::xarray<std::int64_t>& targets,
                                             const MistakeOptions& options = {});

/// For Report::weights: each of the first `most` columns of a layer's weight (in, out) as a picture.
/// ShapeError unless height * width is `in`.
xt::xarray<float> weight_pictures(const xt::xarray<float>& weight, std::size_t height, std::size_t width,
                                  std::size_t most = 64);

}  // namespace gradus::nn
