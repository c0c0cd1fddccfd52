#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/training/classification.hpp>
#include <gradus/nn/training/metric.hpp>

namespace gradus::nn {

bool is_fraction(std::string_view metric) {
  constexpr std::string_view fractions[] = {"accuracy", "precision", "recall", "f1"};
  return metric.starts_with("top_") || std::ranges::find(fractions, metric) != std::end(fractions);
}

}  // namespace gradus::nn

namespace gradus::nn::metric {
namespace {

using Labels = xt::xarray<std::int64_t>;

/// Precision and recall of a class that is in the labels or was predicted.
struct ClassScore {
  double precision, recall;
};

template <class T>
std::vector<ClassScore> class_scores(const xt::xarray<T>& scores, const Labels& labels) {
  const xt::xarray<std::int64_t> predicted = predict_classes(scores);
  std::vector<ClassScore> result;
  if (scores.shape(1) == 0) return result;
  ConfusionMatrix matrix(scores.shape(1));
  matrix.add(labels, predicted);
  for (std::size_t label = 0; label < scores.shape(1); ++label) {
    const double recall = matrix.recall(label), precision = matrix.precision(label);
    if (std::isnan(recall) && std::isnan(precision)) continue;
    result.push_back({std::isnan(precision) ? 0 : precision, std::isnan(recall) ? 0 : recall});
  }
  return result;
}

/// The mean over the classes of score(class).
template <class T>
Metric<T> macro(const char* name, double (*score)(const ClassScore&)) {
  return {name, [score](const xt::xarray<T>& scores, const Labels& labels) {
            const std::vector<ClassScore> classes = class_scores(scores, labels);
            double sum = 0;
            for (const ClassScore& each : classes) sum += score(each);
            return sum / static_cast<double>(classes.size());
          }};
}

template <class T>
void check_values(const char* name, const xt::xarray<T>& values, const xt::xarray<T>& targets) {
  const Shape y(values.shape()), t(targets.shape());
  if (y != t || y.empty())
    throw ShapeError(std::string("[") + name + "] predictions " + to_string(y) + ", targets " + to_string(t) +
                     ": expected the same shape, a row for each example");
}

template <class T>
double sum_of_squares(const xt::xarray<T>& values, const xt::xarray<T>& targets) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = static_cast<double>(values.data()[i]) - static_cast<double>(targets.data()[i]);
    sum += difference * difference;
  }
  return sum;
}

/// sum (t - mean t)^2, the mean taken in each column.
template <class T>
double spread(const xt::xarray<T>& targets) {
  const std::size_t rows = targets.shape(0), columns = rows == 0 ? 0 : targets.size() / rows;
  double sum = 0;
  for (std::size_t column = 0; column < columns; ++column) {
    const auto at = [&](std::size_t row) {
      return static_cast<double>(targets.data()[row * columns + column]);
    };
    double mean = 0;
    for (std::size_t row = 0; row < rows; ++row) mean += (at(row) - mean) / static_cast<double>(row + 1);
    for (std::size_t row = 0; row < rows; ++row) sum += (at(row) - mean) * (at(row) - mean);
  }
  return sum;
}

template <class T>
bool is_among_largest(const T* scores, std::size_t classes, std::size_t label, std::size_t k) {
  if (std::any_of(scores, scores + classes, [](T score) { return std::isnan(score); })) return false;
  const auto ahead = std::count_if(scores, scores + classes, [&](T score) { return score >= scores[label]; });
  return static_cast<std::size_t>(ahead) <= k;  // the label itself is one of them
}

}  // namespace

template <class T>
Metric<T> accuracy() {
  return {"accuracy",
          [](const xt::xarray<T>& scores, const Labels& labels) { return nn::accuracy(scores, labels); }};
}

template <class T>
Metric<T> top_k(std::size_t k) {
  gradus::detail::check_at_least_one("top_k", "k", k);
  return {"top_" + std::to_string(k), [k](const xt::xarray<T>& scores, const Labels& labels) {
            nn::accuracy(scores, labels);  // checks both
            const std::size_t rows = scores.shape(0), classes = scores.shape(1);
            std::size_t right = 0;
            for (std::size_t row = 0; row < rows; ++row)
              right += is_among_largest(scores.data() + row * classes, classes,
                                        static_cast<std::size_t>(labels.data()[row]), k);
            return static_cast<double>(right) / static_cast<double>(rows);
          }};
}

template <class T>
Metric<T> precision() {
  return macro<T>("precision", [](const ClassScore& score) { return score.precision; });
}

template <class T>
Metric<T> recall() {
  return macro<T>("recall", [](const ClassScore& score) { return score.recall; });
}

template <class T>
Metric<T> f1() {
  return macro<T>("f1", [](const ClassScore& score) {
    const double sum = score.precision + score.recall;
    return sum == 0 ? 0 : 2 * score.precision * score.recall / sum;
  });
}

template <class T>
Metric<T, T> mse() {
  return {"mse",
          [](const xt::xarray<T>& values, const xt::xarray<T>& targets) {
            check_values("mse", values, targets);
            return sum_of_squares(values, targets) / static_cast<double>(values.size());
          },
          false};
}

template <class T>
Metric<T, T> r2() {
  return {"r2", [](const xt::xarray<T>& values, const xt::xarray<T>& targets) {
            check_values("r2", values, targets);
            const double all = spread(targets);
            return all == 0 ? std::numeric_limits<double>::quiet_NaN()
                            : 1 - sum_of_squares(values, targets) / all;
          }};
}

#define GRADUS_INSTANTIATE(T)               \
  template Metric<T> accuracy<T>();         \
  template Metric<T> top_k<T>(std::size_t); \
  template Metric<T> precision<T>();        \
  template Metric<T> recall<T>();           \
  template Metric<T> f1<T>();               \
  template Metric<T, T> mse<T>();           \
  template Metric<T, T> r2<T>();
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn::metric
