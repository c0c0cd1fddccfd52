#pragma once

#include <limits>

#include <gradus/core/dispatch.hpp>
#include <gradus/core/record.hpp>

namespace gradus::kernels {

using gradus::detail::Entry;
using gradus::detail::Record;
using gradus::detail::Step;

/// What a run of scalar steps takes as inputs: how far down in its own chunk, and which steps outside it.
struct InputRange {
  Step lowest_inside = gradus::detail::chunk_size;  ///< an offset
  Step lowest_outside = std::numeric_limits<Step>::max(), highest_outside = -1;
};

/// Adds the inputs of the steps from `first` to `last`, of the chunk that begins at `base`.
inline void merge_inputs(InputRange& range, const Record& record, Step first, Step last, Step base) {
  dispatch<merge_inputs>(range, record, first, last, base);
}

}  // namespace gradus::kernels
