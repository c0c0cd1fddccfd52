#include <algorithm>
#include <cmath>
#include <limits>

#include <gradus/ops/composed_rule.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/kernels/vector.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/linalg/decompositions.hpp>
#include <gradus/ops/linalg/determinant.hpp>
#include <gradus/ops/linalg/lapack.hpp>
#include <gradus/ops/linalg/matrices.hpp>
#include <gradus/ops/linalg/packed.hpp>
#include <gradus/ops/linalg/solve.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus {
namespace detail {
namespace {

/// Calls f(i, sign of the permutation, diagonal of U) for each matrix i = P L U.
template <class T, class F>
void for_each_diagonal(const Tensor<T>& a, const MatrixShape& shape, const F& f) {
  const std::size_t n = shape.rows;
  std::vector<T> factors(shape.size()), diagonal(n);
  lapack::Pivots pivots;
  for (std::size_t i = 0; i < shape.matrices(); ++i) {
    std::copy_n(a.data() + i * shape.size(), shape.size(), factors.data());
    lapack::factorize(n, factors.data(), pivots);
    T sign = 1;
    for (std::size_t row = 0; row < n; ++row) {
      if (pivots[row] != static_cast<std::int32_t>(row) + 1) sign = -sign;
      diagonal[row] = factors[row * n + row];
    }
    f(i, sign, diagonal);
  }
}

/// For each matrix what a condition says of its number and the diagonal of U: (..,1,1).
template <class T, class Condition>
xt::xarray<bool> where_diagonal(const Tensor<T>& a, const Condition& condition) {
  const MatrixShape shape = square_shape(OpName::det, a.shape());
  xt::xarray<bool> mask = xt::xarray<bool>::from_shape(with_axes(shape.batch, {1, 1}));
  for_each_diagonal(a, shape, [&](std::size_t i, T, const std::vector<T>& diagonal) {
    mask.data()[i] = condition(i, diagonal);
  });
  return mask;
}

template <class T>
bool is_finite(const std::vector<T>& diagonal) {
  return kernels::all_finite(diagonal.data(), diagonal.size());
}

/// Whether the smallest pivot, beside the largest, is 0 or has lost half of its digits.
template <class T>
bool is_nearly_singular(const std::vector<T>& diagonal) {
  if (diagonal.empty()) return false;
  const auto less = [](T x, T y) { return std::abs(x) < std::abs(y); };
  const auto [smallest, largest] = std::minmax_element(diagonal.begin(), diagonal.end(), less);
  return std::abs(*smallest) <= std::sqrt(std::numeric_limits<T>::epsilon()) * std::abs(*largest);
}

template <class T>
Tensor<T> as_matrices(const Tensor<T>& v) {
  return expand_dims(v, {-1, -2});
}

/// x 2^k, element by element; k is halved, so that neither factor over- or underflows.
template <class T>
Tensor<T> times_power_of_two(const Tensor<T>& x, const std::vector<int>& exponents) {
  Array<T> half = empty_array<T>(x.shape()), rest = empty_array<T>(x.shape());
  for (std::size_t i = 0; i < exponents.size(); ++i) {
    const int k = std::clamp(exponents[i], 2 * std::numeric_limits<T>::min_exponent,
                             2 * std::numeric_limits<T>::max_exponent - 2);
    half.data()[i] = std::ldexp(T(1), k / 2);
    rest.data()[i] = std::ldexp(T(1), k - k / 2);
  }
  return x * Tensor<T>(std::move(half)) * Tensor<T>(std::move(rest));
}

/// The product of all other elements, for each: of their significands, which are near 1, so that nothing
/// over- or underflows between.
template <class T>
Tensor<T> products_of_others(const Tensor<T>& s) {
  const std::size_t n = s.shape().back();
  std::vector<int> down(s.size()), up(s.size(), 0);
  for (std::size_t i = 0; i < s.size(); ++i) {
    int exponent = 0;
    std::frexp(s.data()[i] * T(0.75), &exponent);  // significands from 2/3 to 4/3
    down[i] = -exponent;
    for (std::size_t j = i / n * n; j < (i / n + 1) * n; ++j) up[j] += j == i ? 0 : exponent;
  }
  const Tensor<T> significands = times_power_of_two(s, down);
  const Tensor<T> products = prod(where(diagonal_mask(n), T(1), expand_dims(significands, -2)), -1);
  return times_power_of_two(products, up);
}

/// The cofactors of finite matrices, singular ones too.
template <class T>
Tensor<T> cofactors_of_singular(const Tensor<T>& a) {
  const Svd<T> parts = svd(a);
  const Tensor<T> sign = det(parts.u.detach()) * det(parts.vh.detach());  // near 1 or -1, and constant
  const Tensor<T> scaled = parts.u * expand_dims(products_of_others(parts.s), -2);
  return as_matrices(round(sign)) * times(scaled, parts.vh);
}

/// cof(A) for determinants y: y A^-T where that keeps its digits, else from the singular values. NaN where
/// an element is infinite or NaN and that takes part.
template <class T>
Tensor<T> cofactors(const Tensor<T>& a, const Tensor<T>& y) {
  const std::size_t size = a.shape().back() * a.shape().back();
  const auto loses_digits = [&](std::size_t i, const std::vector<T>& diagonal) {
    return is_nearly_singular(diagonal) || !std::isnormal(y.data()[i]);
  };
  const auto has_none = [&](std::size_t i, const std::vector<T>& diagonal) {
    return !is_finite(diagonal) ||
           (loses_digits(i, diagonal) && !kernels::all_finite(a.data() + i * size, size));
  };
  const auto by_singular_values = [&](std::size_t i, const std::vector<T>& diagonal) {
    return !has_none(i, diagonal) && loses_digits(i, diagonal);
  };
  const Tensor<T> one = identity<T>(a.shape().back()), nan = std::numeric_limits<T>::quiet_NaN();
  const auto is_nan = where_diagonal(a, has_none), is_singular = where_diagonal(a, by_singular_values);
  const Tensor<T> replaced = where(is_nan, one, where(is_singular, one, a));
  const Tensor<T> regular = where(is_nan, nan, as_matrices(y) * matrix_transpose(inv(replaced)));
  if (std::none_of(is_singular.begin(), is_singular.end(), [](bool b) { return b; })) return regular;
  return where(is_singular, cofactors_of_singular(where(is_singular, a, one)), regular);
}

}  // namespace
}  // namespace detail

using namespace detail;

template <class T>
Tensor<T> det(const Tensor<T>& a) {
  const MatrixShape shape = square_shape(OpName::det, a.shape());
  Ref<Value<T>> y = empty_value<T>(shape.batch);
  for_each_diagonal(a, shape, [&](std::size_t i, T sign, const std::vector<T>& diagonal) {
    T product = sign;
    for (const T pivot : diagonal) product *= pivot;
    y->array.data()[i] = product;
  });
  const auto rule = [](const Tensor<T>& g, const auto& in, const Tensor<T>& result) {
    return std::vector{flow(as_matrices(g), cofactors(in[0], result))};
  };
  return record_composed(OpName::det, std::move(y), {a}, rule);
}

template <class T>
SignAndLog<T> slogdet(const Tensor<T>& a) {
  const MatrixShape shape = square_shape(OpName::slogdet, a.shape());
  const Packed packed(shape.batch, {{}, {}});
  Ref<Value<T>> y = empty_value<T>(packed.shape());
  for_each_diagonal(a, shape, [&](std::size_t i, T sign, const std::vector<T>& diagonal) {
    T sum = 0;
    for (const T pivot : diagonal) {
      sign *= pivot > T(0) ? T(1) : pivot < T(0) ? T(-1) : pivot;
      sum += std::log(std::abs(pivot));
    }
    *packed.at(y->array.data(), i, 0) = sign;
    *packed.at(y->array.data(), i, 1) = sum;
  });
  const auto rule = [packed](const Tensor<T>& g, const auto& in, const auto&) {
    const auto is_singular = where_diagonal(in[0], [](std::size_t, const std::vector<T>& diagonal) {
      return !is_finite(diagonal) || std::count(diagonal.begin(), diagonal.end(), T(0)) > 0;
    });
    const Tensor<T> regular = where(is_singular, identity<T>(in[0].shape().back()), in[0]);
    const Tensor<T> slope =
        where(is_singular, std::numeric_limits<T>::quiet_NaN(), matrix_transpose(inv(regular)));
    return std::vector{flow(as_matrices(packed.get(g, 1)), slope)};
  };
  const Tensor<T> both = record_composed(OpName::slogdet, std::move(y), {a}, rule);
  return {packed.get(both, 0), packed.get(both, 1)};
}

#define GRADUS_INSTANTIATE(T)               \
  template Tensor<T> det(const Tensor<T>&); \
  template SignAndLog<T> slogdet(const Tensor<T>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
