#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

#include <gradus/ops/kernels/reduce.hpp>
#include <gradus/ops/kernels/simd_loop.hpp>

/// A contiguous (outer, n, inner) array as groups of slices along its middle axis. An algorithm on slices is
/// written once over a group, of which there are three kinds: one row (inner = 1), a few short rows side by
/// side, a tile of neighbouring columns (inner > 1). Every group offers
///   slices()               how many, neighbours in the reduced shape from `index` on
///   Numbers                one number for each of them
///   constant(v)            the same number for all
///   load(p), store(p, v)   Numbers from and to an array of the reduced shape
///   map(f, v...)           f applied to Numbers
///   for_each(f)            f(lanes, spread) for all elements: `lanes` loads and stores them in arrays of the
///   full
///                          shape, spread(v) gives the numbers that belong to them
///   reduce<Op>(f)          what f(lanes, spread) returns, combined by Op in a fixed tree
/// Included by kernel .cpp files only.
namespace gradus::kernels::GRADUS_KERNEL_ARCH {

struct SumOp {
  template <class T>
  static constexpr T identity = T(0);
  template <class T>
  static T combine(const T& a, const T& b) {
    return a + b;
  }
};

struct MaxOp {
  template <class T>
  static constexpr T identity = -std::numeric_limits<T>::infinity();
  template <class T>
  static T combine(const T& a, const T& b) {
    return math::maximum(a, b);
  }
};

/// The largest element, or any at all where one is NaN: for what becomes NaN there by other ways. Half as
/// many instructions as MaxOp.
struct TopOp : MaxOp {
  template <class T>
  static T combine(const T& a, const T& b) {
    using std::max;
    return max(a, b);
  }
};

/// Long reductions are cut into this many parts, whatever the number of threads.
inline constexpr std::size_t reduce_parts = 16;

/// The outermost levels of a reduction's tree: part(k, begin, end) for ranges that cover [0, units), then
/// combine(k, l), which adds part l to part k, in pairs until all is in part 0.
template <class Part, class Combine>
void reduce_in_parts(std::size_t units, const Part& part, const Combine& combine) {
  parallel_for(reduce_parts, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k)
      part(k, units * k / reduce_parts, units * (k + 1) / reduce_parts);
  });
  for (std::size_t step = 1; step < reduce_parts; step *= 2)
    for (std::size_t k = 0; k < reduce_parts; k += 2 * step) combine(k, k + step);
}

/// One slice, contiguous in memory.
template <class T>
struct RowGroup {
  using Numbers = T;
  std::size_t begin, n, index;  // first element, elements, which slice

  std::size_t slices() const { return 1; }
  Numbers constant(T v) const { return v; }
  Numbers load(const T* p) const { return p[index]; }
  void store(T* p, Numbers v) const { p[index] = v; }

  template <class F, class... V>
  Numbers map(const F& f, V... v) const {
    return f(v...);
  }

  template <class F>
  void for_each(const F& f) const {
    parallel_blocks(n, [&](std::size_t first, std::size_t last) {
      for_each_batch<T>(begin + first, begin + last, [&](const auto& lanes) { f(lanes, spread); });
    });
  }

  template <class Op, class F>
  Numbers reduce(const F& f) const {
    if (n < 2 * parallel_grain) return across<Op>(tree<Op>(begin, begin + n, f));
    Batch<T> parts[reduce_parts];
    const auto part = [&](std::size_t k, std::size_t first, std::size_t last) {
      parts[k] = tree<Op>(begin + first * block_size, begin + std::min(n, last * block_size), f);
    };
    reduce_in_parts((n + block_size - 1) / block_size, part,
                    [&](std::size_t k, std::size_t l) { parts[k] = Op::combine(parts[k], parts[l]); });
    return across<Op>(parts[0]);
  }

 private:
  static Batch<T> spread(Numbers v) { return Batch<T>(v); }

  template <class Op, class F>
  static Batch<T> tree(std::size_t first, std::size_t last, const F& f) {
    const std::size_t length = last - first;
    if (length <= block_size) return leaf<Op>(first, last, f);
    const std::size_t middle = first + (length / 2 + block_size - 1) / block_size * block_size;
    const Batch<T> left = tree<Op>(first, middle, f), right = tree<Op>(middle, last, f);
    return Op::combine(left, right);
  }

  template <class Op, class F>
  GRADUS_FLATTEN static Batch<T> leaf(std::size_t i, std::size_t last, const F& f) {
    constexpr std::size_t size = Batch<T>::size;
    const Batch<T> identity(Op::template identity<T>);
    Batch<T> sums[4] = {identity, identity, identity, identity};  // as many operations in flight
    for (; i + 4 * size <= last; i += 4 * size)
      for (std::size_t j = 0; j < 4; ++j)
        sums[j] = Op::combine(sums[j], f(FullBatch<T>{i + j * size}, spread));
    for (; i + size <= last; i += size) sums[0] = Op::combine(sums[0], f(FullBatch<T>{i}, spread));
    if (i < last) {
      const PartialBatch<T> rest{i, last - i};
      sums[1] = Op::combine(sums[1], rest.keep(f(rest, spread), Op::template identity<T>));
    }
    return Op::combine(Op::combine(sums[0], sums[1]), Op::combine(sums[2], sums[3]));
  }

  template <class Op>
  static T across(const Batch<T>& sums) {
    alignas(Batch<T>::arch_type::alignment()) T lanes[Batch<T>::size];
    sums.store_aligned(lanes);
    for (std::size_t half = Batch<T>::size / 2; half > 0; half /= 2)
      for (std::size_t i = 0; i < half; ++i) lanes[i] = Op::combine(lanes[i], lanes[i + half]);
    return lanes[0];
  }
};

/// One element from each of as many neighbouring rows as a batch has lanes.
template <class T>
struct StridedBatch {
  std::size_t i, stride;

  Batch<T> load(const T* x) const { return gather(x + i, std::make_index_sequence<Batch<T>::size>{}); }
  void store(T* x, const Batch<T>& value) const {
    alignas(Batch<T>::arch_type::alignment()) T lanes[Batch<T>::size];
    value.store_aligned(lanes);
    for (std::size_t row = 0; row < Batch<T>::size; ++row) x[i + row * stride] = lanes[row];
  }

 private:
  template <std::size_t... Rows>
  Batch<T> gather(const T* x, std::index_sequence<Rows...>) const {
    return {x[Rows * stride]...};  // measured faster than the processor's gather
  }
};

/// As many short rows as a batch has lanes, side by side.
template <class T>
struct ShortRowsGroup {
  using Numbers = Batch<T>;
  std::size_t begin, n, index;  // first element, elements of a row, which slice is the first

  /// Longer rows fill batches of their own.
  static constexpr std::size_t longest = 2 * Batch<T>::size;

  std::size_t slices() const { return Batch<T>::size; }
  Numbers constant(T v) const { return Batch<T>(v); }
  Numbers load(const T* p) const { return FullBatch<T>{index}.load(p); }
  void store(T* p, const Numbers& v) const { FullBatch<T>{index}.store(p, v); }

  template <class F, class... V>
  Numbers map(const F& f, const V&... v) const {
    return f(v...);
  }

  template <class F>
  GRADUS_FLATTEN void for_each(const F& f) const {
    for (std::size_t k = 0; k < n; ++k) f(StridedBatch<T>{begin + k, n}, spread);
  }

  template <class Op, class F>
  GRADUS_FLATTEN Numbers reduce(const F& f) const {
    Batch<T> sum(Op::template identity<T>);
    for (std::size_t k = 0; k < n; ++k) sum = Op::combine(sum, f(StridedBatch<T>{begin + k, n}, spread));
    return sum;
  }

 private:
  static Batch<T> spread(const Numbers& v) { return v; }
};

/// Numbers for a tile of columns. Those beyond its width are computed with and mean nothing.
template <class T>
struct Tile {
  static constexpr std::size_t most = 128;
  alignas(64) T values[most] = {};
};

/// Neighbouring columns of one (n, inner) matrix.
template <class T>
struct TileGroup {
  using Numbers = Tile<T>;
  std::size_t begin, n, inner, width, index;  // first element, rows, from row to row, columns, first slice
  std::size_t array_size;                     // up to where memory may be read

  std::size_t slices() const { return width; }
  Numbers constant(T v) const {
    Numbers result;
    std::fill_n(result.values, width, v);
    return result;
  }
  Numbers load(const T* p) const {
    Numbers v;
    std::copy_n(p + index, width, v.values);
    return v;
  }
  void store(T* p, const Numbers& v) const { std::copy_n(v.values, width, p + index); }

  template <class F, class... V>
  Numbers map(const F& f, const V&... v) const {
    Numbers result;
    for (std::size_t c = 0; c < width; c += Batch<T>::size)
      FullBatch<T>{c}.store(result.values, f(FullBatch<T>{c}.load(v.values)...));
    return result;
  }

  template <class F>
  void for_each(const F& f) const {
    parallel_for(n, parallel_grain / width, [&](std::size_t first, std::size_t last) {
      for (std::size_t row = begin + first * inner; row < begin + last * inner; row += inner)
        for_each_batch<T>(row, row + width, [&](const auto& lanes) {
          f(lanes, [&](const Numbers& v) { return FullBatch<T>{lanes.i - row}.load(v.values); });
        });
    });
  }

  template <class Op, class F>
  Numbers reduce(const F& f) const {
    if (n * width >= 2 * parallel_grain && n >= reduce_parts * leaf_rows) return reduce_long<Op>(f);
    Numbers result;
    tree<Op>(0, n, f, result);
    return result;
  }

 private:
  static constexpr std::size_t leaf_rows = 16;

  template <class Op, class F>
  Numbers reduce_long(const F& f) const {
    Numbers parts[reduce_parts];
    reduce_in_parts(
        n, [&](std::size_t k, std::size_t first, std::size_t last) { tree<Op>(first, last, f, parts[k]); },
        [&](std::size_t k, std::size_t l) { combine<Op>(parts[k], parts[l]); });
    return parts[0];
  }

  template <class Op>
  void combine(Numbers& a, const Numbers& b) const {
    a = map([](const auto& p, const auto& q) { return Op::combine(p, q); }, a, b);
  }

  template <class Op, class F>
  void tree(std::size_t first, std::size_t last, const F& f, Numbers& result) const {
    if (last - first <= leaf_rows) return leaf<Op>(first, last, f, result);
    const std::size_t middle = first + (last - first) / 2;
    Numbers right;
    tree<Op>(first, middle, f, result);
    tree<Op>(middle, last, f, right);
    combine<Op>(result, right);
  }

  template <class Op, class F>
  GRADUS_FLATTEN void leaf(std::size_t first, std::size_t last, const F& f, Numbers& result) const {
    for (std::size_t c = 0; c < width; c += Batch<T>::size) {
      const auto spread = [c](const Numbers& v) { return FullBatch<T>{c}.load(v.values); };
      const std::size_t top = begin + first * inner + c, bottom = begin + last * inner + c;
      Batch<T> sum(Op::template identity<T>);
      if (bottom - inner + Batch<T>::size <= array_size) {
        // Lanes beyond the tile hold other elements, which nobody looks at.
        for (std::size_t i = top; i < bottom; i += inner) sum = Op::combine(sum, f(FullBatch<T>{i}, spread));
      } else {
        for (std::size_t i = top; i < bottom; i += inner)
          sum = Op::combine(sum, f(PartialBatch<T>{i, std::min(width - c, Batch<T>::size)}, spread));
      }
      FullBatch<T>{c}.store(result.values, sum);
    }
  }
};

/// The elements of `x`, combined.
template <class Op, class T, class Group>
auto reduce_array(const Group& group, const T* x) {
  return group.template reduce<Op>([x](const auto& lanes, const auto&) { return lanes.load(x); });
}

/// What f(lanes, spread) returns, summed over each slice.
template <class Group, class F>
auto sum_over(const Group& group, const F& f) {
  return group.template reduce<SumOp>(f);
}

/// Where a rule of slices (ops/slice_rules.hpp) puts its contributions.
template <class T>
struct Into {
  T* gx;
  bool accumulate;
};
template <class T, class Lanes>
void add_to(const Into<T>& dx, const Lanes& lanes, const Batch<T>& contribution) {
  store_or_add(lanes, dx.gx, contribution, dx.accumulate);
}

/// Calls f on groups that together hold every slice once.
template <class T, class F>
void for_each_group(ReduceShape shape, const F& f) {
  const auto [outer, n, inner] = shape;
  if (outer == 0 || inner == 0) return;
  const auto deal_out = [n = n](std::size_t groups, std::size_t slices_each, const auto& call) {
    const std::size_t work = std::max<std::size_t>(1, n * slices_each);
    parallel_for(groups, std::max<std::size_t>(1, parallel_grain / work),
                 [&](std::size_t first, std::size_t last) {
                   for (std::size_t k = first; k < last; ++k) call(k);
                 });
  };
  if (inner > 1) {
    constexpr std::size_t most = Tile<T>::most;
    const std::size_t tiles = (inner + most - 1) / most;
    return deal_out(outer * tiles, std::min(inner, most), [&, n = n, inner = inner](std::size_t k) {
      const std::size_t o = k / tiles, c = k % tiles * most;
      f(TileGroup<T>{o * n * inner + c, n, inner, std::min(inner - c, most), o * inner + c,
                     outer * n * inner});
    });
  }
  constexpr std::size_t lanes = Batch<T>::size;
  const std::size_t short_groups = n > 1 && n <= ShortRowsGroup<T>::longest ? outer / lanes : 0;
  const std::size_t done = short_groups * lanes;
  deal_out(short_groups, lanes, [&, n = n](std::size_t k) {
    f(ShortRowsGroup<T>{k * lanes * n, n, k * lanes});
  });
  deal_out(outer - done, 1, [&, n = n](std::size_t k) { f(RowGroup<T>{(done + k) * n, n, done + k}); });
}

/// The same for whoever writes nothing but elements: slices without any are left out.
template <class T, class F>
void for_each_group_of_some(ReduceShape shape, const F& f) {
  if (shape.n > 0) for_each_group<T>(shape, f);
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH
