#include <gradus/core/number_text.hpp>
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

/// g dy/dx of a rule of one operand.
template <class Rule, class T>
struct UnaryVjp {
  Rule rule;
  Saved<T, reads(Rule::reads, Reads::first)> x;
  Saved<T, reads(Rule::reads, Reads::output)> y;
  static constexpr std::array<bool, 1> passes_on{false};

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
    return flow(g, rule.dx(x.input(), y.result(f)));
  }

  bool fits_blocks(const Shape&) const { return true; }
  void run_block(std::size_t, std::size_t begin, std::size_t n, const T* g, T* dx, bool accumulate) const {
    kernels::unary_backward(rule, g, x.from(begin), y.from(begin), dx, n, accumulate);
  }
};

/// Whether the result of an op may be written over this operand, an argument of the op itself.
template <class T>
bool may_overwrite(const Tensor<T>& operand, const Shape& result, bool gradient_reads) {
  return !gradient_reads && operand.holds_value_alone() && operand.shape() == result;
}

template <class Rule, class T>
Tensor<T> tensor_unary(const Rule& rule, Tensor<T> x) {
  using Vjp = UnaryVjp<Rule, T>;
  const bool is_read = reads(Rule::reads, Reads::first) && x.node() && is_recording();
  const bool overwrites = may_overwrite(x, x.shape(), is_read);
  const T* const from = x.data();
  const std::size_t size = x.size();
  Ref<Value<T>> y = overwrites ? x.take_value() : empty_value<T>(x.shape());
  kernels::unary_forward(rule, from, y->array.data(), size);
  Vjp vjp{rule, decltype(Vjp::x)(x), decltype(Vjp::y)(y)};
  return record(NameOf<Rule>::value, std::move(y), x, std::move(vjp));
}

/// g dy/da and g dy/db of a rule of two operands.
template <class Rule, class T>
struct BinaryVjp {
  Saved<T, reads(Rule::reads, Reads::first)> a;
  Saved<T, reads(Rule::reads, Reads::second)> b;
  Saved<T, reads(Rule::reads, Reads::output)> y;
  static constexpr std::array<bool, 2> passes_on{Rule::da_is_one, Rule::db_is_one};

  template <class Slots>
  void sweep(Ref<Value<T>>& g, const Slots& dx) const {
    flow_to<0>(dx[0], g, !dx[1]);
    flow_to<1>(dx[1], g, true);
  }
  void record(const GraphFlow<T>& f) const {
    if (f[0]) f[0].add(along<0>(f, f.g));
    if (f[1]) f[1].add(along<1>(f, f.g));
  }
  void push(const TangentFlow<T>& f) const {
    if (f[0]) f.add(along<0>(f, *f[0]));
    if (f[1]) f.add(along<1>(f, *f[1]));
  }
  /// g dy/da or g dy/db, for gradients and tangents.
  template <int side>
  Tensor<T> along(const StepHandles<T>& f, const Tensor<T>& g) const {
    if constexpr (passes_on[side])
      return g;
    else if constexpr (side == 0)
      return flow(g, Rule::da(a.input(), b.input(), y.result(f)));
    else
      return flow(g, Rule::db(a.input(), b.input(), y.result(f)));
  }

  bool fits_blocks(const Shape& shape) const {
    const auto fits = [&](const Shape& operand) { return operand == shape || count(operand) == 1; };
    return fits(a.shape_or(shape)) && fits(b.shape_or(shape));
  }
  void run_block(std::size_t side, std::size_t begin, std::size_t n, const T* g, T* out,
                 bool accumulate) const {
    const auto stride = [](const auto& operand) { return std::size_t{operand.size_or(2) > 1}; };
    BroadcastPlan plan{{{n, stride(a), stride(b)}}, n};
    side == 0 ? run<0>(plan, begin, g, out, accumulate) : run<1>(plan, begin, g, out, accumulate);
  }

 private:
  /// The contribution to one operand, broadcast axes summed away by the slot. The last one uses g up.
  template <int side>
  void flow_to(const Slot<T>& slot, Ref<Value<T>>& g, bool is_last) const {
    if (!slot) return;
    if constexpr (passes_on[side]) return slot.add(g);
    const Shape& shape = shape_of(g->array);
    const auto write = [&](T* out, bool accumulate) {
      run<side>(make_broadcast_plan(a.shape_or(shape), b.shape_or(shape), shape), 0, g->array.data(), out,
                accumulate);
    };
    is_last ? slot.write_over(g, write) : slot.write(shape, write);
  }

  template <int side>
  void run(const BroadcastPlan& plan, std::size_t begin, const T* g, T* out, bool accumulate) const {
    const BroadcastPlan::Axis& axis = plan.inner();
    kernels::binary_backward<Rule, T, side>(Rule(), plan, g, a.from(begin * axis.a_stride),
                                            b.from(begin * axis.b_stride), y.from(begin), out, accumulate);
  }
};

template <class Rule, class T>
Tensor<T> tensor_binary(Tensor<T> a, Tensor<T> b) {
  using Vjp = BinaryVjp<Rule, T>;
  const Shape shape = broadcast_shapes(Rule::name, a.shape(), b.shape());
  const BroadcastPlan plan = make_broadcast_plan(a.shape(), b.shape(), shape);
  const bool is_recorded = (a.node() || b.node()) && is_recording();
  const T *const left = a.data(), *const right = b.data();
  Ref<Value<T>> y;
  if (may_overwrite(a, shape, is_recorded && reads(Rule::reads, Reads::first)))
    y = a.take_value();
  else if (may_overwrite(b, shape, is_recorded && reads(Rule::reads, Reads::second)))
    y = b.take_value();
  else
    y = empty_value<T>(shape);
  kernels::binary_forward(Rule(), plan, left, right, y->array.data());
  Vjp vjp{decltype(Vjp::a)(a), decltype(Vjp::b)(b), decltype(Vjp::y)(y)};
  return record(NameOf<Rule>::value, std::move(y), std::array<Ref<Node>, 2>{a.node(), b.node()},
                std::move(vjp));
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
