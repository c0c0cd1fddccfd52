#include <gradus/core/number_text.hpp>
#include <gradus/ops/annotate.hpp>
#include <gradus/ops/compare.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/kernels/elementwise.hpp>
#include <gradus/ops/step.hpp>

namespace gradus {
namespace detail {

using rules::Reads;
using rules::reads;

template <class Rule>
struct NameOf;
#define GRADUS_NAME_OF(function, Rule)                \
  template <>                                         \
  struct NameOf<rules::Rule> {                        \
    static constexpr OpName value = OpName::function; \
  };
GRADUS_UNARY_OPS(GRADUS_NAME_OF)
GRADUS_BINARY_OPS(GRADUS_NAME_OF)
GRADUS_NAME_OF(clip, Clip)
#undef GRADUS_NAME_OF

namespace {

/// What a vector-Jacobian product keeps of an operand or a result: all of it, or nothing when the rule does
/// not read it.
template <class T, bool is_read>
struct Saved {
  explicit Saved(const Tensor<T>& x) : tensor(x) {}
  explicit Saved(const Ref<Value<T>>& y) : tensor(y, nullptr) {}
  const T* from(std::size_t begin) const { return tensor.data() + begin; }
  const Shape& shape_or(const Shape&) const { return tensor.shape(); }
  std::size_t size_or(std::size_t) const { return tensor.size(); }
  /// As a handle of the graph: of an operand, and of the step's own result.
  const Tensor<T>& input() const { return tensor; }
  Tensor<T> result(const StepHandles<T>& flow) const { return flow.result(tensor.shared_value()); }
  Tensor<T> tensor;
};
template <class T>
struct Saved<T, false> {
  explicit Saved(const Tensor<T>&) {}
  explicit Saved(const Ref<Value<T>>&) {}
  const T* from(std::size_t) const { return nullptr; }
  const Shape& shape_or(const Shape& any) const { return any; }
  std::size_t size_or(std::size_t any) const { return any; }
  Tensor<T> input() const { return {}; }
  Tensor<T> result(const StepHandles<T>&) const { return {}; }
};

/// The numbers that a rule is made with: the bounds of clip.
using Numbers = std::array<double, 2>;
template <class Rule>
Numbers numbers_of(const Rule&) {
  static_assert(std::is_empty_v<Rule>);
  return {};
}
Numbers numbers_of(const rules::Clip& clip) { return {clip.lo, clip.hi}; }
template <class Rule>
Rule rule_of(const Numbers& numbers) {
  if constexpr (std::is_empty_v<Rule>)
    return Rule();
  else
    return Rule(numbers[0], numbers[1]);
}

// Rules as tables of functions: what handles them is compiled once, not for each.

template <class T>
struct UnaryRule {
  OpName op;
  void (*forward)(const Numbers&, const T* x, T* y, std::size_t n);
  void (*backward)(const Numbers&, const T* g, const T* x, const T* y, T* dx, std::size_t n, bool accumulate);
  Tensor<T> (*dx)(const Numbers&, const Tensor<T>& x, const Tensor<T>& y);
};

template <class Rule, class T>
constexpr UnaryRule<T> unary_rule{
    NameOf<Rule>::value,
    [](const Numbers& numbers, const T* x, T* y, std::size_t n) {
      kernels::unary_forward(rule_of<Rule>(numbers), x, y, n);
    },
    [](const Numbers& numbers, const T* g, const T* x, const T* y, T* dx, std::size_t n, bool accumulate) {
      kernels::unary_backward(rule_of<Rule>(numbers), g, x, y, dx, n, accumulate);
    },
    [](const Numbers& numbers, const Tensor<T>& x, const Tensor<T>& y) -> Tensor<T> {
      return rule_of<Rule>(numbers).dx(x, y);
    }};

template <class T>
struct BinaryRule {
  OpName op;
  std::array<bool, 2> passes_on;
  void (*forward)(const BroadcastPlan&, const T* a, const T* b, T* y);
  void (*backward[2])(const BroadcastPlan&, const T* g, const T* a, const T* b, const T* y, T* out,
                      bool accumulate);
  Tensor<T> (*slope[2])(const Tensor<T>& a, const Tensor<T>& b, const Tensor<T>& y);
};

template <class Rule, class T, int side>
void binary_backward(const BroadcastPlan& plan, const T* g, const T* a, const T* b, const T* y, T* out,
                     bool accumulate) {
  kernels::binary_backward<Rule, T, side>(Rule(), plan, g, a, b, y, out, accumulate);
}

template <class Rule, class T>
constexpr BinaryRule<T> binary_rule{NameOf<Rule>::value,
                                    {Rule::da_is_one, Rule::db_is_one},
                                    [](const BroadcastPlan& plan, const T* a, const T* b, T* y) {
                                      kernels::binary_forward(Rule(), plan, a, b, y);
                                    },
                                    {binary_backward<Rule, T, 0>, binary_backward<Rule, T, 1>},
                                    {[](const Tensor<T>& a, const Tensor<T>& b,
                                        const Tensor<T>& y) -> Tensor<T> { return Rule::da(a, b, y); },
                                     [](const Tensor<T>& a, const Tensor<T>& b,
                                        const Tensor<T>& y) -> Tensor<T> { return Rule::db(a, b, y); }}};

/// g dy/dx of the rules of one operand that read the same.
template <Reads read, class T>
struct UnaryVjp {
  const UnaryRule<T>& rule;
  Numbers numbers;
  Saved<T, reads(read, Reads::first)> x;
  Saved<T, reads(read, Reads::output)> y;

  template <class Slots>
  void sweep(Ref<Value<T>>& g, const Slots& dx) const {
    dx[0].write_over(g, [&](T* out, bool accumulate) {
      run_block(0, 0, g->array.size(), g->array.data(), out, accumulate);
    });
  }
  void record(const GraphFlow<T>& f) const { f[0].add(along(f, f.g)); }
  void push(const TangentFlow<T>& f) const { f.add(along(f, *f[0])); }
  /// g dy/dx: the Jacobian is diagonal, and so the same for gradients and tangents.
  Tensor<T> along(const StepHandles<T>& f, const Tensor<T>& g) const {
    return flow(g, rule.dx(numbers, x.input(), y.result(f)));
  }

  bool passes_on(std::size_t) const { return false; }
  bool fits_blocks(const Shape&) const { return true; }
  void run_block(std::size_t, std::size_t begin, std::size_t n, const T* g, T* dx, bool accumulate) const {
    rule.backward(numbers, g, x.from(begin), y.from(begin), dx, n, accumulate);
  }
};

/// Whether the result of an op may be written over this operand, an argument of the op itself.
template <class T>
bool may_overwrite(const Tensor<T>& operand, const Shape& result, bool gradient_reads) {
  return !gradient_reads && operand.holds_value_alone() && operand.shape() == result;
}

/// Applies a rule; an operand may be used up.
template <Reads read, class T>
Tensor<T> apply(const UnaryRule<T>& rule, const Numbers& numbers, Tensor<T>& x) {
  using Vjp = UnaryVjp<read, T>;
  Noted<T> note(x);
  const bool is_read = reads(read, Reads::first) && x.node() && is_recording();
  const bool overwrites = may_overwrite(x, x.shape(), is_read);
  const T* const from = x.data();
  const std::size_t size = x.size();
  Ref<Value<T>> y = overwrites ? x.take_value() : empty_value<T>(x.shape());
  rule.forward(numbers, from, y->array.data(), size);
  Vjp vjp{rule, numbers, decltype(Vjp::x)(x), decltype(Vjp::y)(y)};
  return note.on(record(rule.op, std::move(y), x, std::move(vjp)), [&] {
    return rule.op.text() == OpName::clip.text() ? Attributes{{"lo", numbers[0]}, {"hi", numbers[1]}}
                                                 : Attributes();
  });
}

/// g dy/da and g dy/db of the rules of two operands that read the same.
template <Reads read, class T>
struct BinaryVjp {
  const BinaryRule<T>& rule;
  Saved<T, reads(read, Reads::first)> a;
  Saved<T, reads(read, Reads::second)> b;
  Saved<T, reads(read, Reads::output)> y;

  template <class Slots>
  void sweep(Ref<Value<T>>& g, const Slots& dx) const {
    flow_to(0, dx[0], g, !dx[1]);
    flow_to(1, dx[1], g, true);
  }
  void record(const GraphFlow<T>& f) const {
    for (const std::size_t side : {0, 1})
      if (f[side]) f[side].add(along(side, f, f.g));
  }
  void push(const TangentFlow<T>& f) const {
    for (const std::size_t side : {0, 1})
      if (f[side]) f.add(along(side, f, *f[side]));
  }
  /// g dy/da or g dy/db, for gradients and tangents.
  Tensor<T> along(std::size_t side, const StepHandles<T>& f, const Tensor<T>& g) const {
    return passes_on(side) ? g : flow(g, rule.slope[side](a.input(), b.input(), y.result(f)));
  }

  bool passes_on(std::size_t side) const { return rule.passes_on[side]; }
  bool fits_blocks(const Shape& shape) const {
    const auto fits = [&](const Shape& operand) { return operand == shape || count(operand) == 1; };
    return fits(a.shape_or(shape)) && fits(b.shape_or(shape));
  }
  void run_block(std::size_t side, std::size_t begin, std::size_t n, const T* g, T* out,
                 bool accumulate) const {
    const auto stride = [](const auto& operand) { return std::size_t{operand.size_or(2) > 1}; };
    run(side, BroadcastPlan{{{n, stride(a), stride(b)}}, n}, begin, g, out, accumulate);
  }

 private:
  /// The contribution to one operand, broadcast axes summed away by the slot. The last one uses g up.
  void flow_to(std::size_t side, const Slot<T>& slot, Ref<Value<T>>& g, bool is_last) const {
    if (!slot) return;
    if (passes_on(side)) return slot.add(g);
    const Shape& shape = shape_of(g->array);
    const auto write = [&](T* out, bool accumulate) {
      run(side, make_broadcast_plan(a.shape_or(shape), b.shape_or(shape), shape), 0, g->array.data(), out,
          accumulate);
    };
    is_last ? slot.write_over(g, write) : slot.write(shape, write);
  }

  void run(std::size_t side, const BroadcastPlan& plan, std::size_t begin, const T* g, T* out,
           bool accumulate) const {
    const BroadcastPlan::Axis& axis = plan.inner();
    rule.backward[side](plan, g, a.from(begin * axis.a_stride), b.from(begin * axis.b_stride), y.from(begin),
                        out, accumulate);
  }
};

template <Reads read, class T>
Tensor<T> apply(const BinaryRule<T>& rule, Tensor<T>& a, Tensor<T>& b) {
  using Vjp = BinaryVjp<read, T>;
  const Shape shape = broadcast_shapes(rule.op.text(), a.shape(), b.shape());
  const BroadcastPlan plan = make_broadcast_plan(a.shape(), b.shape(), shape);
  Noted<T> note(a, b);
  const bool is_recorded = (a.node() || b.node()) && is_recording();
  const T *const left = a.data(), *const right = b.data();
  Ref<Value<T>> y;
  if (may_overwrite(a, shape, is_recorded && reads(read, Reads::first)))
    y = a.take_value();
  else if (may_overwrite(b, shape, is_recorded && reads(read, Reads::second)))
    y = b.take_value();
  else
    y = empty_value<T>(shape);
  rule.forward(plan, left, right, y->array.data());
  Vjp vjp{rule, decltype(Vjp::a)(a), decltype(Vjp::b)(b), decltype(Vjp::y)(y)};
  return note.on(record(rule.op, std::move(y), std::array<Ref<Node>, 2>{a.node(), b.node()}, std::move(vjp)));
}

}  // namespace

template <class Rule, class T>
Tensor<T> tensor_unary(const Rule& rule, Tensor<T> x) {
  return apply<Rule::reads>(unary_rule<Rule, T>, numbers_of(rule), x);
}
template <class Rule, class T>
Tensor<T> tensor_binary(Tensor<T> a, Tensor<T> b) {
  return apply<Rule::reads>(binary_rule<Rule, T>, a, b);
}

#define GRADUS_INSTANTIATE(function, Rule)                                \
  template Tensor<float> tensor_unary(const rules::Rule&, Tensor<float>); \
  template Tensor<double> tensor_unary(const rules::Rule&, Tensor<double>);
GRADUS_UNARY_OPS(GRADUS_INSTANTIATE)
GRADUS_INSTANTIATE(clip, Clip)
#undef GRADUS_INSTANTIATE
#define GRADUS_INSTANTIATE(function, Rule)                                                \
  template Tensor<float> tensor_binary<rules::Rule, float>(Tensor<float>, Tensor<float>); \
  template Tensor<double> tensor_binary<rules::Rule, double>(Tensor<double>, Tensor<double>);
GRADUS_BINARY_OPS(GRADUS_INSTANTIATE)
#undef GRADUS_INSTANTIATE

void fail_clip(double lo, double hi) {
  throw ValueError("[clip] bounds " + number_text(lo) + " and " + number_text(hi) +
                   ": the lower must not be above the upper");
}

}  // namespace detail
}  // namespace gradus
