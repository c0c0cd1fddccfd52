#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <locale>
#include <ostream>
#include <span>
#include <sstream>
#include <string>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/training/classification.hpp>

namespace gradus::nn {
namespace {

using Classes = xt::xarray<std::int64_t>;
using gradus::detail::Integers;

double fraction(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                    : static_cast<double>(part) / static_cast<double>(whole);
}

template <class T>
void check_scores(const char* op, const xt::xarray<T>& scores) {
  if (scores.dimension() == 2 && scores.shape(1) > 0) return;
  throw ShapeError("[" + std::string(op) + "] scores " + to_string(Shape(scores.shape())) +
                   ": expected (n, classes) with at least one class");
}

void check_classes(const char* op, const char* what, const Integers& classes, std::int64_t lowest,
                   std::size_t count) {
  for (std::size_t row = 0; row < classes.size(); ++row) {
    const std::int64_t found = classes.data()[row];
    if (found >= lowest && found < static_cast<std::int64_t>(count)) continue;
    throw ValueError("[" + std::string(op) + "] " + what + " " + std::to_string(found) + " at row " +
                     std::to_string(row) + ": expected 0 to " + std::to_string(count - 1));
  }
}

template <class T>
std::int64_t largest(std::span<const T> row) {
  for (T score : row) {
    if (std::isnan(score)) return no_class;
  }
  return std::max_element(row.begin(), row.end()) - row.begin();
}

template <class T>
Classes predict(const xt::xarray<T>& scores) {
  check_scores("predict_classes", scores);
  const std::size_t width = scores.shape(1);
  Classes classes = Classes::from_shape({scores.shape(0)});
  for (std::size_t row = 0; row < classes.size(); ++row) {
    classes.data()[row] = largest(std::span<const T>(scores.data() + row * width, width));
  }
  return classes;
}

template <class T>
double fraction_right(const xt::xarray<T>& scores, const Integers& labels) {
  check_scores("accuracy", scores);
  if (labels.dimension() != 1 || labels.size() != scores.shape(0)) {
    throw ShapeError("[accuracy] scores " + to_string(Shape(scores.shape())) + ", labels " +
                     to_string(Shape(labels.shape())) + ": expected labels (" +
                     std::to_string(scores.shape(0)) + ")");
  }
  check_classes("accuracy", "label", labels, 0, scores.shape(1));
  const Classes predictions = predict(scores);
  std::int64_t right = 0;
  for (std::size_t row = 0; row < labels.size(); ++row)
    right += labels.data()[row] == predictions.data()[row];
  return fraction(right, static_cast<std::int64_t>(labels.size()));
}

std::string percent(double value, int decimals) {
  if (std::isnan(value)) return "-";
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::fixed << std::setprecision(decimals) << 100 * value << '%';
  return text.str();
}

}  // namespace

Classes detail::predict_classes(const xt::xarray<float>& scores) { return predict(scores); }
Classes detail::predict_classes(const xt::xarray<double>& scores) { return predict(scores); }

double detail::accuracy(const xt::xarray<float>& scores, const Integers& labels) {
  return fraction_right(scores, labels);
}
double detail::accuracy(const xt::xarray<double>& scores, const Integers& labels) {
  return fraction_right(scores, labels);
}

ConfusionMatrix::ConfusionMatrix(std::size_t classes)
    : counts_(Classes::from_shape({classes, classes})), undecided_(Classes::from_shape({classes})) {
  gradus::detail::check_at_least_one("ConfusionMatrix", "classes", classes);
  counts_.fill(0);
  undecided_.fill(0);
}

void ConfusionMatrix::add_arrays(const char* op, const Integers& labels, const Integers& predictions) {
  if (labels.dimension() != 1 || labels.shape() != predictions.shape()) {
    throw ShapeError("[" + std::string(op) + "] labels " + to_string(Shape(labels.shape())) +
                     ", predictions " + to_string(Shape(predictions.shape())) + ": expected both (n)");
  }
  const std::size_t classes = undecided_.size();
  check_classes(op, "label", labels, 0, classes);
  check_classes(op, "prediction", predictions, no_class, classes);
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const auto label = static_cast<std::size_t>(labels.data()[row]);
    const std::int64_t prediction = predictions.data()[row];
    if (prediction == no_class) {
      ++undecided_(label);
    } else {
      ++counts_(label, static_cast<std::size_t>(prediction));
    }
  }
}

std::int64_t ConfusionMatrix::total() const {
  std::int64_t sum = 0;
  for (std::int64_t count : counts_) sum += count;
  for (std::int64_t count : undecided_) sum += count;
  return sum;
}

double ConfusionMatrix::accuracy() const {
  std::int64_t right = 0;
  for (std::size_t i = 0; i < undecided_.size(); ++i) right += counts_(i, i);
  return fraction(right, total());
}

double ConfusionMatrix::recall(std::size_t label) const {
  check_class("ConfusionMatrix::recall", label);
  std::int64_t labelled = undecided_(label);
  for (std::size_t j = 0; j < undecided_.size(); ++j) labelled += counts_(label, j);
  return fraction(counts_(label, label), labelled);
}

double ConfusionMatrix::precision(std::size_t label) const {
  check_class("ConfusionMatrix::precision", label);
  std::int64_t predicted = 0;
  for (std::size_t i = 0; i < undecided_.size(); ++i) predicted += counts_(i, label);
  return fraction(counts_(label, label), predicted);
}

void ConfusionMatrix::check_class(const char* op, std::size_t label) const {
  if (label < undecided_.size()) return;
  throw ValueError("[" + std::string(op) + "] label " + std::to_string(label) + ": expected 0 to " +
                   std::to_string(undecided_.size() - 1));
}

std::ostream& operator<<(std::ostream& out, const ConfusionMatrix& matrix) {
  const std::size_t classes = matrix.undecided().size();
  const std::int64_t most = *std::max_element(matrix.counts().begin(), matrix.counts().end());
  const int width = std::max<int>(7, 1 + static_cast<int>(std::to_string(most).size()));
  const bool some_undecided = std::any_of(matrix.undecided().begin(), matrix.undecided().end(),
                                          [](std::int64_t count) { return count > 0; });
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << "label \\ predicted\n" << std::setw(9) << "";
  for (std::size_t j = 0; j < classes; ++j) text << std::setw(width) << j;
  if (some_undecided) text << std::setw(width) << "none";
  text << std::setw(width + 1) << "recall" << '\n';
  for (std::size_t i = 0; i < classes; ++i) {
    text << std::setw(9) << i;
    for (std::size_t j = 0; j < classes; ++j) text << std::setw(width) << matrix.counts()(i, j);
    if (some_undecided) text << std::setw(width) << matrix.undecided()(i);
    text << std::setw(width + 1) << percent(matrix.recall(i), 1) << '\n';
  }
  text << "precision";
  for (std::size_t j = 0; j < classes; ++j) text << std::setw(width) << percent(matrix.precision(j), 1);
  text << "\naccuracy " << percent(matrix.accuracy(), 2) << " of " << matrix.total() << '\n';
  return out << text.str();
}

}  // namespace gradus::nn
