#pragma once

#include <gradus/ops/operands.hpp>

/// Ops that pick or add to elements one by one. Each call is one step; the gradient goes back to what was
/// picked. Indices are arrays of any integral type, negative ones counting from the end. ValueError for an
/// index out of range, ShapeError for an axis out of range and for shapes that do not fit.
namespace gradus {
namespace detail {

template <class T>
Tensor<T> take_along(const Tensor<T>& x, Integers indices, std::ptrdiff_t axis);
template <class T>
Tensor<T> gather_integers(const Tensor<T>& x, Integers indices, std::ptrdiff_t axis);
template <class T>
Tensor<T> scatter_add_integers(const Tensor<T>& x, Integers indices, const Tensor<T>& src,
                               std::ptrdiff_t axis);
template <class T>
Tensor<T> select_by(const Tensor<T>& x, const Array<bool>& mask);
template <class T>
Tensor<T> one_hot_rows(const Integers& labels, std::size_t classes);

}  // namespace detail

/// NumPy's take_along_axis: y[.., i, ..] = x[.., indices[.., i, ..], ..] along an axis, for indices with as
/// many axes as x; the other axes are broadcast. Picks what argsort, argmax (with keepdims) and topk found.
template <class T, IndexArray Indices>
Tensor<T> take_along_axis(const Tensor<T>& x, const Indices& indices, std::ptrdiff_t axis) {
  return detail::take_along(x, detail::as_integers(detail::OpName::take_along_axis.text(), indices), axis);
}

/// PyTorch's gather: the same, but nothing is broadcast. Along the other axes the indices may be shorter than
/// x: what is beyond them is left out.
template <class T, IndexArray Indices>
Tensor<T> gather(const Tensor<T>& x, const Indices& indices, std::ptrdiff_t axis) {
  return detail::gather_integers(x, detail::as_integers(detail::OpName::gather.text(), indices), axis);
}

/// PyTorch's scatter_add, the transpose of gather: x with src[.., i, ..] added to what stands at
/// [.., indices[.., i, ..], ..], for every element of the indices; an index given twice counts twice. src has
/// the shape of the indices, or is broadcast to it (PyTorch leaves out what is beyond them instead). dx = g,
/// dsrc = gather(g, indices, axis). x and src are any operands, at least one of them a tensor.
template <class X, IndexArray Indices, class Src>
requires TensorOperands<X, Src>
auto scatter_add(const X& x, const Indices& indices, const Src& src, std::ptrdiff_t axis) {
  using T = element_type_of<X, Src>;
  constexpr detail::OpName op = detail::OpName::scatter_add;
  detail::check_threads(op.text(), x, src);
  return detail::scatter_add_integers(as_tensor<T>(x), detail::as_integers(op.text(), indices),
                                      as_tensor<T>(src), axis);
}

/// The elements of x where the mask is true, in row-major order, as a vector. The mask is an array of bool
/// (or integers, of which 0 is false), of the shape of x or broadcast to it.
template <class T, IntegralArray Mask>
Tensor<T> mask_select(const Tensor<T>& x, const Mask& mask) {
  return detail::select_by(x, Array<bool>(mask));
}

/// A constant with a row for each label: 1 at the label, 0 elsewhere; its shape is that of the labels and
/// (classes). one_hot<float>(labels, 10) for a Tensor<float>. ValueError for a label that is none of the
/// classes: negative ones do not count from the end.
template <class T = double, IndexArray Labels>
Tensor<T> one_hot(const Labels& labels, std::size_t classes) {
  return detail::one_hot_rows<T>(detail::as_integers("one_hot", labels), classes);
}

}  // namespace gradus
