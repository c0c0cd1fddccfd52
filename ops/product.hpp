#pragma once

#include <gradus/ops/operands.hpp>

/// Products of matrices and vectors. Each call is one step; its gradients are products again, added in place.
/// Where an incoming gradient is exactly 0 it contributes 0, also against an infinite or NaN operand.
namespace gradus {
namespace detail {

template <class T>
Tensor<T> product(const Tensor<T>& a, const Tensor<T>& b);
template <class T>
Tensor<T> affine(const Tensor<T>& x, const Tensor<T>& weight);
template <class T>
Tensor<T> affine(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias);

}  // namespace detail

/// The matrix product Y = A B by NumPy's rules: (..,m,k) x (..,k,n) is (..,m,n), the axes before the last two
/// broadcast; an operand of one axis is a row on the left, a column on the right, and that axis is not in the
/// result: (k) x (..,k,n) is (..,n), (..,m,k) x (k) is (..,m) and (k) x (k) is (). dA = G B^T, dB = A^T G,
/// summed over what was stretched. Where only the left operand has axes before the last two, it is one large
/// product. ShapeError for an operand without axes, or when the inner dimensions differ or the others do not
/// broadcast. Source: M. Giles, "Collected matrix derivative results for forward and reverse mode AD"
/// (2008), 2.2.1.
template <class A, class B>
requires TensorOperands<A, B>
auto matmul(A&& a, B&& b) {
  using T = element_type_of<A, B>;
  detail::check_threads(detail::OpName::matmul.text(), a, b);
  return detail::product<T>(as_tensor<T>(a), as_tensor<T>(b));
}

/// A fully connected layer Y = X W + b: X (batch,in), W (in,out), b (out), Y (batch,out). dX = G W^T,
/// dW = X^T G, db = the rows of G, summed. ShapeError when the shapes do not fit.
template <class X, class W, class B>
requires TensorOperands<X, W, B>
auto linear(X&& x, W&& weight, B&& bias) {
  using T = element_type_of<X, W, B>;
  detail::check_threads(detail::OpName::linear.text(), x, weight, bias);
  return detail::affine<T>(as_tensor<T>(x), as_tensor<T>(weight), as_tensor<T>(bias));
}
/// The same without a bias.
template <class X, class W>
requires TensorOperands<X, W>
auto linear(X&& x, W&& weight) {
  using T = element_type_of<X, W>;
  detail::check_threads(detail::OpName::linear.text(), x, weight);
  return detail::affine<T>(as_tensor<T>(x), as_tensor<T>(weight));
}

}  // namespace gradus
