#pragma once

#include <gradus/nn/modules/module.hpp>
#include <gradus/ops/layout.hpp>

namespace gradus::nn {

/// The rows of x, each with its elements in the same order along one axis: (n, a, b ..) becomes (n, a b ..),
/// (n) becomes (n, 1). A module over float and double alike.
struct Flatten {
  /// ShapeError for a tensor without axes.
  template <class T>
  Tensor<T> operator()(const Tensor<T>& x) const {
    return reshape(x, flat(x.shape()));
  }
  template <class T>
  ModuleParts<T> parts() const {
    return {.type = "Flatten"};
  }

 private:
  static Shape flat(const Shape& shape) {
    if (shape.empty()) throw ShapeError("[Flatten] input (): expected an axis or more");
    return {shape[0], count(Shape(shape.begin() + 1, shape.end()))};
  }
};

}  // namespace gradus::nn
