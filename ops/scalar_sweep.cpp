#include <gradus/core/scalar_sweep.hpp>
#include <gradus/ops/op_codes.hpp>

namespace gradus::detail {
namespace {

/// The arrays of the record that a sweep reads and writes.
struct Wires {
  const Entry* entries;
  const double* value;
  const double* extra;
  double* adjoint;

  explicit Wires(const Record& r)
      : entries(r.entries), value(r.value), extra(r.extra), adjoint(r.adjoint) {}
};

/// Adds a contribution. One that is -0, because the local derivative is 0, must not leave "unreached" behind.
void flow(double& adjoint, double contribution) { adjoint += contribution + 0.0; }

template <class Rule>
void sweep_unary(const Wires& w, Step s, double g, const double* outputs) {
  flow(w.adjoint[w.entries[s].a], g * Rule::dx(w.value[w.entries[s].a], outputs[s]));
}

template <class Rule>
void sweep_binary(const Wires& w, Step s, double g, const double* outputs) {
  const double a = w.value[w.entries[s].a], b = w.value[w.entries[s].b], y = outputs[s];
  flow(w.adjoint[w.entries[s].a], g * Rule::da(a, b, y));
  flow(w.adjoint[w.entries[s].b], g * Rule::db(a, b, y));
}

template <class Rule>
void sweep_second_constant(const Wires& w, Step s, double g, const double* outputs) {
  flow(w.adjoint[w.entries[s].a], g * Rule::da(w.value[w.entries[s].a], w.extra[s], outputs[s]));
}

template <class Rule>
void sweep_first_constant(const Wires& w, Step s, double g, const double* outputs) {
  flow(w.adjoint[w.entries[s].a], g * Rule::db(w.extra[s], w.value[w.entries[s].a], outputs[s]));
}

/// a * b + c. Returns the adjoint of the step below, which is not yet in memory.
[[gnu::always_inline]] inline double sweep_multiply_add(const Wires& w, Step s, double g) {
  using rules::Mul;
  static_assert(!rules::reads(Mul::reads, rules::Reads::output));
  const double a = w.value[w.entries[s].a], b = w.value[w.entries[s].b], y = w.value[s];
  double below = w.adjoint[s - 1];
  const auto flow_to = [&](Step input, double contribution) {
    if (input == s - 1)
      below += contribution + 0.0;
    else
      flow(w.adjoint[input], contribution);
  };
  flow_to(w.entries[s].c, g);
  flow_to(w.entries[s].a, g * Mul::da(a, b, y));
  flow_to(w.entries[s].b, g * Mul::db(a, b, y));
  return below;
}

/// A run of multiply-adds, which sums of products are made of: the adjoint goes from one to the next without
/// a way through memory. Returns the last one swept.
[[gnu::noinline]] Step sweep_run(const Wires& w, Step s, Step low, double g, std::uint8_t code) {
  for (;; --s) {
    const double below = sweep_multiply_add(w, s, g);
    const Entry next = w.entries[s - 1];
    if (s == low || below == 0 || next.op() != code || next.is_held()) {
      w.adjoint[s - 1] = below;
      return s;
    }
    w.adjoint[s - 1] = unreached;
    g = below;
  }
}

/// A gradient of exactly 0 contributes exactly 0, whatever the local derivative.
[[gnu::always_inline]] inline void sweep_zero(Record& r, const Wires& w, Step s) {
  const Entry head = w.entries[s];
  if (head.is_held()) [[unlikely]]
    keep_gradient(r, s, 0);
  if (head.op() == bridge_code) [[unlikely]]
    deliver_to_node(r, s, 0.0);
  w.adjoint[w.entries[s].a] += 0.0;
  w.adjoint[w.entries[s].b] += 0.0;
  if (head.is_fused()) w.adjoint[w.entries[s].c] += 0.0;
  w.adjoint[s] = unreached;
}

}  // namespace

void sweep_steps(Record& record, Step low, Step high) {
  const Wires w(record);
  for (Step s = high; s >= low; --s) {
    const double g = w.adjoint[s];
    if (__builtin_bit_cast(std::uint64_t, g) << 1 == 0) {
      if (!is_unreached(g)) sweep_zero(record, w, s);
      continue;
    }
    w.adjoint[s] = unreached;
    const Entry head = w.entries[s];
    if (head.is_held()) [[unlikely]]
      keep_gradient(record, s, g);
    auto code = head.op();
    const double* outputs = w.value;
    if (code >= first_fused_code) {
      if (code == MulAdd_code) {
        s = sweep_run(w, s, low, g, head.op());
        continue;
      }
      flow(w.adjoint[w.entries[s].c], g);
      outputs = w.extra;
      code = static_cast<std::uint8_t>(code - first_fused_code);
    }
    switch (code) {
#define GRADUS_CASE(function, Rule)             \
  case Rule##_code:                             \
    sweep_unary<rules::Rule>(w, s, g, outputs); \
    break;
      GRADUS_UNARY_OPS(GRADUS_CASE)
#undef GRADUS_CASE
#define GRADUS_CASES(function, Rule)                      \
  case Rule##_code:                                       \
    sweep_binary<rules::Rule>(w, s, g, outputs);          \
    break;                                                \
  case Rule##_code + first_constant:                      \
    sweep_first_constant<rules::Rule>(w, s, g, outputs);  \
    break;                                                \
  case Rule##_code + second_constant:                     \
    sweep_second_constant<rules::Rule>(w, s, g, outputs); \
    break;
      GRADUS_BINARY_OPS(GRADUS_CASES)
#undef GRADUS_CASES
      case bridge_code:
        deliver_to_node(record, s, g);
        break;
      default:
        break;  // a reclaimed step: collecting found it before
    }
  }
}

}  // namespace gradus::detail
