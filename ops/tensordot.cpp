#include <algorithm>
#include <numeric>

#include <gradus/ops/contraction.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/product_step.hpp>
#include <gradus/ops/tensordot.hpp>

namespace gradus::detail {
namespace {

std::string text(OpName op, const Shape& a, const Shape& b) {
  return op.tag() + to_string(a) + " x " + to_string(b) + ": ";
}

/// Axes of which these are summed; the others are kept.
AxisRoles summed_over(const Shape& shape, const std::vector<std::size_t>& summed) {
  AxisRoles roles{.batch = {}, .free = {}, .summed = summed};
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    if (std::find(summed.begin(), summed.end(), axis) == summed.end()) roles.free.push_back(axis);
  return roles;
}

template <class T>
Tensor<T> sum_over(OpName op, const Tensor<T>& a, const std::vector<std::size_t>& of_a, const Tensor<T>& b,
                   const std::vector<std::size_t>& of_b) {
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    const std::size_t first = a.shape()[of_a[i]], second = b.shape()[of_b[i]];
    if (first != second)
      throw ShapeError(text(op, a.shape(), b.shape()) + "axis " + std::to_string(of_a[i]) + " has " +
                       std::to_string(first) + " and axis " + std::to_string(of_b[i]) + " has " +
                       std::to_string(second) + ": axes summed over must have the same extent");
  }
  return contract(op, a, summed_over(a.shape(), of_a), b, summed_over(b.shape(), of_b));
}

/// The axes as given, one after another. ShapeError for one that is out of range or given twice.
std::vector<std::size_t> axes_in_order(OpName op, const Shape& shape, const IntList& axes) {
  normalize_axes(op.text(), shape, axes.values());
  std::vector<std::size_t> result;
  for (const std::ptrdiff_t axis : axes.values()) result.push_back(normalize_axis(op.text(), shape, axis));
  return result;
}

}  // namespace

template <class T>
Tensor<T> dot_product(const Tensor<T>& a, const Tensor<T>& b) {
  if (a.ndim() == 0 || b.ndim() == 0) return a * b;
  return sum_over(OpName::dot, a, {a.ndim() - 1}, b, {b.ndim() == 1 ? 0 : b.ndim() - 2});
}

template <class T>
Tensor<T> outer_product(const Tensor<T>& a, const Tensor<T>& b) {
  constexpr OpName op = OpName::outer;
  const Product p{.m = a.size(), .n = b.size(), .k = 1};
  check_sizes(op, a.shape(), b.shape(), p, {p.m, p.n});
  return record_product(op, p, a, b, {p.m, p.n});
}

template <class T>
Tensor<T> tensor_product(const Tensor<T>& a, const Tensor<T>& b, std::ptrdiff_t axes) {
  constexpr OpName op = OpName::tensordot;
  if (axes < 0)
    throw ValueError(op.tag() + std::to_string(axes) + " axes: expected 0 or more, or two lists of axes");
  const auto n = static_cast<std::size_t>(axes);
  if (n > std::min(a.ndim(), b.ndim()))
    throw ShapeError(text(op, a.shape(), b.shape()) + std::to_string(n) +
                     " axes to sum over: expected at most " + std::to_string(std::min(a.ndim(), b.ndim())));
  std::vector<std::size_t> of_a(n), of_b(n);
  std::iota(of_a.begin(), of_a.end(), a.ndim() - n);
  std::iota(of_b.begin(), of_b.end(), std::size_t{0});
  return sum_over(op, a, of_a, b, of_b);
}

template <class T>
Tensor<T> tensor_product(const Tensor<T>& a, const Tensor<T>& b, const TensordotAxes& axes) {
  constexpr OpName op = OpName::tensordot;
  const auto of_a = axes_in_order(op, a.shape(), axes.first),
             of_b = axes_in_order(op, b.shape(), axes.second);
  if (of_a.size() != of_b.size())
    throw ShapeError(text(op, a.shape(), b.shape()) + "axes " + axes.first.text() + " and " +
                     axes.second.text() + ": expected as many of one as of the other");
  return sum_over(op, a, of_a, b, of_b);
}

#define GRADUS_INSTANTIATE(T)                                                            \
  template Tensor<T> dot_product(const Tensor<T>&, const Tensor<T>&);                    \
  template Tensor<T> outer_product(const Tensor<T>&, const Tensor<T>&);                  \
  template Tensor<T> tensor_product(const Tensor<T>&, const Tensor<T>&, std::ptrdiff_t); \
  template Tensor<T> tensor_product(const Tensor<T>&, const Tensor<T>&, const TensordotAxes&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::detail
