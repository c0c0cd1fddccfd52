#pragma once

#include <memory>

#include <gradus/core/tensor.hpp>
#include <gradus/ops/batches.hpp>
#include <gradus/ops/kernels/gemm.hpp>
#include <gradus/ops/op_name.hpp>

/// The step behind matmul, linear, dot, outer, tensordot and einsum: products of matrices that lie in memory
/// one after another. What shapes the operands have does not matter here, only that their elements lie so.
namespace gradus::detail {

using kernels::Trans;

/// Which factor is an incoming gradient: where that is 0 the product is, whatever it meets.
enum class Gradient { none, first, second };

/// Y (m,n) = op(A) (m,k) op(B) (k,n), where op transposes what is stored; vectors are matrices of one row or
/// column.
struct Product {
  Trans ta = Trans::no, tb = Trans::no;
  std::size_t m, n, k;
  Gradient gradient = Gradient::none;
  std::shared_ptr<const Batches> batches{};  // null: one product
};

/// Many products: of the matrices of the first factor and of the second, stretched to those of the result.
/// What makes one large product is one.
Product batched_product(Product p, const Shape& first, const Shape& second, const Shape& all);

/// ShapeError, naming the operands' shapes, when the product or its gradients cannot be computed.
void check_sizes(OpName op, const Shape& a, const Shape& b, const Product& p, const Shape& result);

/// op(A) op(B) as a step of two inputs, a result of any shape that has as many elements. Its gradients are
/// products again.
template <class T>
Tensor<T> record_product(OpName op, const Product& p, const Tensor<T>& a, const Tensor<T>& b,
                         const Shape& result);

}  // namespace gradus::detail
