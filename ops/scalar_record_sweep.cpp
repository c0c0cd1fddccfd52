#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/scalar_sweep.hpp>
#include <gradus/ops/graph_flow.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/op_codes.hpp>
#include <gradus/ops/scalar_ops.hpp>

/// The sweeps of scalar steps on handles: backward, what ops/scalar_sweep.cpp does with numbers, when that is
/// recorded itself; and forward. By the same rules.
namespace gradus::detail {
namespace {

/// Hands on each input of a step that needs a gradient, and the local derivative with respect to it: a
/// handle, or (N = double) its value alone.
template <class N>
class LocalDerivatives {
 public:
  using Take = std::function<void(Step, const N&)>;

  LocalDerivatives(Record& record, Step s, const Take& take) : record_(record), s_(s), take_(take) {}

  void hand_on() {
    const Entry& e = record_.entries[s_];
    std::uint8_t code = e.op();
    if (e.is_fused()) {
      take_(e.c, N(1));
      code = static_cast<std::uint8_t>(code - first_fused_code);
    }
    switch (code) {
#define GRADUS_CASE(function, Rule) \
  case Rule##_code:                 \
    return unary<rules::Rule>();
      GRADUS_UNARY_OPS(GRADUS_CASE)
#undef GRADUS_CASE
#define GRADUS_CASES(function, Rule)           \
  case Rule##_code:                            \
    return binary<rules::Rule>();              \
  case Rule##_code + first_constant:           \
    return with_first_constant<rules::Rule>(); \
  case Rule##_code + second_constant:          \
    return with_second_constant<rules::Rule>();
      GRADUS_BINARY_OPS(GRADUS_CASES)
#undef GRADUS_CASES
      default:
        return;  // a bridge, or a reclaimed step: collecting found it before
    }
  }

 private:
  template <class Rule>
  void unary() {
    const Step input = entry().a;
    const N x = number(input), y = is_fused() ? Rule::forward(x) : number(s_);
    take_(input, Rule::dx(x, y));
  }
  template <class Rule>
  void binary() {
    const Step first = entry().a, second = entry().b;
    const N a = number(first), b = number(second), y = is_fused() ? Rule::forward(a, b) : number(s_);
    take_(first, Rule::da(a, b, y));
    take_(second, Rule::db(a, b, y));
  }
  template <class Rule>
  void with_first_constant() {
    const Step input = entry().a;
    const N a = record_.extra[s_], b = number(input), y = is_fused() ? Rule::forward(a, b) : number(s_);
    take_(input, Rule::db(a, b, y));
  }
  template <class Rule>
  void with_second_constant() {
    const Step input = entry().a;
    const N a = number(input), b = record_.extra[s_], y = is_fused() ? Rule::forward(a, b) : number(s_);
    take_(input, Rule::da(a, b, y));
  }

  const Entry& entry() const { return record_.entries[s_]; }
  bool is_fused() const { return entry().is_fused(); }
  N number(Step s) const {
    if constexpr (std::is_same_v<N, Scalar>)
      return Scalar::from_step(record_.hold_step(s), record_.value[s]);
    else
      return record_.value[s];
  }

  Record& record_;
  Step s_;
  const Take& take_;
};

/// Along an edge of the graph, in either direction; a sum passes everything on as it is.
double along(const Scalar& g, double local) { return math::flow(g.value(), local); }
Scalar along(const Scalar& g, const Scalar& local) {
  const bool is_one = !local.requires_grad() && local.value() == 1;
  return is_one ? g : flow(g, local);
}

template <class T>
bool deliver_as(Node& node, const Scalar& g, GraphGradients& gradients) {
  auto* const tensor = dynamic_cast<TensorNode<T>*>(&node);
  if (tensor) GraphSlot<T>(tensor, gradients).add(reshape(to_tensor<T>(g), tensor->shape()));
  return tensor != nullptr;
}

template <class T>
bool fetch_as(const Node& node, Step s, GraphTangents& tangents) {
  const auto* const tensor = dynamic_cast<const TensorNode<T>*>(&node);
  if (!tensor) return false;
  if (const Tensor<T>* const tangent = tangents.find(*tensor)) tangents.set(s, to_scalar(*tangent));
  return true;
}

/// dy = sum_i dy/dx_i dx_i
template <class N>
void push_step(Record& record, Step s, GraphTangents& tangents) {
  std::optional<Scalar> sum;
  const auto take = [&](Step input, const N& local) {
    const Scalar* const tangent = tangents.find(input);
    if (tangent) sum = sum ? *sum + along(*tangent, local) : Scalar(along(*tangent, local));
  };
  LocalDerivatives<N>(record, s, take).hand_on();
  if (sum) tangents.set(s, std::move(*sum));
}

}  // namespace

void record_steps(Record& record, Step low, Step high, GraphGradients& gradients) {
  for (Step s = high; s >= low; --s) {
    const Scalar* const arrived = gradients.find(s);
    if (!arrived) continue;
    const Scalar g = *arrived;
    if (record.entries[s].op() == bridge_code) {
      Node& node = *__builtin_bit_cast(Node*, record.extra[s]);
      if (!deliver_as<double>(node, g, gradients)) deliver_as<float>(node, g, gradients);
      continue;
    }
    const auto take = [&](Step input, const Scalar& local) { add_to(gradients, input, along(g, local)); };
    LocalDerivatives<Scalar>(record, s, take).hand_on();
  }
}

void push_steps(Record& record, Step low, Step high, GraphTangents& tangents) {
  for (Step s = low; s <= high; ++s) {
    if (tangents.find(s)) continue;
    if (record.entries[s].op() == bridge_code) {
      const Node& node = *__builtin_bit_cast(const Node*, record.extra[s]);
      if (!fetch_as<double>(node, s, tangents)) fetch_as<float>(node, s, tangents);
      continue;
    }
    bool is_constant = true;
    for_each_input(record, s, [&](Step input) { is_constant = is_constant && !tangents.find(input); });
    if (is_constant) continue;
    is_recording() ? push_step<Scalar>(record, s, tangents) : push_step<double>(record, s, tangents);
  }
}

}  // namespace gradus::detail
