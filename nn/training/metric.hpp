#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <gradus/core/xtensor.hpp>

namespace gradus::nn {

/// A number that says how good predictions are, computed from all of them at once.
template <class T = float, class Target = std::int64_t>
struct Metric {
  std::string name;
  std::function<double(const xt::xarray<T>& predictions, const xt::xarray<Target>& targets)> of;
  bool larger_is_better = true;
};

/// Whether a metric of that name is a fraction, 0 to 1, which people read in percent: "accuracy",
/// "precision", "recall", "f1", "top_5".
bool is_fraction(std::string_view metric);

/// Metrics for a Trainer: of classes from scores (n, classes) against labels (n), of values (n, ...) against
/// targets of the same shape. Each throws ShapeError when the shapes do not fit, ValueError for a label that
/// is no class, and gives NaN where there is nothing to divide by. A row of scores with a NaN is never right.
namespace metric {

/// The fraction of rows whose largest score is at the label.
template <class T = float>
Metric<T> accuracy();

/// The fraction of rows whose label is among the k largest scores ("top_5"); scores equal to that of the
/// label count against it. ValueError when k is 0.
template <class T = float>
Metric<T> top_k(std::size_t k);

/// Means over the classes, each counting alike (macro averages): of right predictions among those of a class,
/// of right ones among the rows of a class, and of 2 precision recall / (precision + recall). A class
/// that was never predicted has precision 0, one that is in no label recall 0; one that is neither is left
/// out (as scikit-learn does). Source: C. Manning, P. Raghavan, H. Schuetze, "Introduction to Information
/// Retrieval" (2008), 13.6.
template <class T = float>
Metric<T> precision();
template <class T = float>
Metric<T> recall();
template <class T = float>
Metric<T> f1();

/// The mean of (y - t)^2 over all elements; smaller is better.
template <class T = float>
Metric<T, T> mse();

/// The coefficient of determination 1 - sum (y - t)^2 / sum (t - mean t)^2, the mean taken in each column,
/// and the sums over all: 1 is perfect, 0 no better than the mean. NaN when all targets of every column are
/// equal.
template <class T = float>
Metric<T, T> r2();

}  // namespace metric
}  // namespace gradus::nn
