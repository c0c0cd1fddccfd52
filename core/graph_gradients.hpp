#pragma once

#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include <gradus/core/tensor.hpp>

namespace gradus::detail {

/// A handle for nodes and scalar steps: what a sweep that is recorded itself has found for them.
class GraphHandles {
 public:
  GraphHandles() = default;
  virtual ~GraphHandles() = default;
  GraphHandles(const GraphHandles&) = delete;
  GraphHandles& operator=(const GraphHandles&) = delete;

  /// Null: there is none.
  template <class T>
  const Tensor<T>* find(const TensorNode<T>& node) const {
    const AnyValue* const held = find_node(node);
    return held ? &static_cast<const Held<T>&>(*held).tensor : nullptr;
  }
  template <class T>
  void set(const TensorNode<T>& node, Tensor<T> handle) {
    tensors_[&node] = Ref<AnyValue>(new Held<T>(std::move(handle)));
  }
  bool has(const Node& node) const { return find_node(node) != nullptr; }

  virtual const Scalar* find(Step s) const {
    const auto entry = scalars_.find(s);
    if (entry != scalars_.end()) return &entry->second;
    return outer_ ? outer_->find(s) : nullptr;
  }
  void set(Step s, Scalar handle) {
    scalars_[s] = std::move(handle);
    has_steps_ = has_steps_ || !is_variable(s);
  }
  /// Whether some Scalar in it may be no variable.
  bool has_steps() const { return has_steps_ || (outer_ && outer_->has_steps()); }

 protected:
  /// What is not found here is looked for in `outer`.
  explicit GraphHandles(const GraphHandles* outer) : outer_(outer) {}

 private:
  template <class T>
  struct Held final : AnyValue {
    explicit Held(Tensor<T> t) : tensor(std::move(t)) {}
    Tensor<T> tensor;
  };

  const AnyValue* find_node(const Node& node) const {
    const auto entry = tensors_.find(&node);
    if (entry != tensors_.end()) return entry->second.get();
    return outer_ ? outer_->find_node(node) : nullptr;
  }

  const GraphHandles* outer_ = nullptr;
  std::unordered_map<const Node*, Ref<AnyValue>> tensors_;
  std::unordered_map<Step, Scalar> scalars_;
  bool has_steps_ = false;
};

/// The gradients of a sweep that is recorded itself, so that they can be differentiated again. What a step
/// adds to them is recorded by the rules of the ops (ops/graph_flow.hpp).
class GraphGradients : public GraphHandles {};

/// The tangents of a forward sweep: how what lies there changes with what is differentiated by. None: it does
/// not.
class GraphTangents : public GraphHandles {
 public:
  GraphTangents() = default;
  /// Of a part of the graph that is swept by itself; what is not found here is looked for in `outer`.
  explicit GraphTangents(const GraphTangents* outer) : GraphHandles(outer) {}

  using GraphHandles::find;
  const Scalar* find(Step s) const override {
    const auto block = numbers_.upper_bound(s);
    if (block == numbers_.begin()) return GraphHandles::find(s);
    const auto& [low, tangents] = *std::prev(block);
    const auto offset = static_cast<std::size_t>(s - low);
    if (offset >= tangents.size()) return GraphHandles::find(s);
    return is_unreached(tangents[offset].value()) ? nullptr : &tangents[offset];
  }

  /// Room for the tangents of steps `low` to `high` where nothing is recorded: numbers, "unreached" where
  /// none is known yet.
  std::span<Scalar> numbers(Step low, Step high) {
    std::vector<Scalar>& tangents = numbers_[low];
    tangents.assign(static_cast<std::size_t>(high - low + 1), Scalar(unreached));
    for (Step s = low; has_steps() && s <= high; ++s)
      if (const Scalar* const known = GraphHandles::find(s))
        tangents[static_cast<std::size_t>(s - low)] = *known;
    return tangents;
  }

 private:
  std::map<Step, std::vector<Scalar>> numbers_;  // by the first step
};

}  // namespace gradus::detail
