#pragma once

#include <vector>

#include <gradus/core/tensor.hpp>
#include <gradus/ops/op_name.hpp>

namespace gradus::detail {

/// What becomes of the axes of an operand that is contracted with another.
struct AxisRoles {
  std::vector<std::size_t> batch;   ///< paired with those of the other operand, and kept
  std::vector<std::size_t> free;    ///< kept
  std::vector<std::size_t> summed;  ///< paired with those of the other operand, multiplied and summed
};

/// The sum of products of two operands over paired axes, whose extents are the same: axes of the result are
/// the batch, those free in a, those free in b. A batch of products of matrices; an operand is copied
/// (transposed) only where its axes do not lie so that BLAS can read them as matrices or transposed ones.
/// A batch of which no axes are summed, or none are free, is an elementwise product.
template <class T>
Tensor<T> contract(OpName op, const Tensor<T>& a, AxisRoles of_a, const Tensor<T>& b, AxisRoles of_b);

/// The axes in another order; x itself where that moves nothing in memory but extents of 1.
template <class T>
Tensor<T> in_order(const Tensor<T>& x, const std::vector<std::size_t>& order);

}  // namespace gradus::detail
