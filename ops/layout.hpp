#pragma once

#include <initializer_list>
#include <vector>

#include <gradus/ops/axes.hpp>
#include <gradus/ops/operands.hpp>

/// Ops that rearrange elements and compute nothing. Each call is one step, and its gradient is moved back the
/// same way. Every result is an array of its own: also where the elements keep their order they are copied.
/// ShapeError for axes out of range or given twice and for shapes that do not fit.
namespace gradus {

/// The axes in another order: axis d of the result is axis axes[d] of x; without axes they are reversed.
template <class T>
Tensor<T> transpose(Tensor<T> x, const Axes& axes = {});
GRADUS_AXES_FORMS(transpose)

/// The elements in the same order under another shape; an extent of -1, of which there may be one, is what
/// the others leave over.
template <class T>
Tensor<T> reshape(const Tensor<T>& x, const IntList& shape);

/// The elements in the same order along one axis.
template <class T>
Tensor<T> ravel(Tensor<T> x);

/// Two axes in each other's place.
template <class T>
Tensor<T> swapaxes(Tensor<T> x, std::ptrdiff_t axis1, std::ptrdiff_t axis2);

/// Axes moved to other places of the result, the others staying in order. ShapeError unless as many places
/// are given as axes.
template <class T>
Tensor<T> moveaxis(Tensor<T> x, const IntList& axes, const IntList& places);

/// x stretched to a shape under NumPy's rules; the gradient is summed over what was stretched.
template <class T>
Tensor<T> broadcast_to(const Tensor<T>& x, const IntList& shape);

/// Without the axes given, each of extent 1; without any given, all that are.
template <class T>
Tensor<T> squeeze(Tensor<T> x, const Axes& axes = {});
GRADUS_AXES_FORMS(squeeze)

/// With axes of extent 1, which stand at the given places of the result.
template <class T>
Tensor<T> expand_dims(Tensor<T> x, const IntList& axes);
GRADUS_AXES_FORMS(expand_dims)

/// Joined along an axis they have; all other extents must be the same. The list may mix tensors and arrays.
Tensor<float> concatenate(const std::vector<Tensor<float>>& tensors, std::ptrdiff_t axis = 0);
Tensor<double> concatenate(const std::vector<Tensor<double>>& tensors, std::ptrdiff_t axis = 0);

/// Joined along a new axis of the result; all shapes must be the same. Scalars: see ops/bridge.hpp.
Tensor<float> stack(const std::vector<Tensor<float>>& tensors, std::ptrdiff_t axis = 0);
Tensor<double> stack(const std::vector<Tensor<double>>& tensors, std::ptrdiff_t axis = 0);

}  // namespace gradus
