#pragma once

#include <concepts>
#include <memory>
#include <vector>

#include <gradus/core/step_observer.hpp>
#include <gradus/core/tensor.hpp>
#include <gradus/ops/op_table.hpp>

namespace gradus {

namespace detail {

/// The call that made a step.
template <class T>
struct CallNote final : StepNote {
  Ref<Value<T>> value;
  std::vector<Tensor<T>> inputs;  // constants too; empty where the op does not tell
  Attributes attributes;
};

/// Remembers the values of steps.
class Annotator final : public StepObserver {
 public:
  Ref<Value<float>> recorded(TensorNode<float>* step, Ref<Value<float>> value) override;
  Ref<Value<double>> recorded(TensorNode<double>* step, Ref<Value<double>> value) override;
  Ref<Value<float>> detached(const TensorNode<float>&, Ref<Value<float>> value) override { return value; }
  Ref<Value<double>> detached(const TensorNode<double>&, Ref<Value<double>> value) override { return value; }
  Ref<Value<float>> shown(const TensorNode<float>&, Ref<Value<float>> value) override { return value; }
  Ref<Value<double>> shown(const TensorNode<double>&, Ref<Value<double>> value) override { return value; }
  const Node* differentiates(const Node* step) override { return std::exchange(differentiated_, step); }
  bool wants_calls() const override { return true; }

 private:
  const Node* differentiated_ = nullptr;
};

inline bool wants_calls() { return step_observer && step_observer->wants_calls(); }

/// For ops: the inputs of a call that is about to be recorded, where somebody wants to know. It holds them,
/// so that none is overwritten by the result.
template <class T>
class Noted {
 public:
  template <std::same_as<Tensor<T>>... Inputs>
  explicit Noted(const Inputs&... inputs) {
    if (wants_calls()) [[unlikely]]
      inputs_ = std::make_unique<std::vector<Tensor<T>>>(std::vector<Tensor<T>>{inputs...});
  }
  explicit Noted(const std::vector<Tensor<T>>& inputs) {
    if (wants_calls()) [[unlikely]]
      inputs_ = std::make_unique<std::vector<Tensor<T>>>(inputs);
  }

  /// The result, which remembers the call. `attributes()` returns what the op takes beside its inputs.
  template <class F>
  Tensor<T> on(Tensor<T> y, const F& attributes) {
    if (inputs_ && y.node()) [[unlikely]]
      remember(y, attributes());
    return y;
  }
  Tensor<T> on(Tensor<T> y) {
    return on(std::move(y), [] { return Attributes(); });
  }

 private:
  void remember(const Tensor<T>& y, Attributes attributes);

  std::unique_ptr<std::vector<Tensor<T>>> inputs_;
};

}  // namespace detail

/// While one lives, each tensor step of its thread remembers what its gradient has no need of: its value, its
/// constant inputs, and what the op was called with. Pictures (graph()) then show values, and staged code
/// (staged_code()) can be written. That memory goes with the graph, or when a sweep releases it. Scalars
/// remember all of it anyway.
class Annotate {
 public:
  Annotate() : scope_(&annotator_) {}

 private:
  detail::Annotator annotator_;
  detail::ObserverScope scope_;
};

}  // namespace gradus
