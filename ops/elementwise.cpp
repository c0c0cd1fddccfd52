#include <gradus/core/number_text.hpp>
#include <gradus/ops/elementwise.hpp>
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

template <class Rule, class T>
Tensor<T> tensor_unary(const Rule& rule, const Tensor<T>& x) {
  constexpr bool reads_x = reads(Rule::reads, Reads::first), reads_y = reads(Rule::reads, Reads::output);
  Ref<Value<T>> y = empty_value<T>(x.shape());
  kernels::unary_forward(rule, x.data(), y->array.data(), x.size());

  auto vjp = [rule, saved_x = Saved<T, reads_x>(x), saved_y = Saved<T, reads_y>(y)](Ref<Value<T>>& g,
                                                                                    const auto& dx) {
    dx[0].write_over(g, [&](T* out, bool accumulate) {
      kernels::unary_backward(rule, g->array.data(), saved_x.data(), saved_y.data(), out, g->array.size(),
                              accumulate);
    });
  };
  return record(NameOf<Rule>::value, std::move(y), x, std::move(vjp));
}

/// The contribution to operand `Side`, broadcast axes summed away by the slot. The last one uses g up.
template <class Rule, int Side, class T, class A, class B, class Y>
void flow_to(const Slot<T>& slot, Ref<Value<T>>& g, bool is_last, const A& a, const B& b, const Y& y) {
  if (!slot) return;
  if constexpr (Side == 0 ? Rule::da_is_one : Rule::db_is_one) return slot.add(g);
  const Shape& shape = shape_of(g->array);
  const auto write = [&](T* out, bool accumulate) {
    const BroadcastPlan plan = make_broadcast_plan(a.shape_or(shape), b.shape_or(shape), shape);
    kernels::binary_backward<Rule, T, Side>(Rule(), plan, g->array.data(), a.data(), b.data(), y.data(), out,
                                            accumulate);
  };
  is_last ? slot.write_over(g, write) : slot.write(shape, write);
}

template <class Rule, class T>
Tensor<T> tensor_binary(const Tensor<T>& a, const Tensor<T>& b) {
  constexpr bool reads_a = reads(Rule::reads, Reads::first), reads_b = reads(Rule::reads, Reads::second),
                 reads_y = reads(Rule::reads, Reads::output);
  const Shape shape = broadcast_shapes(Rule::name, a.shape(), b.shape());
  Ref<Value<T>> y = empty_value<T>(shape);
  kernels::binary_forward(Rule(), make_broadcast_plan(a.shape(), b.shape(), shape), a.data(), b.data(),
                          y->array.data());

  auto vjp = [saved_a = Saved<T, reads_a>(a), saved_b = Saved<T, reads_b>(b), saved_y = Saved<T, reads_y>(y)](
                 Ref<Value<T>>& g, const auto& dx) {
    flow_to<Rule, 0>(dx[0], g, !dx[1], saved_a, saved_b, saved_y);
    flow_to<Rule, 1>(dx[1], g, true, saved_a, saved_b, saved_y);
  };
  return record(NameOf<Rule>::value, std::move(y), std::array<Ref<Node>, 2>{a.node(), b.node()},
                std::move(vjp));
}

#define GRADUS_INSTANTIATE(function, Rule)                                       \
  template Tensor<float> tensor_unary(const rules::Rule&, const Tensor<float>&); \
  template Tensor<double> tensor_unary(const rules::Rule&, const Tensor<double>&);
GRADUS_UNARY_OPS(GRADUS_INSTANTIATE)
GRADUS_INSTANTIATE(clip, Clip)
#undef GRADUS_INSTANTIATE
#define GRADUS_INSTANTIATE(function, Rule)                                                              \
  template Tensor<float> tensor_binary<rules::Rule, float>(const Tensor<float>&, const Tensor<float>&); \
  template Tensor<double> tensor_binary<rules::Rule, double>(const Tensor<double>&, const Tensor<double>&);
GRADUS_BINARY_OPS(GRADUS_INSTANTIATE)
#undef GRADUS_INSTANTIATE

void fail_clip(double lo, double hi) {
  throw ValueError("[clip] bounds " + number_text(lo) + " and " + number_text(hi) +
                   ": the lower must not be above the upper");
}

}  // namespace detail
}  // namespace gradus
