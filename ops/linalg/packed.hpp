#pragma once

#include <vector>

#include <gradus/ops/linalg/matrices.hpp>
#include <gradus/ops/maps.hpp>

namespace gradus::detail {

/// How an op that has several results is one step: the step's value holds them side by side, for each matrix
/// of the batch one row, and each result is a step behind it that takes its columns out. So what the results
/// share is computed once, one rule serves them all, and it is differentiated like any other.
class Packed {
 public:
  /// The shapes of the results for one matrix.
  Packed(Shape batch, std::vector<Shape> results) : batch_(std::move(batch)), results_(std::move(results)) {
    for (const Shape& result : results_) {
      begins_.push_back(width_);
      width_ += count(result);
    }
  }

  Shape shape() const { return with_axes(batch_, {width_}); }

  /// Where result i of a matrix lies.
  template <class T>
  T* at(T* packed, std::size_t matrix, std::size_t i) const {
    return packed + matrix * width_ + begins_[i];
  }

  /// Result i: of the step's value, or its part in the gradient.
  template <class T>
  Tensor<T> get(const Tensor<T>& packed, std::size_t i) const {
    const Columns columns{.from = shape(),
                          .to = with_axes(batch_, results_[i]),
                          .rows = count(batch_),
                          .begin = begins_[i],
                          .width = count(results_[i]),
                          .all_columns = width_};
    return record_linear(columns, packed);
  }

 private:
  Shape batch_;
  std::vector<Shape> results_;
  std::vector<std::size_t> begins_;
  std::size_t width_ = 0;
};

}  // namespace gradus::detail
