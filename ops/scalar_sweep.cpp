#include <gradus/core/scalar_sweep.hpp>
#include <gradus/ops/op_codes.hpp>

namespace gradus::detail {
namespace {

/// The arrays of the record that a sweep reads and writes.
struct Wires {
  const Inputs* inputs;
  const double* value;
  const double* extra;
  double* adjoint;

  explicit Wires(const Record& r) : inputs(r.inputs), value(r.value), extra(r.extra), adjoint(r.adjoint) {}
};

/// Adds a contribution. One that is -0, because the local derivative is 0, must not leave "unreached" behind.
void flow(double& adjoint, double contribution) { adjoint = (adjoint + 0.0) + contribution; }

template <class Rule>
void sweep_unary(const Wires& w, Step s, double g) {
  flow(w.adjoint[w.inputs[s].a], g * Rule::dx(w.value[w.inputs[s].a], w.value[s]));
}

template <class Rule>
void sweep_binary(const Wires& w, Step s, double g) {
  const double a = w.value[w.inputs[s].a], b = w.value[w.inputs[s].b], y = w.value[s];
  flow(w.adjoint[w.inputs[s].a], g * Rule::da(a, b, y));
  flow(w.adjoint[w.inputs[s].b], g * Rule::db(a, b, y));
}

template <class Rule>
void sweep_second_constant(const Wires& w, Step s, double g) {
  flow(w.adjoint[w.inputs[s].a], g * Rule::da(w.value[w.inputs[s].a], w.extra[s], w.value[s]));
}

template <class Rule>
void sweep_first_constant(const Wires& w, Step s, double g) {
  flow(w.adjoint[w.inputs[s].a], g * Rule::db(w.extra[s], w.value[w.inputs[s].a], w.value[s]));
}

/// A gradient of exactly 0 contributes exactly 0, whatever the local derivative.
void sweep_zero(Record& r, Step s, const Wires& w) {
  if (is_unreached(w.adjoint[s])) return;
  if (r.head[s].op == bridge_code) return deliver_to_node(r, s, 0.0);
  w.adjoint[w.inputs[s].a] += 0.0;
  w.adjoint[w.inputs[s].b] += 0.0;
}

}  // namespace

void sweep_steps(Record& record, Step low, Step high) {
  const Wires w(record);
  const Head* const head = record.head;
  for (Step s = high; s >= low; --s) {
    const double g = w.adjoint[s];
    if (g == 0) {
      sweep_zero(record, s, w);
      continue;
    }
    switch (static_cast<std::uint8_t>(head[s].op)) {
#define GRADUS_CASE(function, Rule)    \
  case Rule##_code:                    \
    sweep_unary<rules::Rule>(w, s, g); \
    break;
      GRADUS_UNARY_OPS(GRADUS_CASE)
#undef GRADUS_CASE
#define GRADUS_CASES(function, Rule)             \
  case Rule##_code:                              \
    sweep_binary<rules::Rule>(w, s, g);          \
    break;                                       \
  case Rule##_code + first_constant:             \
    sweep_first_constant<rules::Rule>(w, s, g);  \
    break;                                       \
  case Rule##_code + second_constant:            \
    sweep_second_constant<rules::Rule>(w, s, g); \
    break;
      GRADUS_BINARY_OPS(GRADUS_CASES)
#undef GRADUS_CASES
      case static_cast<std::uint8_t>(bridge_code):
        deliver_to_node(record, s, g);
        break;
      default:
        break;  // a reclaimed step: collecting found it before
    }
  }
}

}  // namespace gradus::detail
