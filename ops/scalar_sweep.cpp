#include <gradus/core/scalar_sweep.hpp>

#include <gradus/ops/op_codes.hpp>

namespace gradus::detail {
namespace {

/// The arrays of the record that a sweep reads and writes.
struct Wires {
  const Step* a;
  const Step* b;
  const double* value;
  const double* extra;
  double* adjoint;

  explicit Wires(const Record& r) : a(r.a), b(r.b), value(r.value), extra(r.extra), adjoint(r.adjoint) {}
};

template <class Rule>
void sweep_unary(const Wires& w, Step s, double g) {
  w.adjoint[w.a[s]] += g * Rule::dx(w.value[w.a[s]], w.value[s]);
}

template <class Rule>
void sweep_binary(const Wires& w, Step s, double g) {
  const double a = w.value[w.a[s]], b = w.value[w.b[s]], y = w.value[s];
  w.adjoint[w.a[s]] += g * Rule::da(a, b, y);
  w.adjoint[w.b[s]] += g * Rule::db(a, b, y);
}

template <class Rule>
void sweep_second_constant(const Wires& w, Step s, double g) {
  w.adjoint[w.a[s]] += g * Rule::da(w.value[w.a[s]], w.extra[s], w.value[s]);
}

template <class Rule>
void sweep_first_constant(const Wires& w, Step s, double g) {
  w.adjoint[w.a[s]] += g * Rule::db(w.extra[s], w.value[w.a[s]], w.value[s]);
}

/// A gradient of exactly 0 contributes exactly 0, whatever the local derivative.
void sweep_zero(Record& r, Step s, const Wires& w) {
  if (is_unreached(w.adjoint[s])) return;
  if (r.op[s] == bridge_code) return deliver_to_node(r, s, 0.0);
  w.adjoint[w.a[s]] += 0.0;
  w.adjoint[w.b[s]] += 0.0;
}

}  // namespace

void sweep_steps(Record& record, Step low, Step high) {
  const Wires w(record);
  const Byte* const op = record.op;
  for (Step s = high; s >= low; --s) {
    const double g = w.adjoint[s];
    if (g == 0) {
      sweep_zero(record, s, w);
      continue;
    }
    switch (static_cast<std::uint8_t>(op[s])) {
#define GRADUS_CASE(function, Rule) \
  case Rule##_code:                 \
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
