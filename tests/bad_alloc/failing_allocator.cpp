#include "failing_allocator.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<long> blocks{0};
struct Plan {
  long countdown = 0;  // 0: none fails
  bool goes_on = false, has_failed = false;
};
constinit thread_local Plan plan;

bool fails_now() {
  if (plan.countdown == 0 || --plan.countdown > 0) return false;
  plan.has_failed = true;
  if (plan.goes_on) plan.countdown = 1;
  return true;
}

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (fails_now()) throw std::bad_alloc();
  const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, whole == 0 ? alignment : whole);
  if (!memory) throw std::bad_alloc();
  ++blocks;
  return memory;
}

void release(void* memory) {
  if (!memory) return;
  --blocks;
  std::free(memory);
}

}  // namespace

namespace failing_allocator {

void arm(long k, Mode mode) { plan = {k, mode == Mode::all_from, false}; }

bool disarm() {
  plan.countdown = 0;
  return plan.has_failed;
}

long live_blocks() { return blocks; }

}  // namespace failing_allocator

void* operator new(std::size_t bytes) { return allocate(bytes, alignof(std::max_align_t)); }
void* operator new[](std::size_t bytes) { return allocate(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
