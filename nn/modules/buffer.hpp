#pragma once

#include <memory>
#include <utility>

#include <gradus/core/array.hpp>
#include <gradus/core/error.hpp>

namespace gradus::nn {

/// An array that a module keeps and does not learn, such as a running mean: it is saved with the parameters.
/// A handle: copies share the array.
template <class T>
class Buffer {
 public:
  explicit Buffer(Array<T> initial) : array_(std::make_shared<Array<T>>(std::move(initial))) {}

  const Array<T>& value() const { return *array_; }
  const Shape& shape() const { return shape_of(*array_); }
  /// ShapeError when the shape is not the same.
  void set_value(Array<T> value) const {
    if (shape_of(value) != shape())
      throw ShapeError("[set_value] " + to_string(shape_of(value)) + " for a buffer of shape " +
                       to_string(shape()) + ": the shape must stay the same");
    *array_ = std::move(value);
  }

  /// Whether both are handles of one array.
  friend bool operator==(const Buffer& a, const Buffer& b) { return a.array_ == b.array_; }

 private:
  std::shared_ptr<Array<T>> array_;
};

}  // namespace gradus::nn
