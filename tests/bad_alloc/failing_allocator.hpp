#pragma once

/// The allocator of this program: in the thread that asks for it, allocations fail.
namespace failing_allocator {

/// Which allocations fail: the k-th from now on, or that and all after it.
enum class Mode { one, all_from };

void arm(long k, Mode mode);
/// Nothing fails any more. Returns whether something has.
bool disarm();

/// Blocks handed out and not given back.
long live_blocks();

}  // namespace failing_allocator
