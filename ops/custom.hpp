#pragma once

#include <utility>
#include <vector>

#include <gradus/ops/composed_rule.hpp>

namespace gradus {

/// An op of your own, as one step. `forward(inputs)` computes the value, a tensor or an array, and is not
/// recorded; `vjp(g, inputs, y)` returns the gradient of each input, given that of the result, in terms of
/// ops: so it can be differentiated itself. `name`, a string literal, appears in messages.
///
///     const auto cube = [](const Tensor<double>& x) {
///       return custom_op("cube", {x},
///                        [](const auto& in) { return in[0] * in[0] * in[0]; },
///                        [](const auto& g, const auto& in, const auto&) {
///                          return std::vector{flow(g, 3 * square(in[0]))};
///                        });
///     };
///
/// When the rule is swept: GraphError for a wrong number of gradients, ShapeError for a wrong shape.
template <class T, class Forward, class Vjp>
Tensor<T> custom_op(const char* name, const std::vector<Tensor<T>>& inputs, const Forward& forward, Vjp vjp) {
  auto y = detail::value_off_the_record([&] { return Tensor<T>(forward(inputs)).shared_value(); });
  return detail::record_composed(detail::OpName::custom_op.called(name), std::move(y), inputs,
                                 std::move(vjp));
}
template <class Forward, class Vjp>
Tensor<float> custom_op(const char* name, std::initializer_list<Tensor<float>> inputs, const Forward& forward,
                        Vjp vjp) {
  return custom_op<float>(name, std::vector<Tensor<float>>(inputs), forward, std::move(vjp));
}
template <class Forward, class Vjp>
Tensor<double> custom_op(const char* name, std::initializer_list<Tensor<double>> inputs,
                         const Forward& forward, Vjp vjp) {
  return custom_op<double>(name, std::vector<Tensor<double>>(inputs), forward, std::move(vjp));
}

}  // namespace gradus
