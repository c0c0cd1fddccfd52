#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/scalar_sweep.hpp>
#include <gradus/ops/graph_flow.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/op_codes.hpp>
#include <gradus/ops/scalar_ops.hpp>

/// The sweep of scalar steps when it is recorded itself: what ops/scalar_sweep.cpp does with numbers, by the
/// same rules, with handles.
namespace gradus::detail {
namespace {

/// One step that is swept: its gradient, its operands, and where their gradients go.
class RecordedScalarSweep {
 public:
  RecordedScalarSweep(Record& record, GraphGradients& gradients) : record_(record), gradients_(gradients) {}

  void sweep(Step s) {
    const Scalar* const arrived = gradients_.find(s);
    if (!arrived) return;
    const Scalar g = *arrived;
    const Entry& e = record_.entries[s];
    std::uint8_t code = e.op();
    is_fused_ = e.is_fused();
    if (is_fused_) {
      add(e.c, g);
      code = static_cast<std::uint8_t>(code - first_fused_code);
    }
    switch (code) {
#define GRADUS_CASE(function, Rule) \
  case Rule##_code:                 \
    return unary<rules::Rule>(s, g);
      GRADUS_UNARY_OPS(GRADUS_CASE)
#undef GRADUS_CASE
#define GRADUS_CASES(function, Rule)               \
  case Rule##_code:                                \
    return binary<rules::Rule>(s, g);              \
  case Rule##_code + first_constant:               \
    return with_first_constant<rules::Rule>(s, g); \
  case Rule##_code + second_constant:              \
    return with_second_constant<rules::Rule>(s, g);
      GRADUS_BINARY_OPS(GRADUS_CASES)
#undef GRADUS_CASES
      case bridge_code:
        return deliver(*__builtin_bit_cast(Node*, record_.extra[s]), g);
      default:
        return;  // a reclaimed step: collecting found it before
    }
  }

 private:
  template <class Rule>
  void unary(Step s, const Scalar& g) {
    const Step input = record_.entries[s].a;
    const Scalar x = handle_of(input), y = is_fused_ ? Rule::forward(x) : handle_of(s);
    add(input, flow(g, Rule::dx(x, y)));
  }
  template <class Rule>
  void binary(Step s, const Scalar& g) {
    const Step first = record_.entries[s].a, second = record_.entries[s].b;
    const Scalar a = handle_of(first), b = handle_of(second),
                 y = is_fused_ ? Rule::forward(a, b) : handle_of(s);
    add(first, flow(g, Rule::da(a, b, y)));
    add(second, flow(g, Rule::db(a, b, y)));
  }
  template <class Rule>
  void with_first_constant(Step s, const Scalar& g) {
    const Step input = record_.entries[s].a;
    const Scalar a = record_.extra[s], b = handle_of(input),
                 y = is_fused_ ? Rule::forward(a, b) : handle_of(s);
    add(input, flow(g, Rule::db(a, b, y)));
  }
  template <class Rule>
  void with_second_constant(Step s, const Scalar& g) {
    const Step input = record_.entries[s].a;
    const Scalar a = handle_of(input), b = record_.extra[s],
                 y = is_fused_ ? Rule::forward(a, b) : handle_of(s);
    add(input, flow(g, Rule::da(a, b, y)));
  }

  Scalar handle_of(Step s) const { return Scalar::from_step(record_.hold_step(s), record_.value[s]); }

  void add(Step input, const Scalar& contribution) { add_to(gradients_, input, contribution); }

  void deliver(Node& node, const Scalar& g) {
    if (!deliver_as<double>(node, g)) deliver_as<float>(node, g);
  }
  template <class T>
  bool deliver_as(Node& node, const Scalar& g) {
    auto* const tensor = dynamic_cast<TensorNode<T>*>(&node);
    if (tensor) GraphSlot<T>(tensor, gradients_).add(reshape(to_tensor<T>(g), tensor->shape()));
    return tensor != nullptr;
  }

  Record& record_;
  GraphGradients& gradients_;
  bool is_fused_ = false;
};

}  // namespace

void record_steps(Record& record, Step low, Step high, GraphGradients& gradients) {
  RecordedScalarSweep sweep(record, gradients);
  for (Step s = high; s >= low; --s) sweep.sweep(s);
}

}  // namespace gradus::detail
