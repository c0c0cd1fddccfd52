#include <gradus/ops/kernels/elementwise.hpp>
#include <gradus/ops/rules.hpp>
#include <gradus/ops/step.hpp>

namespace gradus::detail {
namespace {

/// slot += g * partial for a number g. The partials themselves become the gradient where it is 1.
template <class T>
void flow_scaled(const Slot<T>& slot, T g, const Ref<Value<T>>& partial) {
  if (g == T(1)) return slot.add(partial);
  const Array<T>& p = partial->array;
  const Shape shape = shape_of(p);
  slot.write(shape, [&](T* out, bool accumulate) {
    if (g == T(0)) {
      if (!accumulate) kernels::fill(out, T(0), p.size());
    } else if (accumulate) {
      kernels::axpy(g, p.data(), out, p.size());
    } else {
      kernels::binary_forward(rules::Mul(), make_broadcast_plan(shape, {}, shape), p.data(), &g, out);
    }
  });
}

}  // namespace

template <class T>
void flow_along(const Slot<T>& slot, const Ref<Value<T>>& g, const Ref<Value<T>>& partial) {
  const Shape shape = shape_of(partial->array);
  if (g->array.dimension() < shape.size()) return flow_scaled(slot, g->array.data()[0], partial);
  const BroadcastPlan plan = make_broadcast_plan(shape, shape, shape);
  slot.write(shape, [&](T* out, bool accumulate) {
    kernels::binary_backward<rules::Mul, T, 0>(rules::Mul(), plan, g->array.data(), nullptr,
                                               partial->array.data(), nullptr, out, accumulate);
  });
}
template void flow_along(const Slot<float>&, const Ref<Value<float>>&, const Ref<Value<float>>&);
template void flow_along(const Slot<double>&, const Ref<Value<double>>&, const Ref<Value<double>>&);

}  // namespace gradus::detail
