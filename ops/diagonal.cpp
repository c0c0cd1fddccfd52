#include <algorithm>
#include <string>

#include <gradus/ops/composed_rule.hpp>
#include <gradus/ops/diagonal.hpp>
#include <gradus/ops/index_maps.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/maps.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus {
namespace detail {
namespace {

void check_matrices(OpName op, const Shape& shape) {
  if (shape.size() < 2)
    throw ShapeError(op.tag() + to_string(shape) + " has " + std::to_string(shape.size()) +
                     " axes: expected matrices, 2 or more");
}

/// The diagonal of a matrix: where it begins, and its length.
struct Diagonal {
  Diagonal(std::size_t rows, std::size_t columns, std::ptrdiff_t k)
      : row(k < 0 ? -k : 0), column(k > 0 ? k : 0) {
    const std::ptrdiff_t down = static_cast<std::ptrdiff_t>(rows) - row,
                         right = static_cast<std::ptrdiff_t>(columns) - column;
    length = static_cast<std::size_t>(std::max(std::ptrdiff_t{0}, std::min(down, right)));
  }
  std::ptrdiff_t row, column;
  std::size_t length;
};

BlockCopies diagonals(OpName op, const Shape& from, std::ptrdiff_t k, std::ptrdiff_t axis1,
                      std::ptrdiff_t axis2) {
  check_matrices(op, from);
  normalize_axes(op.text(), from, {axis1, axis2});
  const std::size_t first = normalize_axis(op.text(), from, axis1),
                    second = normalize_axis(op.text(), from, axis2);
  const std::vector<std::ptrdiff_t> steps = steps_of(from);
  const Diagonal on(from[first], from[second], k);
  kernels::StridedBlock block{.from = on.row * steps[first] + on.column * steps[second], .to = 0, .axes = {}};
  Shape to;
  const auto keep = [&](std::size_t extent, std::ptrdiff_t step) {
    to.push_back(extent);
    block.axes.push_back({extent, step, 0});
  };
  for (std::size_t axis = 0; axis < from.size(); ++axis)
    if (axis != first && axis != second) keep(from[axis], steps[axis]);
  keep(on.length, steps[first] + steps[second]);
  const std::vector<std::ptrdiff_t> steps_to = steps_of(to);
  for (std::size_t d = 0; d < to.size(); ++d) block.axes[d].to = steps_to[d];
  return {.op = op,
          .from = from,
          .to = to,
          .blocks = {std::move(block)},
          .covers_from = count(from) == count(to),
          .covers_to = true};
}

/// Rows and columns i and j with j - i <= k (or >= k) are kept.
template <class T>
Tensor<T> triangle(OpName op, const Tensor<T>& x, std::ptrdiff_t k, bool is_lower) {
  const Shape shape = x.shape();
  check_matrices(op, shape);
  const std::size_t rows = shape[shape.size() - 2], columns = shape.back();
  Array<bool> mask = empty_array<bool>(shape);
  for (std::size_t line = 0; columns > 0 && line < mask.size() / columns; ++line) {
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(line % rows) + k + (is_lower ? 1 : 0);
    const auto bound =
        static_cast<std::size_t>(std::clamp(row, std::ptrdiff_t{0}, static_cast<std::ptrdiff_t>(columns)));
    bool* const begin = mask.data() + line * columns;
    std::fill(begin, begin + bound, is_lower);
    std::fill(begin + bound, begin + columns, !is_lower);
  }
  auto kept = std::make_shared<const Array<bool>>(std::move(mask));
  return record_linear(Masking{.op = op, .to = shape, .mask = std::move(kept), .side = true}, x);
}

}  // namespace
}  // namespace detail

using detail::OpName;

template <class T>
Tensor<T> diag(Tensor<T> x, int k) {
  constexpr OpName op = OpName::diag;
  const Shape shape = x.shape();
  if (shape.size() == 2) return detail::record_linear(detail::diagonals(op, shape, k, 0, 1), x);
  if (shape.size() != 1)
    throw ShapeError(op.tag() + to_string(shape) + " has " + std::to_string(shape.size()) +
                     " axes: expected a vector or a matrix");
  const std::size_t n = shape[0] + static_cast<std::size_t>(std::abs(static_cast<std::ptrdiff_t>(k)));
  count({n, n}, op.text());
  return detail::record_linear(detail::diagonals(op, {n, n}, k, 0, 1).transposed(), x);
}

template <class T>
Tensor<T> diagonal(Tensor<T> x, int k) {
  return diagonal_of_axes(x, k, 0, 1);
}
template <class T>
Tensor<T> diagonal_of_axes(const Tensor<T>& x, int k, std::ptrdiff_t axis1, std::ptrdiff_t axis2) {
  return detail::record_linear(detail::diagonals(OpName::diagonal, x.shape(), k, axis1, axis2), x);
}

template <class T>
Tensor<T> trace(Tensor<T> x, int k, std::ptrdiff_t axis1, std::ptrdiff_t axis2) {
  const detail::BlockCopies part = detail::diagonals(OpName::trace, x.shape(), k, axis1, axis2);
  auto y =
      detail::value_off_the_record([&] { return sum(detail::record_linear(part, x), -1).shared_value(); });
  return detail::record_composed(OpName::trace, std::move(y), {x},
                                 [part](const auto& g, const auto&, const auto&) {
                                   const auto spread = broadcast_to(expand_dims(g, -1), part.to);
                                   return std::vector{detail::record_linear(part.transposed(), spread)};
                                 });
}

template <class T>
Tensor<T> tril(Tensor<T> x, int k) {
  return detail::triangle(OpName::tril, x, k, true);
}

template <class T>
Tensor<T> triu(Tensor<T> x, int k) {
  return detail::triangle(OpName::triu, x, k, false);
}

#define GRADUS_INSTANTIATE(T)                                                                 \
  template Tensor<T> diag(Tensor<T>, int);                                                    \
  template Tensor<T> diagonal(Tensor<T>, int);                                                \
  template Tensor<T> diagonal_of_axes(const Tensor<T>&, int, std::ptrdiff_t, std::ptrdiff_t); \
  template Tensor<T> trace(Tensor<T>, int, std::ptrdiff_t, std::ptrdiff_t);                   \
  template Tensor<T> tril(Tensor<T>, int);                                                    \
  template Tensor<T> triu(Tensor<T>, int);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
