#include <atomic>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/core/record_returns.hpp>

namespace gradus::detail {
namespace {

struct Returns {
  std::mutex mutex;
  std::unordered_map<std::uint32_t, std::vector<Step>> by_record;
  std::atomic<std::size_t> waiting{0};  ///< so that whoever has nothing to take needs no lock
};

/// Never destroyed: threads may end after main() has.
Returns& returns() {
  static Returns* const all = new Returns;
  return *all;
}

}  // namespace

void open_returns(std::uint32_t record_id) {
  Returns& all = returns();
  const std::lock_guard lock(all.mutex);
  all.by_record[record_id];
}

void close_returns(std::uint32_t record_id) {
  Returns& all = returns();
  const std::lock_guard lock(all.mutex);
  const auto entry = all.by_record.find(record_id);
  all.waiting -= entry->second.size();
  all.by_record.erase(entry);
}

void fail_in_thread(const char* caller) {
  throw GraphError(std::string("[") + caller + "] a Scalar of another thread: each thread records its own " +
                   "scalars; pass the number (value()) or a tensor instead");
}

void check_not_counted_elsewhere(std::uint32_t record_id) {
  Returns& all = returns();
  const std::lock_guard lock(all.mutex);
  if (all.by_record.contains(record_id)) fail_in_thread("copy");
}

void give_back(std::uint32_t record_id, Step s) {
  Returns& all = returns();
  const std::lock_guard lock(all.mutex);
  const auto entry = all.by_record.find(record_id);
  if (entry == all.by_record.end()) return;
  try {
    entry->second.push_back(s);
  } catch (const std::bad_alloc&) {
    return;  // the step counts a handle too many for good, but the destructor of a handle must not throw
  }
  ++all.waiting;
}

std::vector<Step> take_returns(std::uint32_t record_id) {
  Returns& all = returns();
  if (all.waiting.load(std::memory_order_relaxed) == 0) return {};
  const std::lock_guard lock(all.mutex);
  std::vector<Step>& steps = all.by_record[record_id];
  all.waiting -= steps.size();
  return std::exchange(steps, {});
}

}  // namespace gradus::detail
