#include <algorithm>
#include <numeric>

#include <gradus/ops/contraction.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/maps.hpp>
#include <gradus/ops/product_step.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::detail {
namespace {

using Places = std::vector<std::size_t>;

Places joined(const Places& a, const Places& b, const Places& c = {}) {
  Places all = a;
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return all;
}

Shape extents(const Shape& shape, const Places& axes) {
  Shape result;
  for (const std::size_t axis : axes) result.push_back(shape[axis]);
  return result;
}

/// Whether the axes in this order lie in memory as they are.
bool lie_in_order(const Shape& shape, const Places& order) {
  std::size_t last = 0;
  for (const std::size_t axis : order) {
    if (shape[axis] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

/// An operand as matrices of the axes `rows` x `columns`, or stored transposed.
template <class T>
struct Matrices {
  Tensor<T> x;
  Trans trans;
};

/// Whether they lie so that no copy is needed.
bool lie_as_matrices(const Shape& shape, const Places& batch, const Places& rows, const Places& columns) {
  return lie_in_order(shape, joined(batch, rows, columns)) ||
         lie_in_order(shape, joined(batch, columns, rows));
}

template <class T>
Matrices<T> as_matrices(const Tensor<T>& x, const Places& batch, const Places& rows, const Places& columns) {
  const Shape& shape = x.shape();
  const Places order = joined(batch, rows, columns);
  if (lie_in_order(shape, order)) return {x, Trans::no};
  if (lie_in_order(shape, joined(batch, columns, rows))) return {x, Trans::yes};
  return {record_linear(Permutation(shape, order), x), Trans::no};
}

/// Pairs of axes in the order they have in the first operand.
void sort_pairs(Places& first, Places& second) {
  Places order(first.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return first[i] < first[j]; });
  Places sorted_first, sorted_second;
  for (const std::size_t i : order) {
    sorted_first.push_back(first[i]);
    sorted_second.push_back(second[i]);
  }
  first = sorted_first;
  second = sorted_second;
}

template <class T>
Tensor<T> with_extents(const Tensor<T>& x, const Shape& shape) {
  return x.shape() == shape ? x : record_linear(Reshaping{.from = x.shape(), .to = shape}, x);
}

/// The operand with its axes in the order batch, own, summed, and `before` and `after` extents of 1 around
/// its own.
template <class T>
Tensor<T> spread(const Tensor<T>& x, const AxisRoles& roles, std::size_t before, std::size_t after) {
  Shape shape = extents(x.shape(), roles.batch);
  for (std::size_t i = 0; i < before; ++i) shape.push_back(1);
  for (const std::size_t axis : joined(roles.free, roles.summed)) shape.push_back(x.shape()[axis]);
  for (std::size_t i = 0; i < after; ++i) shape.push_back(1);
  return with_extents(in_order(x, joined(roles.batch, roles.free, roles.summed)), shape);
}

/// The products element by element, and their sum where axes are summed (then none is free).
template <class T>
Tensor<T> contract_elements(const Tensor<T>& a, const AxisRoles& of_a, const Tensor<T>& b,
                            const AxisRoles& of_b) {
  const Tensor<T> products = spread(a, of_a, 0, of_b.free.size()) * spread(b, of_b, of_a.free.size(), 0);
  if (of_a.summed.empty()) return products;
  std::vector<std::size_t> axes(of_a.summed.size());
  std::iota(axes.begin(), axes.end(), of_a.batch.size());
  return sum(products, Axes(axes));
}

}  // namespace

template <class T>
Tensor<T> in_order(const Tensor<T>& x, const std::vector<std::size_t>& order) {
  const Permutation permutation(x.shape(), order);
  if (lie_in_order(x.shape(), order)) return with_extents(x, permutation.to);
  return record_linear(permutation, x);
}

template <class T>
Tensor<T> contract(OpName op, const Tensor<T>& a, AxisRoles of_a, const Tensor<T>& b, AxisRoles of_b) {
  const Shape batch = extents(a.shape(), of_a.batch), rows = extents(a.shape(), of_a.free),
              columns = extents(b.shape(), of_b.free);
  Shape result = batch;
  result.insert(result.end(), rows.begin(), rows.end());
  result.insert(result.end(), columns.begin(), columns.end());
  count(result, op.text());

  const bool is_batch_of_dots = of_a.free.empty() && of_b.free.empty();
  if (!of_a.batch.empty() && (of_a.summed.empty() || is_batch_of_dots))
    return contract_elements(a, of_a, b, of_b);

  sort_pairs(of_a.summed, of_b.summed);
  if (!lie_as_matrices(a.shape(), of_a.batch, of_a.free, of_a.summed)) sort_pairs(of_b.summed, of_a.summed);
  const Matrices<T> left = as_matrices(a, of_a.batch, of_a.free, of_a.summed),
                    right = as_matrices(b, of_b.batch, of_b.summed, of_b.free);
  const Product one{left.trans, right.trans, count(rows), count(columns),
                    count(extents(a.shape(), of_a.summed))};
  const Product p = batched_product(one, batch, batch, batch);
  check_sizes(op, a.shape(), b.shape(), p, result);
  return record_product(op, p, left.x, right.x, result);
}

#define GRADUS_INSTANTIATE(T)                                                     \
  template Tensor<T> in_order(const Tensor<T>&, const std::vector<std::size_t>&); \
  template Tensor<T> contract(OpName, const Tensor<T>&, AxisRoles, const Tensor<T>&, AxisRoles);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::detail
