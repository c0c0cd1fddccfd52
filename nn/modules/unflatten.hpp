#pragma once

#include <utility>

#include <gradus/nn/modules/module.hpp>
#include <gradus/ops/layout.hpp>

namespace gradus::nn {

/// The rows of x, each with its elements in the same order in an array of a shape of its own: (n, 784)
/// becomes (n, 1, 28, 28). So that convolutions take images that lie as rows; Flatten is its inverse. A
/// module over float and double alike.
///
///     nn::Sequential model{nn::Unflatten{{1, 28, 28}}, nn::Conv2d{1, 16, 5, rng}, ...};
class Unflatten {
 public:
  /// ValueError for a shape without axes, and one with an extent of 0.
  explicit Unflatten(Shape row) : row_(std::move(row)) {
    if (row_.empty() || count(row_) == 0)
      throw ValueError("[Unflatten] shape " + to_string(row_) +
                       " of a row: expected an extent or more, none of them 0, such as (1,28,28)");
  }

  /// ShapeError unless each row of x has as many elements as the shape.
  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    const Shape& shape = x.shape();
    if (shape.empty() || count(Shape(shape.begin() + 1, shape.end())) != count(row_))
      throw ShapeError("[Unflatten] input " + to_string(shape) + ": expected (n," +
                       std::to_string(count(row_)) + "), rows that become " + to_string(row_));
    Shape whole{shape[0]};
    whole.insert(whole.end(), row_.begin(), row_.end());
    return reshape(x, whole);
  }

  const Shape& row_shape() const { return row_; }

  template <class T>
  ModuleParts<T> parts() const {
    return {.type = "Unflatten",
            .attributes = {{"shape", std::vector<std::ptrdiff_t>(row_.begin(), row_.end())}}};
  }

 private:
  Shape row_;
};

}  // namespace gradus::nn
