#include <gradus/core/scalar_sweep.hpp>
#include <gradus/ops/op_codes.hpp>

namespace gradus::detail {
namespace {

/// The arrays of the record that a sweep reads and writes.
struct Wires {
  const Head* head;
  const Inputs* inputs;
  const ThirdInput* third;
  const double* value;
  const double* extra;
  double* adjoint;

  explicit Wires(const Record& r)
      : head(r.head), inputs(r.inputs), third(r.third), value(r.value), extra(r.extra), adjoint(r.adjoint) {}
};

/// Adds a contribution. One that is -0, because the local derivative is 0, must not leave "unreached" behind.
void flow(double& adjoint, double contribution) { adjoint += contribution + 0.0; }

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

/// outer(inner(a, b), c). Neither derivative of the outer rule reads anything, so what the inner one made
/// need not be known.
template <class Outer, class Inner>
void sweep_fused(const Wires& w, Step s, double g) {
  static_assert(Outer::reads == rules::Reads::none && !rules::reads(Inner::reads, rules::Reads::output));
  const double a = w.value[w.inputs[s].a], b = w.value[w.inputs[s].b], y = w.value[s];
  const double inner = g * Outer::da(y, y, y);
  flow(w.adjoint[w.third[s].c], g * Outer::db(y, y, y));
  flow(w.adjoint[w.inputs[s].a], inner * Inner::da(a, b, y));
  flow(w.adjoint[w.inputs[s].b], inner * Inner::db(a, b, y));
}

/// A gradient of exactly 0 contributes exactly 0, whatever the local derivative.
void sweep_zero(Record& r, Step s) {
  if (is_unreached(r.adjoint[s])) return;
  if (r.head[s].count != Byte{0}) keep_gradient(r, s, 0);
  if (r.head[s].op == bridge_code) deliver_to_node(r, s, 0.0);
  for_each_input(r, s, [&](Step input) { r.adjoint[input] += 0.0; });
  r.adjoint[s] = unreached;
}

}  // namespace

void sweep_steps(Record& record, Step low, Step high) {
  const Wires w(record);
  for (Step s = high; s >= low; --s) {
    const double g = w.adjoint[s];
    if (g == 0) {
      sweep_zero(record, s);
      continue;
    }
    w.adjoint[s] = unreached;
    const Head head = w.head[s];
    if (head.count != Byte{0}) [[unlikely]]
      keep_gradient(record, s, g);
    switch (static_cast<std::uint8_t>(head.op)) {
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
      case MulAdd_code:
        sweep_fused<rules::Add, rules::Mul>(w, s, g);
        break;
      case static_cast<std::uint8_t>(bridge_code):
        deliver_to_node(record, s, g);
        break;
      default:
        break;  // a reclaimed step: collecting found it before
    }
  }
}

}  // namespace gradus::detail
