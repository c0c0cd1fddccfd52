#pragma once

namespace gradus::detail {

/// From now on nothing is cached in this thread: every array and node asks the system for its memory, and
/// gives it back. At the end of a thread, and for whoever wants to see every allocation.
void close_pool_cache() noexcept;

}  // namespace gradus::detail
