#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gradus/ops/operands.hpp>

/// What losses of class labels check and share.
namespace gradus::detail {

/// ShapeError unless the logits are (batch, classes) and the labels (batch); ValueError for a label that is
/// neither a class nor the one to ignore. Messages begin with [op].
void check_labels(const char* op, const Shape& logits, const Integers& labels,
                  std::optional<std::int64_t> ignored = {});

/// ValueError unless there are no weights or one for each class, finite and 0 or above.
void check_class_weights(const char* op, const std::vector<double>& weights, std::size_t classes);

/// What each row weighs: the weight of its class (1 where there are none), 0 for the label to ignore.
std::vector<double> row_weights(const Integers& labels, const std::vector<double>& weights,
                                std::optional<std::int64_t> ignored);

/// total / weight. Where nothing is weighed that is NaN, and the gradient is 0.
template <class T>
Tensor<T> weighted_mean(const Tensor<T>& total, double weight);

}  // namespace gradus::detail
