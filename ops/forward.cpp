#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/sweep.hpp>
#include <gradus/ops/forward.hpp>
#include <gradus/ops/graph_flow.hpp>

namespace gradus::detail {
namespace {

/// d <contribution(g), tangent> / dg. The contribution is linear in g, and a graph of it; what else lies in
/// it
/// (`constants`, where it ends) is not looked into.
template <class T>
Tensor<T> transposed(const Tensor<T>& contribution, const Tensor<T>& g, const Tensor<T>& tangent,
                     const std::vector<Node*>& constants) {
  Sweep sweep("jvp", *contribution.node(), true, constants);
  if (!sweep.reaches(*g.node())) return zeros_like(g);
  sweep.keep_ways_to(*g.node());
  GraphGradients found;
  found.set(*contribution.node(), tangent);
  sweep.record(found);
  const Tensor<T>* const result = found.find(*g.node());
  return result ? *result : zeros_like(g);
}

Sweep sweep_from(const Scalar& y) { return Sweep("jvp", y, true); }
template <class T>
Sweep sweep_from(const Tensor<T>& y) {
  return Sweep("jvp", *y.node(), true);
}

const Scalar* find(const GraphTangents& tangents, const Scalar& y) { return tangents.find(y.step()); }
template <class T>
const Tensor<T>* find(const GraphTangents& tangents, const Tensor<T>& y) {
  return tangents.find(*y.node());
}
void set(GraphTangents& tangents, const Scalar& x, const Scalar& tangent) { tangents.set(x.step(), tangent); }
template <class T>
void set(GraphTangents& tangents, const Tensor<T>& x, const Tensor<T>& tangent) {
  tangents.set(*x.node(), tangent);
}

/// Whether a sweep reaches variables that have no tangent.
bool reaches_others(Sweep& sweep, const GraphTangents& tangents) {
  const PooledVector<Step>& variables = sweep.scalars().variables();
  return std::any_of(sweep.nodes().begin(), sweep.nodes().end(),
                     [&](const Ref<Node>& node) { return node->is_variable() && !tangents.has(*node); }) ||
         std::any_of(variables.begin(), variables.end(), [&](Step v) { return !tangents.find(v); });
}

void check_number(std::size_t inputs, std::size_t tangents) {
  if (tangents != inputs)
    throw ValueError("[jvp] " + std::to_string(tangents) + " tangents for " + std::to_string(inputs) +
                     " inputs: expected one for each");
}

}  // namespace

template <class Y, class X>
ValueAndTangent<Y> push_forward(const Y& y, const std::vector<X>& at, const std::vector<X>& tangents,
                                bool may_record) {
  if (!y.requires_grad()) return {y, zeros_like(y)};
  GraphTangents found;
  bool is_recorded = false;
  for (std::size_t i = 0; i < at.size(); ++i) {
    set(found, at[i], tangents[i]);
    is_recorded = is_recorded || tangents[i].requires_grad();
  }
  Sweep sweep = sweep_from(y);
  is_recorded = may_record && (is_recorded || reaches_others(sweep, found));
  const RecordingScope scope(is_recorded);
  sweep.push_forward(found);
  const Y* const tangent = find(found, y);
  const Y result = tangent ? *tangent : zeros_like(y);
  if (is_recorded) return {y, result};
  return {y.detach(), result.detach()};
}

void check_tangents(const std::vector<Scalar>& inputs, const std::vector<Scalar>& tangents) {
  check_number(inputs.size(), tangents.size());
  for (const auto* list : {&inputs, &tangents})
    for (const Scalar& x : *list) x.check_thread("jvp");
}

template <class T>
void check_tangents(const std::vector<Tensor<T>>& inputs, const std::vector<Tensor<T>>& tangents) {
  check_number(inputs.size(), tangents.size());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (tangents[i].shape() != inputs[i].shape())
      throw ShapeError("[jvp] tangent " + std::to_string(i) + " of shape " + to_string(tangents[i].shape()) +
                       ": expected " + to_string(inputs[i].shape()) + ", the shape of its input");
}

template ValueAndTangent<Scalar> push_forward(const Scalar&, const std::vector<Scalar>&,
                                              const std::vector<Scalar>&, bool);
#define GRADUS_INSTANTIATE(T)                                                                       \
  template ValueAndTangent<Tensor<T>> push_forward(const Tensor<T>&, const std::vector<Scalar>&,    \
                                                   const std::vector<Scalar>&, bool);               \
  template ValueAndTangent<Tensor<T>> push_forward(const Tensor<T>&, const std::vector<Tensor<T>>&, \
                                                   const std::vector<Tensor<T>>&, bool);            \
  template void check_tangents(const std::vector<Tensor<T>>&, const std::vector<Tensor<T>>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

template <class T>
void push_by_transposing(TensorNode<T>& step, GraphTangents& tangents) {
  const TangentFlow<T> flow(step, tangents);
  if (flow.is_constant()) return;
  std::vector<Node*> constants{&step};
  for (const Ref<Node>& input : step.inputs())
    if (input) constants.push_back(input.get());

  const Tensor<T> g = variable(full_array<T>(step.shape(), T(1)));
  GraphGradients contributions;
  {
    const RecordingScope on(true);
    contributions.set(step, g);
    step.differentiate(contributions);
  }
  std::unordered_set<const Node*> done;  // an input may be used twice; its contributions are one
  for (std::size_t i = 0; i < step.inputs().size(); ++i) {
    const Tensor<T>* const tangent = flow[i];
    if (!tangent || !done.insert(step.inputs()[i].get()).second) continue;
    const auto& input = static_cast<const TensorNode<T>&>(*step.inputs()[i]);
    const Tensor<T>* const contribution = contributions.find(input);
    if (contribution && contribution->requires_grad())
      flow.add(transposed(*contribution, g, *tangent, constants));
  }
}
template void push_by_transposing(TensorNode<float>&, GraphTangents&);
template void push_by_transposing(TensorNode<double>&, GraphTangents&);

}  // namespace gradus::detail
