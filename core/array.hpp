#pragma once

#include <gradus/core/pool.hpp>
#include <gradus/core/ref.hpp>
#include <gradus/core/shape.hpp>

namespace gradus {

/// What Gradus computes with: an xtensor array, row-major, in pooled memory. It converts to and from
/// xt::xarray<T> and any xtensor expression.
template <class T>
using Array = xt::xarray<T, xt::layout_type::row_major, detail::PoolAllocator<T>>;

/// An uninitialised array. ShapeError for a shape that no array can have (see count), std::bad_alloc for one
/// that memory cannot hold.
template <class T>
Array<T> empty_array(const Shape& shape) {
  count(shape);
  return Array<T>(typename Array<T>::shape_type(shape));
}

/// An array of one value. Errors as for empty_array.
template <class T>
Array<T> full_array(const Shape& shape, T value) {
  count(shape);
  return Array<T>(typename Array<T>::shape_type(shape), value);
}

template <class T>
const Shape& shape_of(const Array<T>& array) {
  return array.shape();
}
template <class T>
Shape shape_of(Array<T>&& array) = delete;  // it would refer to what is gone

namespace detail {

/// A shared array of either element type.
struct AnyValue : RefCounted, Pooled {
  virtual ~AnyValue() = default;
};

inline void destroy(AnyValue* value) { delete value; }

/// An array that handles, saved inputs and gradients share. It is not changed while it is shared.
template <class T>
struct Value final : AnyValue {
  explicit Value(Array<T> a) : array(std::move(a)) {}
  explicit Value(const Shape& shape) : array(empty_array<T>(shape)) {}
  Array<T> array;
};

template <class T>
Ref<Value<T>> make_value(Array<T> array) {
  return Ref<Value<T>>(new Value<T>(std::move(array)));
}

/// An uninitialised array, made where it will stay: an xtensor array is slow to move.
template <class T>
Ref<Value<T>> empty_value(const Shape& shape) {
  return Ref<Value<T>>(new Value<T>(shape));
}

}  // namespace detail
}  // namespace gradus
