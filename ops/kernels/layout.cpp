#include <algorithm>

#include <gradus/ops/kernels/broadcast_reader.hpp>
#include <gradus/ops/kernels/layout.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

template <class T>
void put(T& to, const T& value, bool accumulate) {
  to = accumulate ? to + value : value;
}

template <class T>
void copy_run(const T* from, T* to, std::size_t length, bool accumulate) {
  if (!accumulate) {
    std::copy_n(from, length, to);
  } else {
    for (std::size_t i = 0; i < length; ++i) to[i] += from[i];
  }
}

/// At least one run, and as many as are worth a thread's while.
std::size_t grain_of_runs(std::size_t length) {
  return std::max<std::size_t>(1, parallel_grain / (length + 1));
}

}  // namespace

template <class T>
void broadcast_copy(const T* x, const Shape& from, T* out, const Shape& to) {
  const BroadcastPlan plan = make_broadcast_plan(from, from, to);
  const BroadcastReader<T> reader(plan, &BroadcastPlan::Axis::a_stride, x);
  parallel_blocks(plan.size,
                  [&](std::size_t begin, std::size_t end) { reader.copy(begin, end, out + begin); });
}

template <class T>
void copy_blocks(const T* from, std::size_t from_stride, T* to, std::size_t to_stride, std::size_t rows,
                 std::size_t length, bool accumulate) {
  if (length == 0) return;
  parallel_for(rows, grain_of_runs(length), [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row)
      copy_run(from + row * from_stride, to + row * to_stride, length, accumulate);
  });
}

template <class T>
void take(const T* x, ReduceShape shape, const std::int64_t* indices, std::size_t count, T* y) {
  const auto [outer, n, inner] = shape;
  if (inner == 0) return;
  parallel_for(outer * count, grain_of_runs(inner),
               [&, n = n, inner = inner](std::size_t begin, std::size_t end) {
                 for (std::size_t run = begin; run < end; ++run) {
                   const std::size_t row = run / count * n + static_cast<std::size_t>(indices[run % count]);
                   copy_run(x + row * inner, y + run * inner, inner, false);
                 }
               });
}

template <class T>
void take_backward(const T* g, ReduceShape shape, const std::int64_t* indices, std::size_t count, T* gx) {
  const auto [outer, n, inner] = shape;
  if (count * inner == 0) return;
  parallel_for(outer, grain_of_runs(count * inner),
               [&, n = n, inner = inner](std::size_t begin, std::size_t end) {
                 for (std::size_t o = begin; o < end; ++o)
                   for (std::size_t k = 0; k < count; ++k) {
                     const std::size_t row = o * n + static_cast<std::size_t>(indices[k]);
                     copy_run(g + (o * count + k) * inner, gx + row * inner, inner, true);
                   }
               });
}

template <class T>
void where(const bool* mask, const T* a, const T* b, T* y, std::size_t n) {
  parallel_blocks(n, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const T yes = a[i], no = b[i];  // loads without a condition: the loop becomes SIMD
      y[i] = mask[i] ? yes : no;
    }
  });
}

template <class T>
void where_backward(const bool* mask, bool side, const T* g, T* out, std::size_t n, bool accumulate) {
  parallel_blocks(n, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) put(out[i], mask[i] == side ? g[i] : T(0), accumulate);
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(broadcast_copy)
GRADUS_KERNEL_INSTANCE(broadcast_copy<bool>)
GRADUS_KERNEL(copy_blocks)
GRADUS_KERNEL(take)
GRADUS_KERNEL(take_backward)
GRADUS_KERNEL(where)
GRADUS_KERNEL(where_backward)

}  // namespace gradus::kernels
