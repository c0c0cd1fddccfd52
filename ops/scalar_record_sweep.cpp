#include <functional>
#include <optional>
#include <span>
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
template <class N, class Take>
class LocalDerivatives {
 public:
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

/// On handles the rules are compiled once, for both directions.
using TakeHandle = std::function<void(Step, const Scalar&)>;

template <class N, class Take>
void for_each_local_derivative(Record& record, Step s, const Take& take) {
  LocalDerivatives<N, Take>(record, s, take).hand_on();
}

/// Along an edge of the graph, in either direction; a sum passes everything on as it is.
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

/// The tangent of a bridge; false where the node is of another type.
template <class T>
bool fetch_as(const Node& node, const GraphTangents& tangents, std::optional<Scalar>& result) {
  const auto* const tensor = dynamic_cast<const TensorNode<T>*>(&node);
  if (!tensor) return false;
  if (const Tensor<T>* const tangent = tangents.find(*tensor)) result = to_scalar(*tangent);
  return true;
}

}  // namespace

void record_steps(Record& record, Step low, Step high, GraphGradients& gradients) {
  Scalar g;
  const TakeHandle add = [&](Step input, const Scalar& local) { add_to(gradients, input, along(g, local)); };
  for (Step s = high; s >= low; --s) {
    const Scalar* const arrived = gradients.find(s);
    if (!arrived) continue;
    g = *arrived;
    if (record.entries[s].op() != bridge_code) {
      for_each_local_derivative<Scalar>(record, s, add);
      continue;
    }
    Node& node = *__builtin_bit_cast(Node*, record.extra[s]);
    if (!deliver_as<double>(node, g, gradients)) deliver_as<float>(node, g, gradients);
  }
}

namespace {

std::optional<Scalar> tangent_of_bridge(const Record& record, Step s, const GraphTangents& tangents) {
  const Node& node = *__builtin_bit_cast(const Node*, record.extra[s]);
  std::optional<Scalar> result;
  if (!fetch_as<double>(node, tangents, result)) fetch_as<float>(node, tangents, result);
  return result;
}

/// dy = sum_i dy/dx_i dx_i, recorded.
void push_handles(Record& record, Step low, Step high, GraphTangents& tangents) {
  std::optional<Scalar> sum;
  const TakeHandle add = [&](Step input, const Scalar& local) {
    if (const Scalar* const tangent = tangents.find(input)) {
      const Scalar term = along(*tangent, local);
      sum = sum ? *sum + term : term;
    }
  };
  for (Step s = low; s <= high; ++s) {
    if (tangents.find(s)) continue;
    bool is_constant = true;
    for_each_input(record, s, [&](Step input) { is_constant = is_constant && !tangents.find(input); });
    if (record.entries[s].op() == bridge_code)
      sum = tangent_of_bridge(record, s, tangents);
    else if (!is_constant)
      for_each_local_derivative<Scalar>(record, s, add);
    if (sum) tangents.set(s, std::move(*sum));
    sum.reset();
  }
}

/// The same with numbers. "Unreached" says that there is no tangent.
void push_numbers(Record& record, Step low, Step high, GraphTangents& tangents) {
  const std::span<Scalar> own = tangents.numbers(low, high);
  const auto tangent_of = [&](Step s) {
    if (s >= low && s <= high) return own[static_cast<std::size_t>(s - low)].value();
    const Scalar* const tangent = tangents.find(s);
    return tangent ? tangent->value() : unreached;
  };
  for (Step s = low; s <= high; ++s) {
    Scalar& tangent = own[static_cast<std::size_t>(s - low)];
    if (!is_unreached(tangent.value())) continue;
    if (record.entries[s].op() == bridge_code) {
      tangent = tangent_of_bridge(record, s, tangents).value_or(unreached);
      continue;
    }
    double sum = unreached;
    for_each_local_derivative<double>(record, s, [&](Step input, double local) {
      const double t = tangent_of(input);
      if (!is_unreached(t)) sum += math::flow(t, local) + 0.0;
    });
    tangent = Scalar(sum);
  }
}

}  // namespace

void push_steps(Record& record, Step low, Step high, GraphTangents& tangents) {
  (is_recording() ? push_handles : push_numbers)(record, low, high, tangents);
}

}  // namespace gradus::detail
