#include <algorithm>

#include <gradus/core/kernels/input_range.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

void merge(InputRange& range, const Step* inputs, Step n, Step base) {
  constexpr Step chunk_size = gradus::detail::chunk_size;
  Step inside = range.lowest_inside, low = range.lowest_outside, high = range.highest_outside;
#pragma omp simd reduction(min : inside, low) reduction(max : high)
  for (Step i = 0; i < n; ++i) {
    const Step input = inputs[i], offset = input - base;
    const bool is_inside = offset >= 0 && offset < chunk_size;
    inside = std::min(inside, is_inside ? offset : chunk_size);
    low = std::min(low, is_inside || input < 0 ? std::numeric_limits<Step>::max() : input);
    high = std::max(high, is_inside ? -1 : input);
  }
  range = {inside, low, high};
}

}  // namespace

void merge_inputs(InputRange& range, const Record& record, Step first, Step last, Step base) {
  merge(range, &record.inputs[first].a, 2 * (last - first + 1), base);
  for (Step s = first; s <= last; ++s)
    if (is_fused(record.head[s].op)) merge(range, &record.third[s].c, 1, base);
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL_INSTANCE(merge_inputs)

}  // namespace gradus::kernels
