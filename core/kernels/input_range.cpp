#include <algorithm>

#include <gradus/core/kernels/input_range.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

[[gnu::always_inline]] inline void merge(InputRange& range, Step input, Step base) {
  constexpr Step chunk_size = gradus::detail::chunk_size;
  const Step offset = input - base;
  const bool is_inside = offset >= 0 && offset < chunk_size;
  range.lowest_inside = std::min(range.lowest_inside, is_inside ? offset : chunk_size);
  range.lowest_outside =
      std::min(range.lowest_outside, is_inside || input < 0 ? std::numeric_limits<Step>::max() : input);
  range.highest_outside = std::max(range.highest_outside, is_inside ? -1 : input);
}

}  // namespace

void merge_inputs(InputRange& range, const Record& record, Step first, Step last, Step base) {
  const Entry* const entries = record.entries;
  InputRange all = range;
  for (Step s = first; s <= last; ++s) {
    const Entry e = entries[s];
    merge(all, e.a, base);
    merge(all, e.b, base);
    merge(all, e.is_fused() ? e.c : e.a, base);
  }
  range = all;
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL_INSTANCE(merge_inputs)

}  // namespace gradus::kernels
