#pragma once

#include <unordered_map>

#include <gradus/core/tensor.hpp>

namespace gradus::detail {

/// The gradients of a sweep that is recorded itself, so that they can be differentiated again: a handle for
/// every node and scalar step that one has reached. What a step adds to them is recorded by the rules of the
/// ops (ops/graph_flow.hpp).
class GraphGradients {
 public:
  /// Null: no gradient has reached the node.
  template <class T>
  const Tensor<T>* find(const TensorNode<T>& node) const {
    const auto entry = tensors_.find(&node);
    return entry == tensors_.end() ? nullptr : &static_cast<const Held<T>&>(*entry->second).tensor;
  }
  template <class T>
  void set(const TensorNode<T>& node, Tensor<T> gradient) {
    tensors_[&node] = Ref<AnyValue>(new Held<T>(std::move(gradient)));
  }

  const Scalar* find(Step s) const {
    const auto entry = scalars_.find(s);
    return entry == scalars_.end() ? nullptr : &entry->second;
  }
  void set(Step s, Scalar gradient) { scalars_[s] = std::move(gradient); }

 private:
  template <class T>
  struct Held final : AnyValue {
    explicit Held(Tensor<T> t) : tensor(std::move(t)) {}
    Tensor<T> tensor;
  };

  std::unordered_map<const Node*, Ref<AnyValue>> tensors_;
  std::unordered_map<Step, Scalar> scalars_;
};

}  // namespace gradus::detail
