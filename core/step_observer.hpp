#pragma once

#include <utility>

#include <gradus/core/node.hpp>

/// How the gradient check, pictures and staged code look into a function while it runs.
namespace gradus::detail {

/// Is told of each tensor step of its thread as it is recorded, and may put another value in the place of
/// the one that was computed. Scalar steps are not observed.
class StepObserver {
 public:
  virtual ~StepObserver() = default;

  /// A step has been recorded, or the result of an op that was not because of NoGrad (`step` is null then):
  /// returns the value that its handle gets.
  virtual Ref<Value<float>> recorded(TensorNode<float>* step, Ref<Value<float>> value) = 0;
  virtual Ref<Value<double>> recorded(TensorNode<double>* step, Ref<Value<double>> value) = 0;

  /// The value that leaves the graph where a handle is detached.
  virtual Ref<Value<float>> detached(const TensorNode<float>& node, Ref<Value<float>> value) = 0;
  virtual Ref<Value<double>> detached(const TensorNode<double>& node, Ref<Value<double>> value) = 0;

  /// The value a step's handle got, for rules that saved the one that was computed.
  virtual Ref<Value<float>> shown(const TensorNode<float>& step, Ref<Value<float>> value) = 0;
  virtual Ref<Value<double>> shown(const TensorNode<double>& step, Ref<Value<double>> value) = 0;

  /// What is recorded from now on belongs to the gradient of this step; null: to none. Returns what was said
  /// before.
  virtual const Node* differentiates(const Node* step) = 0;

  /// Whether ops tell of their inputs and attributes too, in the note of the step (ops/annotate.hpp).
  virtual bool wants_calls() const { return false; }
};

/// Null but for a check that looks for a wrong rule, and an Annotate.
inline constinit thread_local StepObserver* step_observer = nullptr;

/// While one lives its thread has this observer. With none: for ops that record steps of their own which are
/// no part of the graph.
class ObserverScope {
 public:
  explicit ObserverScope(StepObserver* observer = nullptr)
      : before_(std::exchange(step_observer, observer)) {}
  ~ObserverScope() { step_observer = before_; }
  ObserverScope(const ObserverScope&) = delete;
  ObserverScope& operator=(const ObserverScope&) = delete;

 private:
  StepObserver* before_;
};

}  // namespace gradus::detail
