#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <type_traits>

#include <gradus/ops/operands.hpp>

namespace gradus::nn {

/// What predict_classes() gives for a row that holds a NaN: no class at all.
inline constexpr std::int64_t no_class = -1;

namespace detail {

/// Scores are computed in double unless they are float.
template <class E>
using Score = std::conditional_t<std::same_as<typename E::value_type, float>, float, double>;

/// The expression as an array of T; an array that is one already is not copied.
template <class T, class E>
decltype(auto) as_array(const xt::xexpression<E>& expression) {
  if constexpr (std::same_as<E, xt::xarray<T>>) {
    return expression.derived_cast();
  } else {
    return xt::xarray<T>(expression.derived_cast());
  }
}

xt::xarray<std::int64_t> predict_classes(const xt::xarray<float>& scores);
xt::xarray<std::int64_t> predict_classes(const xt::xarray<double>& scores);
double accuracy(const xt::xarray<float>& scores, const gradus::detail::Integers& labels);
double accuracy(const xt::xarray<double>& scores, const gradus::detail::Integers& labels);

}  // namespace detail

/// The class with the largest score in each row of scores (n, classes), as (n); the first of equals. A row
/// with a NaN gives no_class. ShapeError unless scores are (n, classes) with at least one class.
template <class Scores>
xt::xarray<std::int64_t> predict_classes(const xt::xexpression<Scores>& scores) {
  return detail::predict_classes(detail::as_array<detail::Score<Scores>>(scores));
}

/// The fraction, 0 to 1, of the rows of scores (n, classes) whose largest score is at the row's label; labels
/// (n) are of any integral type. A row with a NaN is never right. NaN when there is no row. ShapeError when
/// the shapes do not fit, ValueError for a label outside 0 ... classes - 1.
template <class Scores, IntegralArray Labels>
double accuracy(const xt::xexpression<Scores>& scores, const xt::xexpression<Labels>& labels) {
  return detail::accuracy(detail::as_array<detail::Score<Scores>>(scores),
                          gradus::detail::as_integers("accuracy", labels.derived_cast()));
}

/// How often each class was taken for each other.
class ConfusionMatrix {
 public:
  /// ValueError when classes is 0.
  explicit ConfusionMatrix(std::size_t classes);

  /// Counts labels (n) and what was predicted for them (n), arrays of any integral type. A prediction may be
  /// no_class: it counts as wrong. ShapeError unless both are (n); ValueError for a label or prediction that
  /// is no class. Nothing is counted then.
  template <IntegralArray Labels, IntegralArray Predictions>
  void add(const xt::xexpression<Labels>& labels, const xt::xexpression<Predictions>& predictions) {
    constexpr const char* op = "ConfusionMatrix::add";
    add_arrays(op, gradus::detail::as_integers(op, labels.derived_cast()),
               gradus::detail::as_integers(op, predictions.derived_cast()));
  }

  /// (classes, classes): at (i, j) how often j was predicted where i was right.
  const xt::xarray<std::int64_t>& counts() const { return counts_; }
  /// (classes): how often no class was predicted where i was right.
  const xt::xarray<std::int64_t>& undecided() const { return undecided_; }
  /// How many predictions were added.
  std::int64_t total() const;

  /// Right predictions among all; NaN when there are none.
  double accuracy() const;
  /// Right predictions among the rows labelled `label`; NaN when there are none. ValueError for no class.
  double recall(std::size_t label) const;
  /// Right predictions among the predictions of `label`; NaN when there are none. ValueError for no class.
  double precision(std::size_t label) const;

 private:
  void add_arrays(const char* op, const gradus::detail::Integers& labels,
                  const gradus::detail::Integers& predictions);
  void check_class(const char* op, std::size_t label) const;

  xt::xarray<std::int64_t> counts_;
  xt::xarray<std::int64_t> undecided_;
};

/// The counts as an aligned table, a row for each label and a column for each prediction, with recall,
/// precision and accuracy in percent ("-" where there is nothing to divide by).
std::ostream& operator<<(std::ostream& out, const ConfusionMatrix& matrix);

}  // namespace gradus::nn
