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

  explicit Wires(const Record& r) : entries(r.entries), value(r.value), extra(r.extra), adjoint(r.adjoint) {}
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

/// g times a local derivative; a g of exactly 0 absorbs whatever that is. Without a branch: after ReLU it is
/// hard to foretell which gradients are 0.
[[gnu::always_inline]] inline double absorbing_product(double g, double local) {
  const double product = g * local;
  return g == 0 ? 0.0 : product;
}

/// Whether a step is a multiply-add without handles.
bool is_link(const Entry& e) { return e.state == Entry::fused_state(MulAdd_code); }

/// A run of multiply-adds x_i w_i + y_(i-1), which sums of products are made of: the gradient goes from one
/// to the next without a way through memory. Returns the last one swept.
[[gnu::noinline]] Step sweep_sum_of_products(const Wires& w, Step s, Step low, double g) {
  for (;; --s) {
    const Entry& e = w.entries[s];
    const double a = w.value[e.a], b = w.value[e.b];
    flow(w.adjoint[e.a], absorbing_product(g, rules::Mul::da(a, b, 0.0)));
    flow(w.adjoint[e.b], absorbing_product(g, rules::Mul::db(a, b, 0.0)));
    g += w.adjoint[s - 1];
    const Entry& next = w.entries[s - 1];
    if (s == low || !is_link(next) || next.c != s - 2) {
      w.adjoint[s - 1] = g + 0.0;
      return s;
    }
    w.adjoint[s - 1] = unreached;
  }
}

/// What a run contributes to an input, as long as it is the same from step to step.
struct Contribution {
  Step input;
  double sum = unreached;

  [[gnu::always_inline]] void add(const Wires& w, Step to, double contribution) {
    if (to != input) {
      deliver(w);
      *this = {to};
    }
    sum += contribution + 0.0;
  }
  void deliver(const Wires& w) const { w.adjoint[input] += sum; }
};

/// A run of multiply-adds y_i = y_(i-1) x_i + c_i, of which one operand is the step below: the gradient goes
/// from one to the next without a way through memory, and so do sums into inputs that repeat. (A product
/// commutes, so the rule may be asked with the operand first.) Returns the last one swept.
template <Step Entry::*operand, Step Entry::*factor>
[[gnu::noinline]] Step sweep_recurrence(const Wires& w, Step s, Step low, double g) {
  Contribution to_factor{w.entries[s].*factor}, to_sum{w.entries[s].c};
  for (;; --s) {
    const Entry& e = w.entries[s];
    const double below = w.value[s - 1], x = w.value[e.*factor];
    to_factor.add(w, e.*factor, absorbing_product(g, rules::Mul::db(below, x, 0.0)));
    to_sum.add(w, e.c, g);
    g = w.adjoint[s - 1] + absorbing_product(g, rules::Mul::da(below, x, 0.0));
    const Entry& next = w.entries[s - 1];
    const bool is_awaited = to_factor.input == s - 1 || to_sum.input == s - 1;
    if (s == low || !is_link(next) || next.*operand != s - 2 || is_awaited) {
      w.adjoint[s - 1] = g + 0.0;
      to_factor.deliver(w);
      to_sum.deliver(w);
      return s;
    }
    w.adjoint[s - 1] = unreached;
  }
}

/// A multiply-add that uses the step below, and those below it as long as each is made from the next. Returns
/// the last one swept; for any other multiply-add the one above, because none is.
Step sweep_run(const Wires& w, Step s, Step low, double g) {
  static_assert(!rules::reads(rules::Mul::reads, rules::Reads::output));
  const Entry& e = w.entries[s];
  if (e.c == s - 1) return sweep_sum_of_products(w, s, low, g);
  if (e.a == s - 1) return sweep_recurrence<&Entry::a, &Entry::b>(w, s, low, g);
  if (e.b == s - 1) return sweep_recurrence<&Entry::b, &Entry::a>(w, s, low, g);
  return s + 1;
}

/// Takes what has arrived at a step: its adjoint is "unreached" again, and its handles show the gradient.
[[gnu::always_inline]] inline void take_gradient(Record& r, const Wires& w, Step s, const Entry& e,
                                                 double g) {
  w.adjoint[s] = unreached;
  if (e.is_held()) [[unlikely]]
    keep_gradient(r, s, g);
}

/// A gradient of exactly 0 contributes exactly 0, whatever the local derivative.
[[gnu::always_inline]] inline void sweep_zero(Record& r, const Wires& w, Step s) {
  const Entry& e = w.entries[s];
  if (e.op() == bridge_code) [[unlikely]]
    return deliver_to_node(r, s, 0.0);
  w.adjoint[e.a] += 0.0;
  w.adjoint[e.b] += 0.0;
  if (e.is_fused()) w.adjoint[e.c] += 0.0;
}

}  // namespace

void sweep_steps(Record& record, Step low, Step high) {
  const Wires w(record);
  for (Step s = high; s >= low; --s) {
    const double g = w.adjoint[s];
    const Entry& e = w.entries[s];
    if (__builtin_bit_cast(std::uint64_t, g) << 1 == 0) {
      if (is_unreached(g)) continue;
      take_gradient(record, w, s, e, g);
      const Step last = e.op() == MulAdd_code ? sweep_run(w, s, low, g) : s + 1;
      if (last > s)
        sweep_zero(record, w, s);
      else
        s = last;
      continue;
    }
    take_gradient(record, w, s, e, g);
    std::uint8_t code = e.op();
    const double* outputs = w.value;
    if (code >= first_fused_code) {
      if (code == MulAdd_code) {
        const Step last = sweep_run(w, s, low, g);
        if (last <= s) {
          s = last;
          continue;
        }
      }
      flow(w.adjoint[e.c], g);
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
