#pragma once

#include <vector>

#include <gradus/core/no_grad.hpp>
#include <gradus/core/step_observer.hpp>
#include <gradus/ops/step.hpp>

namespace gradus::detail {

/// f(), whose steps are no part of the graph: the value of an op that computes it by means of others.
template <class F>
auto value_off_the_record(const F& f) {
  const RecordingScope off(false);
  const ObserverScope none;
  return f();
}

/// A vector-Jacobian product written in ops: f(g, inputs, y) returns a contribution for each input, of its
/// shape or of one it was broadcast to. It serves plain sweeps, which record nothing, and recorded ones.
template <class T, class F>
struct ComposedVjp {
  OpName op;
  F f;
  std::vector<Tensor<T>> inputs;
  Ref<Value<T>> y;

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    const RecordingScope off(false);
    const std::vector<Tensor<T>> contributions = call(Tensor<T>(g, nullptr), Tensor<T>(y, nullptr));
    for (std::size_t i = 0; i < inputs.size(); ++i) dx[i].add(contributions[i].shared_value());
  }
  void record(const GraphFlow<T>& flow) const {
    const std::vector<Tensor<T>> contributions = call(flow.g, flow.result(y));
    for (std::size_t i = 0; i < inputs.size(); ++i) flow[i].add(contributions[i]);
  }

 private:
  std::vector<Tensor<T>> call(const Tensor<T>& g, const Tensor<T>& result) const {
    std::vector<Tensor<T>> contributions = f(g, inputs, result);
    if (contributions.size() != inputs.size())
      throw GraphError(op.tag() + "the rule returned " + std::to_string(contributions.size()) +
                       " gradients: expected one for each of the " + std::to_string(inputs.size()) +
                       " inputs");
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (broadcast_shapes(op.text(), contributions[i].shape(), inputs[i].shape()) !=
          contributions[i].shape())
        throw ShapeError(op.tag() + "the rule returned a gradient of shape " +
                         to_string(contributions[i].shape()) + " for input " + std::to_string(i) +
                         " of shape " + to_string(inputs[i].shape()) + ": expected the same");
    return contributions;
  }
};

/// y as a step whose vector-Jacobian product is written in ops.
template <class T, class F>
Tensor<T> record_composed(OpName op, Ref<Value<T>> y, std::vector<Tensor<T>> inputs, F f) {
  std::vector<Ref<Node>> nodes;
  for (const Tensor<T>& input : inputs) nodes.push_back(input.node());
  ComposedVjp<T, F> vjp{op, std::move(f), std::move(inputs), y};
  return record(op, std::move(y), std::move(nodes), std::move(vjp));
}

}  // namespace gradus::detail
