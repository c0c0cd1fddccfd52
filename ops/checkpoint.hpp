#pragma once

#include <concepts>
#include <utility>
#include <vector>

#include <gradus/core/backward.hpp>
#include <gradus/core/replay.hpp>
#include <gradus/core/sweep.hpp>
#include <gradus/ops/step.hpp>

namespace gradus {
namespace detail {

[[noreturn]] inline void fail_captured(const std::string& what) {
  throw GraphError("[checkpoint] f uses " + what +
                   " without being given it: only tensors of the inputs' element type may be used so");
}

/// The variables that y was made from. GraphError for one that a sweep of the step could not serve.
template <class T>
std::vector<Tensor<T>> variables_behind(const Tensor<T>& y) {
  std::vector<Tensor<T>> variables;
  if (!y.requires_grad()) return variables;
  Sweep sweep("checkpoint", *y.node(), true);
  for (const Step scalar : sweep.scalars().variables())
    fail_captured(variable_text(thread_record, scalar) + ", a Scalar,");
  for (const Ref<Node>& node : sweep.nodes()) {
    if (!node->is_variable()) continue;
    auto* const variable = dynamic_cast<VariableNode<T>*>(node.get());
    if (!variable) fail_captured(node->text() + ", of another element type,");
    variables.push_back(Tensor<T>(nullptr, Ref<TensorNode<T>>(variable)));
  }
  return variables;
}

/// A variable that shares its first value with x.
template <class T>
Tensor<T> variable_of(const Tensor<T>& x) {
  return Tensor<T>(nullptr, Ref<TensorNode<T>>(new VariableNode<T>(x.shared_value())));
}

/// Runs f again, on variables of its own in place of the inputs, and sweeps that.
template <class T, class F>
struct CheckpointVjp {
  F f;
  std::vector<Tensor<T>> inputs, captured;
  ReplayNotes notes;

  Tensor<T> again(const std::vector<Tensor<T>>& in) const {
    const Replay replay(notes);
    return f(in);
  }

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    const RecordingScope on(true);
    std::vector<Tensor<T>> variables;
    for (const Tensor<T>& input : inputs) variables.push_back(variable_of(input));
    const Tensor<T> y = again(variables);
    variables.insert(variables.end(), captured.begin(), captured.end());
    const std::vector<Tensor<T>> gradients = grad_in_part(y, variables, Tensor<T>(g, nullptr));
    for (std::size_t i = 0; i < gradients.size(); ++i) dx[i].add(gradients[i].shared_value());
  }
  void record(const GraphFlow<T>& flow) const { flow.like(again(inputs)); }
  void push(const TangentFlow<T>& flow) const {
    flow.like([this] { return again(inputs); });
  }
};

}  // namespace detail

/// f(inputs) as one step that keeps only the inputs: a backward sweep runs f again for what it needs (A.
/// Griewank, A. Walther, "Evaluating Derivatives" (2008), chapter 12). Memory for time: each part of a
/// network that is checkpointed costs one more forward pass, and nothing of it is kept in between. Variables
/// that f uses without being given them (the parameters of a layer) get their gradients too; they must not
/// change before the sweep. f must compute the same again: dropout and batch normalisation do, with the masks
/// of the first run and statistics that follow it alone; functions of one's own do by as_at_first() and
/// is_replay(). GraphError when f uses variables of another kind:
/// Scalars, or tensors of another element type.
template <class T, class F>
requires std::invocable < const F&, const std::vector<Tensor<T>>
& > Tensor<T> checkpoint(F f, const std::vector<Tensor<T>>& inputs) {
  detail::CheckpointVjp<T, F> vjp{std::move(f), inputs, {}, {}};
  const Tensor<T> y = [&] {
    const detail::ObserverScope none;
    const detail::Replay first(vjp.notes);
    std::vector<Tensor<T>> constants;
    for (const Tensor<T>& input : inputs) constants.push_back(input.detach());
    return vjp.f(std::as_const(constants));
  }();
  vjp.captured = detail::variables_behind(y);
  std::vector<detail::Ref<detail::Node>> nodes;
  for (const auto* list : {&vjp.inputs, &vjp.captured})
    for (const Tensor<T>& x : *list) nodes.push_back(x.node());
  return detail::record(detail::OpName::checkpoint, y.shared_value(), std::move(nodes), std::move(vjp));
}
template <class T, class F>
Tensor<T> checkpoint(F f, std::initializer_list<Tensor<T>> inputs) {
  return checkpoint(std::move(f), std::vector<Tensor<T>>(inputs));
}

}  // namespace gradus
