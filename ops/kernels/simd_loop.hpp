#pragma once

#include <algorithm>
#include <cstddef>

#include <gradus/core/inlining.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/ops/kernels/simd_tail.hpp>

/// How kernels walk contiguous memory: SIMD batches, in blocks, on several threads. Included by kernel .cpp
/// files only.
namespace gradus::kernels::GRADUS_KERNEL_ARCH {

/// The batch that starts at element `i`.
template <class T>
struct FullBatch {
  std::size_t i;

  Batch<T> load(const T* x) const { return Batch<T>::load_unaligned(x + i); }
  void store(T* x, const Batch<T>& value) const { value.store_unaligned(x + i); }
};

/// The last `count` elements, fewer than a batch, from element `i`. The lanes beyond them hold 1.
template <class T>
struct PartialBatch {
  std::size_t i, count;

  Batch<T> load(const T* x) const { return load_first(x + i, count); }
  void store(T* x, const Batch<T>& value) const { store_first(x + i, count, value); }

  /// `value`, with `rest` in the lanes beyond the last element.
  Batch<T> keep(const Batch<T>& value, T rest) const {
    return xsimd::select(first_lanes<T>(count), value, Batch<T>(rest));
  }
};

/// Calls body(FullBatch) for the whole batches in [begin, end) and body(PartialBatch) for what is left: the
/// same arithmetic for every element. The body is a copy that holds copies: what it refers to would be loaded
/// anew for every batch, because a store of a batch might have changed anything. Everything is inlined, as
/// wherever kernels walk from batch to batch: a call for each takes its operands through memory.
template <class T, class Body>
GRADUS_FLATTEN void for_each_batch(std::size_t begin, std::size_t end, Body body) {
  std::size_t i = begin;
  for (; i + Batch<T>::size <= end; i += Batch<T>::size) body(FullBatch<T>{i});
  if (i < end) body(PartialBatch<T>{i, end - i});
}

/// Work is dealt out in blocks of this many elements, whatever the number of threads, so that every element
/// falls into the same batch and comes out the same.
inline constexpr std::size_t block_size = 1024;

/// Fewer elements than this are not worth waking a second thread.
inline constexpr std::size_t parallel_grain = 128 * block_size;

/// Calls f(begin, end) on ranges of whole blocks that cover [0, n).
template <class F>
void parallel_blocks(std::size_t n, const F& f) {
  parallel_for(
      (n + block_size - 1) / block_size, parallel_grain / block_size,
      [&](std::size_t begin, std::size_t end) { f(begin * block_size, std::min(n, end * block_size)); });
}

/// value, or 0 wherever g is 0: an incoming gradient of 0 contributes 0 whatever it is multiplied by.
template <class T>
Batch<T> absorb(const Batch<T>& g, const Batch<T>& value) {
  return xsimd::select(g == Batch<T>(T(0)), Batch<T>(T(0)), value);
}

/// out (+)= value on the lanes at hand.
template <class Lanes, class T>
void store_or_add(const Lanes& lanes, T* out, const Batch<T>& value, bool accumulate) {
  lanes.store(out, accumulate ? lanes.load(out) + value : value);
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH
