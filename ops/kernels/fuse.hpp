#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <utility>

#include <gradus/core/inlining.hpp>
#include <gradus/ops/dual.hpp>
#include <gradus/ops/kernels/broadcast_reader.hpp>
#include <gradus/ops/kernels/simd_loop.hpp>
#include <gradus/ops/kernels/simd_math.hpp>

/// The loop behind fuse(). It is compiled where fuse() is called, for the processor that code is compiled
/// for; what depends on the processor has V, a SIMD batch, in its type, so that one program may hold several.
namespace gradus::kernels {

/// A set of inputs of a fused function: bit i stands for input i.
using InputSet = unsigned;

constexpr bool contains(InputSet set, std::size_t i) { return (set >> i & 1U) != 0; }
constexpr std::size_t inputs_in(InputSet set) { return static_cast<std::size_t>(std::popcount(set)); }
/// Which of the inputs in the set input i is.
constexpr std::size_t rank_in(InputSet set, std::size_t i) {
  return inputs_in(set & ((InputSet{1} << i) - 1));
}

/// Stores the partial derivatives of a result, where they have a place.
template <InputSet set, class D, class T, std::size_t n>
void store_partials(const D& result, const std::array<T*, n>& partials, std::size_t at) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    const auto store = [&]<std::size_t input>() {
      if constexpr (contains(set, input))
        if (partials[input]) result.partial(rank_in(set, input)).store_unaligned(partials[input] + at);
    };
    (store.template operator()<i>(), ...);
  }
  (std::make_index_sequence<n>());
}

/// f of the batches at x + at.
template <class D, InputSet set, class V, class F, class T, std::size_t n>
D fused_batch(const F& f, const std::array<const T*, n>& x, std::size_t at) {
  const auto input = [&]<std::size_t i>() {
    const V value = V::load_unaligned(x[i] + at);
    if constexpr (contains(set, i))
      return D(value, rank_in(set, i));
    else
      return D(value);
  };
  return [&]<std::size_t... i>(std::index_sequence<i...>) { return D(f(input.template operator()<i>()...)); }
  (std::make_index_sequence<n>());
}

/// y = f(x...) and partials[i] = dy/dx_i of the inputs in the set, over whole batches. Partials are computed
/// without absorbing zeros, and once more with it where that has left NaN.
template <class V, InputSet set, class F, class T, std::size_t n>
GRADUS_FLATTEN [[gnu::noinline]] void fused_batches(const F& f, std::array<const T*, n> x, T* y,
                                                    std::array<T*, n> partials, std::size_t size) {
  constexpr std::size_t wanted = inputs_in(set);
  for (std::size_t at = 0; at < size; at += V::size) {
    const auto result = fused_batch<Dual<V, wanted, false>, set, V>(f, x, at);
    result.value().store_unaligned(y + at);
    if constexpr (wanted > 0) {
      store_partials<set>(result, partials, at);
      V sum = result.partial(0);
      for (std::size_t i = 1; i < wanted; ++i) sum += result.partial(i);
      if (xsimd::any(math::is_nan(sum))) [[unlikely]]
        store_partials<set>(fused_batch<Dual<V, wanted, true>, set, V>(f, x, at), partials, at);
    }
  }
}

/// The same over any number of elements: the last, incomplete batch takes a detour, filled up with ones.
template <class V, InputSet set, class F, class T, std::size_t n>
void fused_block(const F& f, std::array<const T*, n> x, T* y, std::array<T*, n> partials, std::size_t size) {
  const std::size_t rest = size % V::size, whole = size - rest;
  fused_batches<V, set>(f, x, y, partials, whole);
  if (rest == 0) return;
  T from[n][V::size], result[V::size], to[n][V::size] = {};
  std::array<const T*, n> rest_of_x;
  std::array<T*, n> rest_of_partials{};
  for (std::size_t i = 0; i < n; ++i) {
    std::fill_n(std::copy_n(x[i] + whole, rest, from[i]), V::size - rest, T(1));
    rest_of_x[i] = from[i];
    if (partials[i]) rest_of_partials[i] = to[i];
  }
  fused_batches<V, set>(f, rest_of_x, result, rest_of_partials, V::size);
  std::copy_n(result, rest, y + whole);
  for (std::size_t i = 0; i < n; ++i)
    if (partials[i]) std::copy_n(to[i], rest, partials[i] + whole);
}

/// y = f(x...), the inputs stretched as their plans say (as operand a), and partials[i] = dy/dx_i, of the
/// shape of y, of the inputs in the set where it is not null.
template <class V, InputSet set, class F, class T, std::size_t n>
void fused_forward(const F& f, const std::array<BroadcastPlan, n>& plans, const std::array<const T*, n>& x,
                   T* y, const std::array<T*, n>& partials) {
  parallel_blocks(plans[0].size, [&](std::size_t begin, std::size_t end) {
    auto readers = [&]<std::size_t... i>(std::index_sequence<i...>) {
      return std::array<BroadcastReader<T>, n>{
          BroadcastReader<T>(plans[i], &BroadcastPlan::Axis::a_stride, x[i])...};
    }
    (std::make_index_sequence<n>());
    for (std::size_t block = begin; block < end; block += block_size) {
      const std::size_t length = std::min(block_size, end - block);
      std::array<const T*, n> x_block;
      std::array<T*, n> partial_block{};
      for (std::size_t i = 0; i < n; ++i) {
        x_block[i] = readers[i].block(block, block + length);
        if (partials[i]) partial_block[i] = partials[i] + block;
      }
      fused_block<V, set>(f, x_block, y + block, partial_block, length);
    }
  });
}

}  // namespace gradus::kernels
