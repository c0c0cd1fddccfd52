#include <cmath>
#include <limits>

#include <gradus/ops/composed_rule.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/linalg/decompositions.hpp>
#include <gradus/ops/linalg/matrices.hpp>
#include <gradus/ops/linalg/powers.hpp>
#include <gradus/ops/linalg/solve.hpp>

namespace gradus {
namespace detail {
namespace {

/// 1/s, and 0 for those of at most `rcond` times the largest, which is the first.
template <class T>
Tensor<T> reciprocal_or_zero(const Tensor<T>& s, double rcond) {
  const std::size_t k = s.shape().back();
  Array<T> y = empty_array<T>(s.shape());
  for (std::size_t i = 0; i < s.size(); ++i) {
    const T largest = s.data()[i / k * k];
    y.data()[i] = s.data()[i] <= static_cast<T>(rcond) * largest ? T(0) : 1 / s.data()[i];
  }
  return Tensor<T>(std::move(y));
}

}  // namespace
}  // namespace detail

using namespace detail;

template <class T>
Tensor<T> pinv(const Tensor<T>& a, const PinvOptions& options) {
  constexpr OpName op = OpName::pinv;
  const MatrixShape shape = matrix_shape(op, a.shape());
  if (std::isnan(options.rcond)) throw ValueError(op.tag() + "rcond is NaN: expected a number");
  check_finite(op, a);
  const double precision =
      std::numeric_limits<T>::epsilon() * static_cast<double>(std::max(shape.rows, shape.columns));
  auto y = value_off_the_record([&] {
    const Svd<T> parts = svd(a);
    const Tensor<T> s = reciprocal_or_zero(parts.s, options.rcond < 0 ? precision : options.rcond);
    return times(OpName::matmul, expand_dims(s, -1) * parts.vh, Trans::yes, parts.u, Trans::yes)
        .shared_value();
  });
  const auto rule = [](const Tensor<T>& g, const auto& in, const Tensor<T>& p) {
    using enum Gradient;
    const Tensor<T>& matrix = in[0];
    const Tensor<T> beside = times_transposed(transposed_times(g, p, first), p, first);    // G^T P P^T
    const Tensor<T> below = transposed_times(p, times_transposed(p, g, second), second);   // P^T P G^T
    const Tensor<T> between = times_transposed(transposed_times(p, g, second), p, first);  // P^T G P^T
    return std::vector{(beside - times(matrix, times(p, beside, second), second)) +
                       (below - times(times(below, p, first), matrix, first)) - between};
  };
  return record_composed(op, std::move(y), {a}, rule);
}

template <class T>
Tensor<T> matrix_power(const Tensor<T>& a, std::int64_t n) {
  constexpr OpName op = OpName::matrix_power;
  const MatrixShape shape = square_shape(op, a.shape());
  if (n == 0) return broadcast_to(identity<T>(shape.rows), a.shape());
  const auto multiply = [](const Tensor<T>& x, const Tensor<T>& y) {
    return times(op, x, Trans::no, y, Trans::no);
  };
  auto left = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  Tensor<T> square = n < 0 ? inverse(op, a) : a;  // a^1, a^2, a^4 ..
  for (; left % 2 == 0; left /= 2) square = multiply(square, square);
  Tensor<T> power = square;
  while (left /= 2) {
    square = multiply(square, square);
    if (left % 2 == 1) power = multiply(power, square);
  }
  return power;
}

#define GRADUS_INSTANTIATE(T)                                    \
  template Tensor<T> pinv(const Tensor<T>&, const PinvOptions&); \
  template Tensor<T> matrix_power(const Tensor<T>&, std::int64_t);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
