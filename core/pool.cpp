#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <utility>

#include <gradus/core/pool.hpp>
#include <gradus/core/pool_cache.hpp>

namespace gradus::detail {
namespace {

// A cache would hide uses after release from the address sanitizer.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool caches = false;
#else
constexpr bool caches = true;
#endif

constexpr std::size_t alignment = 64;
constexpr unsigned smallest_bits = 6, quarters = 4;  // classes: four to each power of two from 64 bytes on
constexpr std::size_t class_count = (48 - smallest_bits) * quarters;

struct SizeClass {
  std::size_t index, bytes;
};

/// The smallest class that holds `bytes`: at most a quarter is wasted.
SizeClass class_of(std::size_t bytes) {
  if (bytes <= alignment) return {0, alignment};
  const auto bits = static_cast<unsigned>(std::bit_width(bytes - 1)) - 1;  // 2^bits < bytes <= 2^(bits + 1)
  const std::size_t base = std::size_t{1} << bits, step = base / quarters;
  const std::size_t quarter = (bytes - base + step - 1) / step;
  return {(bits - smallest_bits) * quarters + quarter, base + quarter * step};
}

struct FreeBlock {
  FreeBlock* next;
};

void* system_allocate(std::size_t bytes) {
  return ::operator new ((bytes + alignment - 1) / alignment * alignment, std::align_val_t{alignment});
}
void system_deallocate(void* memory) noexcept { ::operator delete (memory, std::align_val_t{alignment}); }

constexpr std::size_t always_kept = std::size_t{64} << 20;

struct Cache {
  std::array<FreeBlock*, class_count> free{};
  std::size_t kept = 0;   // bytes in the cache
  std::size_t limit = 0;  // of `kept`, when it was last reached; 0 before the first block and after the last
  std::size_t owned = 0;  // bytes asked of the system and not given back to it
  std::size_t peak = 0;   // most bytes owned, but not kept, when the system was asked
  bool is_closed = false;

  void take_from_system(std::size_t bytes) {
    owned += bytes;
    peak = std::max(peak, owned - std::min(owned, kept));
  }
  /// More may go than came: other threads' memory may end here.
  void return_to_system(std::size_t bytes) { owned -= std::min(owned, bytes); }

  bool has_room_for(std::size_t bytes) const { return kept + bytes <= limit; }
  bool make_room_for(std::size_t bytes);

  bool release_all() {
    return_to_system(std::exchange(kept, 0));
    bool any = false;
    for (FreeBlock*& head : free)
      while (head) {
        FreeBlock* const block = head;
        head = block->next;
        system_deallocate(block);
        any = true;
      }
    return any;
  }
};

// The cache itself needs no destruction: objects that outlive their thread find it closed.
constinit thread_local Cache cache;

struct Closer {
  ~Closer() { close_pool_cache(); }
};

void close_at_thread_end() {
  thread_local Closer closer;
  (void)closer;
}

/// When the cache is full all of it goes: what is needed now will be kept, whatever was needed before.
[[gnu::cold, gnu::noinline]] bool Cache::make_room_for(std::size_t bytes) {
  if (is_closed) return false;
  close_at_thread_end();
  limit = always_kept + 2 * peak;
  if (!has_room_for(bytes)) release_all();
  return has_room_for(bytes);
}

void* allocate_anew(std::size_t bytes) {
  try {
    return system_allocate(bytes);
  } catch (const std::bad_alloc&) {
    if (!cache.release_all()) throw;
    return system_allocate(bytes);
  }
}

}  // namespace

void* pool_allocate(std::size_t bytes) {
  if (!caches) return system_allocate(bytes);
  const SizeClass size = class_of(bytes);
  if (size.index >= class_count) throw std::bad_alloc();
  if (FreeBlock*& head = cache.free[size.index]) {
    FreeBlock* const block = head;
    head = block->next;
    cache.kept -= size.bytes;
    return block;
  }
  void* const memory = allocate_anew(size.bytes);
  cache.take_from_system(size.bytes);
  return memory;
}

void pool_deallocate(void* memory, std::size_t bytes) noexcept {
  if (!memory) return;
  if (!caches) return system_deallocate(memory);
  const SizeClass size = class_of(bytes);
  if (!cache.has_room_for(size.bytes) && !cache.make_room_for(size.bytes)) {
    cache.return_to_system(size.bytes);
    return system_deallocate(memory);
  }
  FreeBlock*& head = cache.free[size.index];
  head = new (memory) FreeBlock{head};
  cache.kept += size.bytes;
}

}  // namespace gradus::detail

void gradus::detail::close_pool_cache() noexcept {
  cache.is_closed = true;
  cache.limit = 0;
  cache.release_all();
}

void gradus::release_cached_memory() noexcept { detail::cache.release_all(); }
