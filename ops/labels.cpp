#include <cmath>
#include <limits>

#include <gradus/core/number_text.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/labels.hpp>

namespace gradus::detail {
namespace {

// Made where something is wrong: a training step allocates nothing.
std::string tag(const char* op) { return std::string("[") + op + "] "; }

}  // namespace

void check_labels(const char* op, const Shape& logits, const Integers& labels,
                  std::optional<std::int64_t> ignored) {
  if (logits.size() != 2)
    throw ShapeError(tag(op) + "logits " + to_string(logits) + ": expected (batch,classes)");
  const std::size_t rows = logits[0], classes = logits[1];
  if (labels.dimension() != 1 || labels.size() != rows)
    throw ShapeError(tag(op) + "logits " + to_string(logits) + " and labels " + to_string(shape_of(labels)) +
                     ": expected labels (" + std::to_string(rows) + ")");
  for (std::size_t row = 0; row < rows; ++row) {
    const std::int64_t label = labels.data()[row];
    if (label == ignored || (label >= 0 && static_cast<std::uint64_t>(label) < classes)) continue;
    const std::string given = tag(op) + "label " + std::to_string(label) + " in row " + std::to_string(row);
    if (classes == 0) throw ValueError(given + " of logits " + to_string(logits) + ": there are no classes");
    throw ValueError(given + " is none of the " + std::to_string(classes) + " classes: expected 0 to " +
                     std::to_string(classes - 1));
  }
}

void check_class_weights(const char* op, const std::vector<double>& weights, std::size_t classes) {
  if (!weights.empty() && weights.size() != classes)
    throw ValueError(tag(op) + std::to_string(weights.size()) + " class weights: expected " +
                     std::to_string(classes) + ", one for each class");
  for (const double weight : weights)
    if (!std::isfinite(weight) || weight < 0)
      throw ValueError(tag(op) + "a class weight of " + number_text(weight) +
                       ": expected a finite one, 0 or above");
}

std::vector<double> row_weights(const Integers& labels, const std::vector<double>& weights,
                                std::optional<std::int64_t> ignored) {
  std::vector<double> each;
  each.reserve(labels.size());
  for (const std::int64_t label : labels)
    each.push_back(label == ignored ? 0 : weights.empty() ? 1 : weights[static_cast<std::size_t>(label)]);
  return each;
}

template <class T>
Tensor<T> weighted_mean(const Tensor<T>& total, double weight) {
  if (weight == 0) return total * T(0) + std::numeric_limits<T>::quiet_NaN();
  return total / static_cast<T>(weight);
}
template Tensor<float> weighted_mean(const Tensor<float>&, double);
template Tensor<double> weighted_mean(const Tensor<double>&, double);

}  // namespace gradus::detail
