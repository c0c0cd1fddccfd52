#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gradus/core/xtensor.hpp>

namespace gradus::nn {

/// What is learnt from the rows of one array (n, ...) and then done alike to those of others:
///
///     nn::Standardize scale;
///     scale.fit(train.inputs);
///     train.inputs = scale.apply(train.inputs), test.inputs = scale.apply(test.inputs);
///
/// A column is one place in all the rows; images have as many as pixels. NaN passes over: it is not learnt
/// from, and stays NaN. apply() and invert() before fit() are a ValueError, rows of another shape than those
/// of fit() a ShapeError; nothing is changed then.
class Transform {
 public:
  virtual ~Transform() = default;

  /// Learns from x (n, ...). ShapeError for an array without rows or axes; ValueError, naming the column, for
  /// infinite values and columns in which all is NaN. What was learnt before is kept then, else replaced.
  virtual void fit(const xt::xarray<float>& x) = 0;
  virtual xt::xarray<float> apply(const xt::xarray<float>& x) const = 0;
  /// The way back, exact but for rounding.
  virtual xt::xarray<float> invert(const xt::xarray<float>& y) const = 0;

  /// What was learnt, as JSON; transform_from_json() makes of it one that does the same to the last bit.
  virtual std::string to_json() const = 0;
  /// A copy that learns on its own.
  virtual std::unique_ptr<Transform> clone() const = 0;
};

/// DataError for text that is not of that form.
std::unique_ptr<Transform> transform_from_json(const std::string& text);

struct ScaleOptions {
  bool per_column = true;  ///< false: one shift and scale for all columns, as is usual for images
};

/// y = (x - shift) / scale in each column: what Standardize and MinMax have in common. Computed in double.
class Scale : public Transform {
 public:
  xt::xarray<float> apply(const xt::xarray<float>& x) const override;
  xt::xarray<float> invert(const xt::xarray<float>& y) const override;

  /// Of each column, or one for all; empty before fit().
  const std::vector<double>& shift() const { return shift_; }
  const std::vector<double>& scale() const { return scale_; }

 protected:
  /// What is known of the values of a column.
  struct Column;

  Scale(const char* name, ScaleOptions options) : name_(name), options_(options) {}
  template <class Learn>
  void fit_columns(const xt::xarray<float>& x, const Learn& learn);

 private:
  friend struct TransformJson;
  const char* name_;  // of the class, for messages
  ScaleOptions options_;
  std::vector<std::size_t> row_shape_;
  std::vector<double> shift_;
  std::vector<double> scale_;
};

/// To mean 0 and standard deviation 1 (divided by n). A column of one value becomes 0 (its scale is 1).
class Standardize : public Scale {
 public:
  explicit Standardize(ScaleOptions options = {}) : Scale("Standardize", options) {}
  void fit(const xt::xarray<float>& x) override;
  std::string to_json() const override;
  std::unique_ptr<Transform> clone() const override;
};

/// To the range lo to hi; what lies outside the range that was learnt goes beyond. A column of one value
/// becomes lo (its scale is 1 / (hi - lo)). ValueError unless lo < hi and both are finite.
class MinMax : public Scale {
 public:
  explicit MinMax(double lo = 0, double hi = 1, ScaleOptions options = {});
  void fit(const xt::xarray<float>& x) override;
  std::string to_json() const override;
  std::unique_ptr<Transform> clone() const override;

 private:
  friend struct TransformJson;
  double lo_, hi_;
};

/// Columns of a matrix (n, k) that hold numbers of categories become a column for each category, 1 where it
/// is and 0 elsewhere, in ascending order in the place of the old column. ValueError, naming row and column,
/// for NaN and for numbers that were not there when fitting.
class OneHot : public Transform {
 public:
  /// Which columns; they must be different. Those not named stay as they are.
  explicit OneHot(std::vector<std::size_t> columns);
  void fit(const xt::xarray<float>& x) override;
  xt::xarray<float> apply(const xt::xarray<float>& x) const override;
  /// The category with the largest number, the first of equals; NaN where one is NaN.
  xt::xarray<float> invert(const xt::xarray<float>& y) const override;
  std::string to_json() const override;
  std::unique_ptr<Transform> clone() const override;

  /// The categories of each column of x; empty for those that stay as they are.
  const std::vector<std::vector<float>>& categories() const { return categories_; }

 private:
  friend struct TransformJson;
  void check_width(const char* what, const xt::xarray<float>& array, std::size_t width) const;

  std::vector<std::size_t> columns_;  // ascending
  std::vector<std::vector<float>> categories_;
};

/// One after the other, each fitted on what those before it make of x.
///
///     nn::TransformChain chain{nn::OneHot{{2}}, nn::Standardize{}};
class TransformChain : public Transform {
 public:
  explicit TransformChain(std::vector<std::shared_ptr<const Transform>> parts) : parts_(std::move(parts)) {}
  template <std::derived_from<Transform>... Parts>
  requires(sizeof...(Parts) > 1) explicit TransformChain(Parts... parts)
      : parts_{std::make_shared<const Parts>(std::move(parts))...} {}

  void fit(const xt::xarray<float>& x) override;
  xt::xarray<float> apply(const xt::xarray<float>& x) const override;
  xt::xarray<float> invert(const xt::xarray<float>& y) const override;
  std::string to_json() const override;
  std::unique_ptr<Transform> clone() const override;

 private:
  std::vector<std::shared_ptr<const Transform>> parts_;  // shared with copies, and replaced by fit()
};

}  // namespace gradus::nn
