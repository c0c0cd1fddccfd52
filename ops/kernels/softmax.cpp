#include <gradus/ops/kernels/slices.hpp>
#include <gradus/ops/kernels/softmax.hpp>
#include <gradus/ops/slice_rules.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {

template <class T>
void softmax(const T* x, T* y, ReduceShape shape) {
  for_each_group_of_some<T>(shape, [&](const auto& group) {
    const auto top = reduce_array<TopOp>(group, x);
    group.for_each([&](const auto& lanes, const auto& spread) {
      lanes.store(y, math::exp(lanes.load(x) - spread(top)));
    });
    const auto total = reduce_array<SumOp>(group, y);
    group.for_each(
        [&](const auto& lanes, const auto& spread) { lanes.store(y, lanes.load(y) / spread(total)); });
  });
}

template <class T>
void softmax_backward(const T* g, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  for_each_group_of_some<T>(shape, [&](const auto& group) {
    rules::softmax_flow(group, g, y, Into<T>{gx, accumulate});
  });
}

template <class T>
void log_softmax(const T* x, T* y, ReduceShape shape) {
  for_each_group_of_some<T>(shape, [&](const auto& group) {
    const auto top = reduce_array<TopOp>(group, x);
    const auto total = group.template reduce<SumOp>(
        [&](const auto& lanes, const auto& spread) { return math::exp(lanes.load(x) - spread(top)); });
    const auto log_total = group.map([](const auto& v) { return math::log(v); }, total);
    group.for_each([&](const auto& lanes, const auto& spread) {
      lanes.store(y, lanes.load(x) - spread(top) - spread(log_total));
    });
  });
}

template <class T>
void log_softmax_backward(const T* g, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  for_each_group_of_some<T>(shape, [&](const auto& group) {
    rules::log_softmax_flow(group, g, y, Into<T>{gx, accumulate});
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(softmax)
GRADUS_KERNEL(softmax_backward)
GRADUS_KERNEL(log_softmax)
GRADUS_KERNEL(log_softmax_backward)

}  // namespace gradus::kernels
