#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

/// A module of a model, as a summary lists it.
struct SummaryRow {
  std::string name = {};                   ///< in its parent; empty: the model itself
  std::string type = {};                   ///< empty: a function
  std::size_t depth = 0;                   ///< 0: the model itself
  std::optional<Shape> output_shape = {};  ///< of its latest run; none: it did not run by way of run_child()
  std::size_t parameters = 0;  ///< numbers that it and its parts have, those shared among them counted once
};

/// What a model consists of.
struct Summary {
  std::vector<SummaryRow> rows = {};  ///< the model itself; then each part, before its own parts
  Shape input_shape = {};
  std::size_t parameters = 0;  ///< numbers in parameters
  std::size_t trainable = 0;   ///< those among them that have a gradient
  std::size_t buffers = 0;     ///< numbers that are kept and not learnt
  std::size_t bytes = 0;       ///< of parameters and buffers

  std::string text() const;
};

/// Runs the model on zeros of the input's shape, the batch included, and says what each of its modules gave
/// and holds. The run records nothing and is in evaluation, so that the model stays as it is. What the model
/// throws for that shape is thrown.
///
///     std::cout << nn::summary(model, {64, 784});
template <class T>
Summary summary(const Module<T>& model, const Shape& input_shape);
template <class M>
requires requires { typename M::value_type; }
Summary summary(const M& model, const Shape& input_shape) {
  return summary(Module<typename M::value_type>(model), input_shape);
}

/// A table: each module, indented under its parent, with its output shape and parameters; then the totals.
std::ostream& operator<<(std::ostream& out, const Summary& summary);

}  // namespace gradus::nn
