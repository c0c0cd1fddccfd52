#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>
#include <vector>

namespace gradus {

/// Gives back to the system what this thread keeps for arrays to come: the memory of arrays it has let go of.
/// For use after work that needed other sizes than what follows.
void release_cached_memory() noexcept;

}  // namespace gradus

namespace gradus::detail {

/// Memory for arrays and nodes, aligned to a cache line. What is given back is cached by size in the thread
/// that gives it back, so that a training step after the first ones asks the system for nothing. A thread
/// keeps at most 64 MB and twice the most it itself has used at one time: one that only lets go of what
/// others made must not hoard it.
void* pool_allocate(std::size_t bytes);
void pool_deallocate(void* memory, std::size_t bytes) noexcept;

/// Standard allocator over the pool. New elements of arithmetic types are left uninitialised.
template <class T>
struct PoolAllocator {
  using value_type = T;
  using is_always_equal = std::true_type;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}
  T* allocate(std::size_t n) {
    if (n > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(pool_allocate(n * sizeof(T)));
  }
  void deallocate(T* p, std::size_t n) noexcept { pool_deallocate(p, n * sizeof(T)); }
  template <class U>
  bool operator==(const PoolAllocator<U>&) const {
    return true;
  }
};

template <class T>
using PooledVector = std::vector<T, PoolAllocator<T>>;

/// Base of types whose objects live in the pool.
struct Pooled {
  static void* operator new(std::size_t bytes) { return pool_allocate(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept { pool_deallocate(memory, bytes); }
};

}  // namespace gradus::detail
