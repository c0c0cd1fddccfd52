#pragma once

#include <cstdint>
#include <vector>

#include <gradus/core/record.hpp>

/// Scalars may be moved into another thread, by themselves or with a tensor, and end there. Their handles
/// cannot be ended where their record is not: they are laid down here, and the thread they belong to takes
/// them back when it next needs room for steps.
namespace gradus::detail {

/// A record begins or ceases to take handles back.
void open_returns(std::uint32_t record_id);
void close_returns(std::uint32_t record_id);

/// GraphError when the thread of a record lives: a copy of one of its handles, made elsewhere, would not be
/// counted.
void check_not_counted_elsewhere(std::uint32_t record_id);

/// Called in any thread. Nothing to do for a record that is gone.
void give_back(std::uint32_t record_id, Step s);

/// Called in the record's thread: what has been given back since the last time.
std::vector<Step> take_returns(std::uint32_t record_id);

}  // namespace gradus::detail
