#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <gradus/core/step_observer.hpp>
#include <gradus/core/tensor.hpp>

/// A function under check, taken apart into its tensor steps.
namespace gradus::detail {

using Elements = std::vector<double>;

/// A result of the function, and by what its elements are multiplied before they are summed.
struct TracedRoot {
  std::variant<Scalar, Tensor<float>, Tensor<double>> y;
  Elements weights;
};

/// A variable that the function is called with.
struct TracedInput {
  Ref<Node> node;  ///< null: a Scalar
  std::string name;
  Shape shape;
  Elements base;       ///< its value
  Elements direction;  ///< in which the derivatives differ
  std::function<void(const Elements&)> assign;
};

/// A tensor step as the first run has seen it.
struct TracedStep {
  Ref<Node> node;  ///< null: an op whose result was not recorded
  bool is_single = false;
  Shape shape;
  Ref<AnyValue> value;
  std::vector<std::size_t> inputs;  ///< the source each input of the step is; `no_source` for others
};

/// Inputs and steps are numbered together: inputs first, then steps in the order of recording.
inline constexpr std::size_t no_source = ~std::size_t{0};

Elements elements_of(const AnyValue& value, bool is_single);
Ref<AnyValue> value_from(const Elements& elements, const Shape& shape, bool is_single);

/// The gradients that a step's own rule passes on to its inputs, one for each (those of an input that is
/// given twice are summed, under its first place), for this gradient of the result. No other gradient
/// changes.
std::vector<Elements> own_gradients(const TracedStep& step, const Elements& incoming);
/// The same by the recorded form of the rule.
std::vector<Elements> own_recorded_gradients(const TracedStep& step, const Elements& incoming);

/// Records the function once and looks at how it is recorded again with other inputs.
class Trace final : public StepObserver {
 public:
  /// Runs the function for the first time.
  Trace(std::function<std::vector<TracedRoot>()> record, const std::vector<TracedInput>& inputs);

  const std::vector<TracedStep>& steps() const { return steps_; }
  const std::vector<TracedInput>& inputs() const { return inputs_; }
  const std::vector<TracedRoot>& roots() const { return roots_; }
  const Elements& base(std::size_t source) const;
  const Shape& shape(std::size_t source) const;

  /// Runs it with every input moved by t along its direction; the value of every step.
  std::vector<Elements> moved(double t);
  /// Runs it with one source moved and every other step, once computed, put back to what it was at first:
  /// what is returned is `step` computed from inputs of which only that one has changed. So are values that
  /// leave the graph.
  Elements moved_alone(std::size_t source, const Elements& by, double t, std::size_t step);

  /// Whether every run has recorded the same steps as the first.
  bool is_repeatable() const { return is_repeatable_; }

  Ref<Value<float>> recorded(TensorNode<float>* step, Ref<Value<float>> value) override;
  Ref<Value<double>> recorded(TensorNode<double>* step, Ref<Value<double>> value) override;
  Ref<Value<float>> detached(const TensorNode<float>& node, Ref<Value<float>> value) override;
  Ref<Value<double>> detached(const TensorNode<double>& node, Ref<Value<double>> value) override;
  Ref<Value<float>> shown(const TensorNode<float>& step, Ref<Value<float>> value) override;
  Ref<Value<double>> shown(const TensorNode<double>& step, Ref<Value<double>> value) override;

 private:
  enum class Mode { first, following, freezing };

  template <class T>
  Ref<Value<T>> see(TensorNode<T>* step, Ref<Value<T>> value);
  template <class T>
  Ref<Value<T>> frozen(const TensorNode<T>& node, Ref<Value<T>> value, bool is_outside) const;
  bool is_same(const TracedStep& now) const;
  void run(Mode mode);
  void restore();

  std::function<std::vector<TracedRoot>()> record_;
  std::vector<TracedInput> inputs_;
  std::vector<TracedStep> steps_;
  std::vector<TracedRoot> roots_;
  bool is_repeatable_ = true;

  // Of the run that is under way.
  Mode mode_ = Mode::first;
  std::size_t next_ = 0, moved_ = no_source, wanted_ = no_source;
  Ref<AnyValue> moved_value_;
  std::unordered_map<const Node*, std::size_t> sources_;
  std::vector<Ref<Node>> kept_;  // so that no two steps have one address
  std::vector<Elements> seen_;
  std::vector<Elements> bases_;
};

}  // namespace gradus::detail
