#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/data/transforms.hpp>

namespace gradus::nn {
namespace {

using Array = xt::xarray<float>;

std::vector<std::size_t> row_shape(const Array& x) { return {x.shape().begin() + 1, x.shape().end()}; }

std::string with_rows(const std::vector<std::size_t>& row_shape) {
  std::string text = "(n";
  for (std::size_t extent : row_shape) text.append(",").append(std::to_string(extent));
  return text + ")";
}

[[noreturn]] void fail_shape(const std::string& op, const Array& x, const std::string& expected) {
  throw ShapeError("[" + op + "] array " + to_string(Shape(x.shape())) + ": expected " + expected);
}

[[noreturn]] void fail_value(const std::string& op, std::size_t column, std::size_t row, float found,
                             const std::string& expected) {
  throw ValueError("[" + op + "] column " + std::to_string(column) + ", row " + std::to_string(row) +
                   ": found " + gradus::detail::number_text(found) + ", expected " + expected);
}

void check_fitted(const std::string& op, bool is_fitted) {
  if (!is_fitted) throw ValueError("[" + op + "] used before fit(): expected after it");
}

}  // namespace

// Of a column, or of all as one, for which `each` calls a function with every value that is not NaN.
struct Scale::Column {
  const Array& x;
  std::size_t first, step;

  template <class F>
  void each(const F& f) const {
    for (std::size_t i = first; i < x.size(); i += step) {
      const double value = x.data()[i];
      if (!std::isnan(value)) f(value);
    }
  }
};

template <class Learn>
void Scale::fit_columns(const Array& x, const Learn& learn) {
  if (x.dimension() == 0 || x.size() == 0) fail_shape(name_, x, "at least one row");
  const std::size_t width = x.size() / x.shape(0), step = options_.per_column ? width : 1;
  std::vector<double> shifts, scales;
  for (std::size_t column = 0; column < step; ++column) {
    std::size_t count = 0;
    double least = std::numeric_limits<double>::infinity(), most = -least;
    Column{x, column, step}.each([&](double value) {
      ++count;
      least = std::min(least, value);
      most = std::max(most, value);
    });
    if (count == 0)
      throw ValueError("[" + std::string(name_) + "] column " + std::to_string(column) +
                       ": found NaN only, expected at least one number");
    if (std::isinf(least) || std::isinf(most)) {
      std::size_t at = column;
      while (!std::isinf(x.data()[at])) at += step;
      fail_value(name_, at % width, at / width, x.data()[at], "finite numbers");
    }
    const auto [shift, scale] = learn(Column{x, column, step}, count, least, most);
    shifts.push_back(shift);
    scales.push_back(scale);
  }
  row_shape_ = row_shape(x);
  shift_ = std::move(shifts);
  scale_ = std::move(scales);
}

Array Scale::apply(const Array& x) const {
  check_fitted(name_, !shift_.empty());
  if (x.dimension() == 0 || row_shape(x) != row_shape_)
    fail_shape(name_, x, with_rows(row_shape_) + " as in fit()");
  Array y = Array::from_shape(x.shape());
  const std::size_t columns = shift_.size();
  for (std::size_t i = 0; i < x.size(); ++i)
    y.data()[i] = static_cast<float>((x.data()[i] - shift_[i % columns]) / scale_[i % columns]);
  return y;
}

Array Scale::invert(const Array& y) const {
  check_fitted(name_, !shift_.empty());
  if (y.dimension() == 0 || row_shape(y) != row_shape_)
    fail_shape(name_, y, with_rows(row_shape_) + " as in fit()");
  Array x = Array::from_shape(y.shape());
  const std::size_t columns = shift_.size();
  for (std::size_t i = 0; i < y.size(); ++i)
    x.data()[i] = static_cast<float>(y.data()[i] * scale_[i % columns] + shift_[i % columns]);
  return x;
}

void Standardize::fit(const Array& x) {
  fit_columns(x, [](const auto& column, std::size_t count, double least, double most) {
    // Rounding would give equal values a deviation that is not 0, and their differences a size.
    if (least == most) return std::pair(least, 1.0);
    double sum = 0, squares = 0;
    column.each([&](double value) { sum += value; });
    const double mean = sum / static_cast<double>(count);
    column.each([&](double value) { squares += (value - mean) * (value - mean); });
    return std::pair(mean, std::sqrt(squares / static_cast<double>(count)));
  });
}

std::unique_ptr<Transform> Standardize::clone() const { return std::make_unique<Standardize>(*this); }

MinMax::MinMax(double lo, double hi, ScaleOptions options) : Scale("MinMax", options), lo_(lo), hi_(hi) {
  if (lo < hi && std::isfinite(hi - lo)) return;
  throw ValueError("[MinMax] lo " + gradus::detail::number_text(lo) + ", hi " +
                   gradus::detail::number_text(hi) + ": expected lo < hi, both finite");
}

void MinMax::fit(const Array& x) {
  fit_columns(x, [this](const auto&, std::size_t, double least, double most) {
    const double scale = (least == most ? 1 : most - least) / (hi_ - lo_);
    return std::pair(least - lo_ * scale, scale);
  });
}

std::unique_ptr<Transform> MinMax::clone() const { return std::make_unique<MinMax>(*this); }

OneHot::OneHot(std::vector<std::size_t> columns) : columns_(std::move(columns)) {
  std::sort(columns_.begin(), columns_.end());
  const auto twice = std::adjacent_find(columns_.begin(), columns_.end());
  if (twice != columns_.end())
    throw ValueError("[OneHot] column " + std::to_string(*twice) + " twice: expected different columns");
}

void OneHot::check_width(const char* what, const Array& array, std::size_t width) const {
  check_fitted("OneHot", !categories_.empty());
  if (array.dimension() == 2 && array.shape(1) == width) return;
  fail_shape("OneHot", array, "(n," + std::to_string(width) + ") " + what);
}

void OneHot::fit(const Array& x) {
  if (x.dimension() != 2 || x.size() == 0) fail_shape("OneHot", x, "(n, k) with at least one row and column");
  if (!columns_.empty() && columns_.back() >= x.shape(1))
    fail_shape("OneHot", x, "more columns than " + std::to_string(columns_.back()));
  std::vector<std::vector<float>> categories(x.shape(1));
  for (std::size_t column : columns_) {
    std::vector<float>& found = categories[column];
    for (std::size_t row = 0; row < x.shape(0); ++row) {
      if (!std::isfinite(x(row, column)))
        fail_value("OneHot", column, row, x(row, column), "the number of a category");
      found.push_back(x(row, column));
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
  }
  categories_ = std::move(categories);
}

namespace {

std::size_t encoded_width(const std::vector<std::vector<float>>& categories) {
  std::size_t width = 0;
  for (const auto& column : categories) width += std::max<std::size_t>(column.size(), 1);
  return width;
}

}  // namespace

Array OneHot::apply(const Array& x) const {
  check_width("as in fit()", x, categories_.size());
  Array y = Array::from_shape({x.shape(0), encoded_width(categories_)});
  y.fill(0);
  float* out = y.data();
  for (std::size_t row = 0; row < x.shape(0); ++row) {
    for (std::size_t column = 0; column < categories_.size(); ++column) {
      const std::vector<float>& known = categories_[column];
      const float value = x(row, column);
      if (known.empty()) {
        *out++ = value;
        continue;
      }
      const auto place = std::lower_bound(known.begin(), known.end(), value);
      if (place == known.end() || *place != value)
        fail_value("OneHot", column, row, value,
                   "one of the " + std::to_string(known.size()) + " categories of fit()");
      out[place - known.begin()] = 1;
      out += known.size();
    }
  }
  return y;
}

Array OneHot::invert(const Array& y) const {
  check_width("as from apply()", y, encoded_width(categories_));
  Array x = Array::from_shape({y.shape(0), categories_.size()});
  const float* in = y.data();
  for (std::size_t row = 0; row < y.shape(0); ++row) {
    for (std::size_t column = 0; column < categories_.size(); ++column) {
      const std::vector<float>& known = categories_[column];
      if (known.empty()) {
        x(row, column) = *in++;
        continue;
      }
      const float* end = in + known.size();
      const float* nan = std::find_if(in, end, [](float value) { return std::isnan(value); });
      x(row, column) = nan != end ? *nan : known[static_cast<std::size_t>(std::max_element(in, end) - in)];
      in = end;
    }
  }
  return x;
}

std::unique_ptr<Transform> OneHot::clone() const { return std::make_unique<OneHot>(*this); }

void TransformChain::fit(const Array& x) {
  std::vector<std::shared_ptr<const Transform>> fitted;
  Array rows = x;
  for (const auto& part : parts_) {
    std::shared_ptr<Transform> copy = part->clone();
    copy->fit(rows);
    rows = copy->apply(rows);
    fitted.push_back(std::move(copy));
  }
  parts_ = std::move(fitted);
}

Array TransformChain::apply(const Array& x) const {
  return std::accumulate(parts_.begin(), parts_.end(), x,
                         [](const Array& rows, const auto& part) { return part->apply(rows); });
}

Array TransformChain::invert(const Array& y) const {
  return std::accumulate(parts_.rbegin(), parts_.rend(), y,
                         [](const Array& rows, const auto& part) { return part->invert(rows); });
}

std::unique_ptr<Transform> TransformChain::clone() const { return std::make_unique<TransformChain>(*this); }

}  // namespace gradus::nn
