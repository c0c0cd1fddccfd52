#include <array>
#include <bit>
#include <cstdlib>
#include <new>

#include <gradus/core/pool.hpp>

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
  void* const memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (!memory) throw std::bad_alloc();
  return memory;
}

struct Cache {
  std::array<FreeBlock*, class_count> free{};
  bool is_closed = false;

  bool release_all() {
    bool any = false;
    for (FreeBlock*& head : free)
      while (head) {
        FreeBlock* const block = head;
        head = block->next;
        std::free(block);
        any = true;
      }
    return any;
  }
};

// The cache itself needs no destruction: objects that outlive their thread find it closed.
constinit thread_local Cache cache;

struct Closer {
  ~Closer() {
    cache.is_closed = true;
    cache.release_all();
  }
};

void close_at_thread_end() {
  thread_local Closer closer;
  (void)closer;
}

}  // namespace

void* pool_allocate(std::size_t bytes) {
  if (!caches) return system_allocate(bytes);
  const SizeClass size = class_of(bytes);
  if (size.index >= class_count) throw std::bad_alloc();
  FreeBlock*& head = cache.free[size.index];
  if (head) {
    FreeBlock* const block = head;
    head = block->next;
    return block;
  }
  try {
    return system_allocate(size.bytes);
  } catch (const std::bad_alloc&) {
    if (!cache.release_all()) throw;
    return system_allocate(size.bytes);
  }
}

void pool_deallocate(void* memory, std::size_t bytes) noexcept {
  if (!memory) return;
  if (!caches || cache.is_closed) return std::free(memory);
  close_at_thread_end();
  FreeBlock*& head = cache.free[class_of(bytes).index];
  head = new (memory) FreeBlock{head};
}

}  // namespace gradus::detail

void gradus::release_cached_memory() noexcept { detail::cache.release_all(); }
