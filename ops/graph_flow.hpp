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

/// How a gradient flows through a step in a sweep that is recorded (GradOptions::create_graph), and a tangent
/// in a forward sweep: as handles, through ops.
namespace gradus::detail {

/// A gradient of the shape `to`, summed over the axes that were stretched: a step. Itself for its own shape.
template <class T>
Tensor<T> undo_broadcast(const Tensor<T>& gradient, const Shape& to);

/// Adds a contribution to the gradient or tangent of a scalar step.
inline void add_to(GraphHandles& sums, Step s, const Scalar& contribution) {
  const Scalar* const before = sums.find(s);
  sums.set(s, before ? *before + contribution : contribution);
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

/// What rules on handles may read of a step.
template <class T>
class StepHandles {
 public:
  /// The shape of an input that needs a gradient.
  const Shape& shape(std::size_t i) const { return node(i)->shape(); }
  std::size_t size() const { return step_.inputs().size(); }

  /// The handle of the step's result, and of an input, for rules that read them: their values and the nodes
  /// that gradients of gradients go on to.
  Tensor<T> result(const Ref<Value<T>>& y) const {
    return Tensor<T>(step_observer ? step_observer->shown(step_, y) : y, Ref<TensorNode<T>>(&step_));
  }
  Tensor<T> input(std::size_t i, const Ref<Value<T>>& x) const {
    return Tensor<T>(x, Ref<TensorNode<T>>(node(i)));
  }

 protected:
  explicit StepHandles(TensorNode<T>& step) : step_(step) {}

  TensorNode<T>* node(std::size_t i) const { return static_cast<TensorNode<T>*>(step_.inputs()[i].get()); }
  /// The nodes of the inputs, each once.
  std::vector<Node*> input_nodes() const {
    std::vector<Node*> nodes;
    for (std::size_t i = 0; i < size(); ++i)
      if (node(i) && std::find(nodes.begin(), nodes.end(), node(i)) == nodes.end()) nodes.push_back(node(i));
    return nodes;
  }

  TensorNode<T>& step_;
};

/// The incoming gradient of a step, and the ways on to its inputs.
template <class T>
class GraphFlow : public StepHandles<T> {
 public:
  GraphFlow(Tensor<T> gradient, TensorNode<T>& step, GraphGradients& gradients)
      : StepHandles<T>(step), g(std::move(gradient)), gradients_(gradients) {}

  const Tensor<T> g;

  GraphSlot<T> operator[](std::size_t i) const { return {this->node(i), gradients_}; }

  /// Flows the way of another expression of the same inputs and the same value.
  void like(const Tensor<T>& y) const {
    if (!y.requires_grad()) return;
    const std::vector<Node*> stops = this->input_nodes();
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
  GraphGradients& gradients_;
};

/// The tangents of a step's inputs, and the way on to its own: dy = sum_i dy/dx_i dx_i.
template <class T>
class TangentFlow : public StepHandles<T> {
 public:
  TangentFlow(TensorNode<T>& step, GraphTangents& tangents) : StepHandles<T>(step), tangents_(tangents) {}

  /// The tangent of an input; null: it does not change.
  const Tensor<T>* operator[](std::size_t i) const {
    return this->node(i) ? tangents_.find(*this->node(i)) : nullptr;
  }
  bool is_constant() const {
    for (std::size_t i = 0; i < this->size(); ++i)
      if ((*this)[i]) return false;
    return true;
  }

  const Shape& result_shape() const { return this->step_.shape(); }
  /// Adds a contribution of the shape of the result, or of a shape that is stretched to it.
  void add(const Tensor<T>& contribution) const;

  /// The way of another expression of the same inputs and the same value, which is recorded for this.
  template <class Record>
  void like(const Record& record) const {
    const Tensor<T> y = [&] {
      const RecordingScope on(true);
      return record();
    }();
    if (!y.requires_grad()) return;
    const std::vector<Node*> stops = this->input_nodes();
    Sweep sweep("jvp", *y.node(), true, stops);
    GraphTangents found(&tangents_);
    sweep.push_forward(found);
    if (const Tensor<T>* const tangent = found.find(*y.node())) add(*tangent);
  }

 private:
  GraphTangents& tangents_;
};

}  // namespace gradus::detail
