#pragma once

#include <array>
#include <concepts>
#include <utility>

#include <gradus/ops/compare.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/kernels/fuse.hpp>
#include <gradus/ops/step.hpp>

/// A whole elementwise expression as one step.
namespace gradus {
namespace detail {

/// slot += g * partial, 0 where g is 0; g may be one number. Broadcast axes are summed away by the slot.
template <class T>
void flow_along(const Slot<T>& slot, const Ref<Value<T>>& g, const Ref<Value<T>>& partial);

/// What a fused step keeps: its partial derivatives, and how to compute it again, op by op.
template <class T, std::size_t n, class F>
struct FusedVjp {
  F f;
  std::array<Tensor<T>, n> inputs;
  static constexpr bool takes_one_number = true;
  std::array<Ref<Value<T>>, n> partials;  // null for inputs that need no gradient

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    for (std::size_t i = 0; i < n; ++i)
      if (partials[i]) flow_along(dx[i], g, partials[i]);
  }

  void record(const GraphFlow<T>& flow) const { flow.like(op_by_op()); }
  void push(const TangentFlow<T>& flow) const {
    flow.like([this] { return op_by_op(); });
  }

  /// The same result as a graph of single steps: for a gradient that is to be differentiated itself.
  Tensor<T> op_by_op() const { return std::apply(f, inputs); }
};

/// What a fused function is called with where no derivative is needed.
template <class T>
using FusedValue = Dual<xsimd::batch<T>, 0, false>;
template <class, class Other>
using Replace = Other;

/// Calls run with a set of inputs, known when compiled, that holds all of `needed`: of one or two `tensors`
/// exactly those, of more either all or none.
template <kernels::InputSet tensors, class Run>
void with_set(kernels::InputSet needed, const Run& run) {
  constexpr kernels::InputSet first = tensors & (~tensors + 1), rest = tensors & ~first;
  if (needed == 0) return run.template operator()<0>();
  if constexpr (kernels::inputs_in(tensors) == 2) {
    if (needed == first) return run.template operator()<first>();
    if (needed == rest) return run.template operator()<rest>();
  }
  run.template operator()<tensors>();
}

template <kernels::InputSet tensors, class T, std::size_t n, class F>
Tensor<T> fuse_tensors(F f, std::array<Tensor<T>, n> inputs) {
  using V = xsimd::batch<T>;
  std::array<T, V::size> ones, unused;
  ones.fill(T(1));
  std::array<const T*, n> x;
  x.fill(ones.data());
  kernels::fused_batches<V, 0>(f, x, unused.data(), {}, V::size);  // other threads must not throw

  Shape shape = inputs[0].shape();
  for (const Tensor<T>& input : inputs) shape = broadcast_shapes(OpName::fuse.text(), shape, input.shape());
  Array<T> y = empty_array<T>(shape);
  std::array<BroadcastPlan, n> plans;
  std::array<Ref<Node>, n> nodes;
  std::array<Ref<Value<T>>, n> partials;
  std::array<T*, n> to{};
  kernels::InputSet needed = 0;
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = inputs[i].data();
    plans[i] = make_broadcast_plan(inputs[i].shape(), shape, shape);
    nodes[i] = inputs[i].node();
    if (!nodes[i] || !is_recording()) continue;
    needed |= kernels::InputSet{1} << i;
    partials[i] = make_value(empty_array<T>(shape));
    to[i] = partials[i]->array.data();
  }
  with_set<tensors>(
      needed, [&]<kernels::InputSet set>() { kernels::fused_forward<V, set>(f, plans, x, y.data(), to); });
  return record(OpName::fuse, make_value(std::move(y)), std::move(nodes),
                FusedVjp<T, n, F>{std::move(f), std::move(inputs), std::move(partials)});
}

}  // namespace detail

/// y = f(x_1, ..., x_n) element by element, as one step: the value and every partial derivative that is
/// needed come out of one pass over memory, where the same expression of tensors makes several for each op.
///
///     Tensor<float> y = fuse([](auto x) { return sigmoid(x) * tanh(x) + exp(-x * x); }, x);
///     Tensor<float> z = fuse([](auto a, auto b) { return maximum(a, 0) * b + 2.0 / (1 + square(b)); }, a,
///     b);
///
/// f is a generic lambda or function object, called through const& with one argument per input, all of one
/// type. Inside it every elementwise op works (ops/op_list.hpp, operators, clip, comparisons for
/// where(mask, a, b)), numbers mix in, and the rest is ordinary C++; what mixes elements does not compile.
/// Inputs are tensors, Scalars, numbers and arrays, at least one a tensor, broadcast by NumPy's rules.
/// ShapeError when they do not fit.
///
/// Values and gradients are those of the single ops, NaN, kinks and absorbing zeros included; within f, a 0
/// absorbs where it is a local derivative. f is compiled for the processor its source file is compiled for:
/// with -march=native or -mavx2 -mfma it is several times as fast as without.
template <class F, class... Inputs>
requires TensorOperands<Inputs...>
auto fuse(F f, Inputs&&... inputs) {
  using T = element_type_of<Inputs...>;
  static_assert(sizeof...(Inputs) <= 16, "[fuse] at most 16 inputs");
  static_assert(std::is_invocable_v<const F&, detail::Replace<Inputs, detail::FusedValue<T>>...>,
                "[fuse] the function must take one argument for each input, by value or const reference");
  static_assert(
      std::is_invocable_r_v<detail::FusedValue<T>, const F&,
                            detail::Replace<Inputs, detail::FusedValue<T>>...>,
      "[fuse] the function must return an elementwise expression of its arguments: what else it uses "
      "(tensors, arrays) must be an input too");
  constexpr bool is_differentiable[] = {
      (is_tensor<std::decay_t<Inputs>> || std::same_as<std::decay_t<Inputs>, Scalar>)...};
  constexpr kernels::InputSet tensors = [&] {
    kernels::InputSet set = 0;
    for (std::size_t i = 0; i < sizeof...(Inputs); ++i) set |= kernels::InputSet{is_differentiable[i]} << i;
    return set;
  }();
  detail::check_threads(detail::OpName::fuse.text(), inputs...);
  return detail::fuse_tensors<tensors, T>(std::move(f),
                                          std::array<Tensor<T>, sizeof...(Inputs)>{as_tensor<T>(inputs)...});
}

}  // namespace gradus
