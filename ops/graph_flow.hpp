#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/step_observer.hpp>
#include <gradus/core/sweep.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/scalar_ops.hpp>

/// How a gradient flows through a step in a sweep that is recorded (GradOptions::create_graph): as handles,
/// through ops.
namespace gradus::detail {

/// A gradient of the shape `to`, summed over the axes that were stretched: a step. Itself for its own shape.
template <class T>
Tensor<T> undo_broadcast(const Tensor<T>& gradient, const Shape& to);

/// Adds a contribution to the gradient of a scalar step.
inline void add_to(GraphGradients& gradients, Step s, const Scalar& contribution) {
  const Scalar* const before = gradients.find(s);
  gradients.set(s, before ? *before + contribution : contribution);
}

/// Where the gradient of one input of a step goes. False for an input that needs none.
template <class T>
class GraphSlot {
 public:
  GraphSlot(TensorNode<T>* node, GraphGradients& gradients) : node_(node), gradients_(gradients) {}

  explicit operator bool() const { return node_ != nullptr; }

  /// Adds a contribution of this shape, or of a shape this one was broadcast to.
  void add(const Tensor<T>& contribution) const {
    if (!node_) return;
    const Tensor<T> fitting = undo_broadcast(contribution, node_->shape());
    const Tensor<T>* const before = gradients_.find(*node_);
    gradients_.set(*node_, before ? *before + fitting : fitting);
  }

 private:
  TensorNode<T>* node_;
  GraphGradients& gradients_;
};

/// The incoming gradient of a step, and the ways on to its inputs.
template <class T>
class GraphFlow {
 public:
  GraphFlow(Tensor<T> gradient, TensorNode<T>& step, GraphGradients& gradients)
      : g(std::move(gradient)), step_(step), gradients_(gradients) {}

  const Tensor<T> g;

  /// The shape of an input that needs a gradient.
  const Shape& shape(std::size_t i) const { return node(i)->shape(); }
  std::size_t size() const { return step_.inputs().size(); }
  GraphSlot<T> operator[](std::size_t i) const { return {node(i), gradients_}; }

  /// The handle of the step's result, and of an input, for rules that read them: their values and the nodes
  /// that gradients of gradients go on to.
  Tensor<T> result(const Ref<Value<T>>& y) const {
    return Tensor<T>(step_observer ? step_observer->shown(step_, y) : y, Ref<TensorNode<T>>(&step_));
  }
  Tensor<T> input(std::size_t i, const Ref<Value<T>>& x) const {
    return Tensor<T>(x, Ref<TensorNode<T>>(node(i)));
  }

  /// Flows the way of another expression of the same inputs and the same value.
  void like(const Tensor<T>& y) const {
    if (!y.requires_grad()) return;
    std::vector<Node*> stops;
    for (std::size_t i = 0; i < size(); ++i)
      if (node(i) && std::find(stops.begin(), stops.end(), node(i)) == stops.end()) stops.push_back(node(i));
    Sweep sweep("grad", *y.node(), true, stops);
    GraphGradients found;
    found.set(*y.node(), g);
    sweep.record(found);
    for (Node* const stop : stops) {
      auto& input = static_cast<TensorNode<T>&>(*stop);
      if (const Tensor<T>* const gradient = found.find(input))
        GraphSlot<T>(&input, gradients_).add(*gradient);
    }
  }

 private:
  TensorNode<T>* node(std::size_t i) const { return static_cast<TensorNode<T>*>(step_.inputs()[i].get()); }

  TensorNode<T>& step_;
  GraphGradients& gradients_;
};

}  // namespace gradus::detail
