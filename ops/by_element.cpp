#include <gradus/ops/by_element.hpp>
#include <gradus/ops/kernels/broadcast_reader.hpp>
#include <gradus/ops/op_list.hpp>
#include <gradus/ops/rules.hpp>

namespace gradus::kernels::by_element {
namespace {

using rules::Reads;
using rules::reads;

/// An element of an operand, or anything at all when the derivative does not read it.
template <bool is_read, class T>
T element(const T* x, std::size_t i) {
  if constexpr (is_read) return x[i];
  return T(1);
}

template <class T>
void store_or_add(T& out, T contribution, bool accumulate) {
  out = accumulate ? out + contribution : contribution;
}

/// Calls f(a, b, begin, length) for blocks of a broadcast operation; a and b point to `length` elements each.
template <class T, class F>
void for_each_block(const BroadcastPlan& plan, const T* a, const T* b, const F& f) {
  parallel_blocks(plan.size, [&](std::size_t begin, std::size_t end) {
    BroadcastReader<T> a_reader(plan, &BroadcastPlan::Axis::a_stride, a);
    BroadcastReader<T> b_reader(plan, &BroadcastPlan::Axis::b_stride, b);
    for (std::size_t block = begin; block < end; block += block_size) {
      const std::size_t length = std::min(block_size, end - block);
      f(a_reader.block(block, block + length), b_reader.block(block, block + length), block, length);
    }
  });
}

}  // namespace

template <class Rule, class T>
void unary_forward(const Rule& rule, const T* x, T* y, std::size_t n) {
  parallel_blocks(n, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) y[i] = rule.forward(x[i]);
  });
}

template <class Rule, class T>
void unary_backward(const Rule& rule, const T* g, const T* x, const T* y, T* gx, std::size_t n,
                    bool accumulate) {
  constexpr bool reads_x = reads(Rule::reads, Reads::first), reads_y = reads(Rule::reads, Reads::output);
  parallel_blocks(n, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      store_or_add(gx[i], math::flow(g[i], rule.dx(element<reads_x>(x, i), element<reads_y>(y, i))),
                   accumulate);
  });
}

template <class Rule, class T>
void binary_forward(const Rule& rule, const BroadcastPlan& plan, const T* a, const T* b, T* y) {
  for_each_block(plan, a, b, [&](const T* a_block, const T* b_block, std::size_t begin, std::size_t length) {
    for (std::size_t i = 0; i < length; ++i) y[begin + i] = rule.forward(a_block[i], b_block[i]);
  });
}

template <class Rule, class T, int Side>
void binary_backward(const Rule& rule, const BroadcastPlan& plan, const T* g, const T* a, const T* b,
                     const T* y, T* out, bool accumulate) {
  constexpr Reads read = Side == 0 ? Rule::da_reads : Rule::db_reads;
  constexpr bool reads_a = reads(read, Reads::first), reads_b = reads(read, Reads::second),
                 reads_y = reads(read, Reads::output);
  const auto local = [&](T first, T second, T result) {
    return Side == 0 ? rule.da(first, second, result) : rule.db(first, second, result);
  };
  for_each_block(plan, reads_a ? a : nullptr, reads_b ? b : nullptr,
                 [&](const T* a_block, const T* b_block, std::size_t begin, std::size_t length) {
                   for (std::size_t i = 0; i < length; ++i) {
                     const T slope = local(element<reads_a>(a_block, i), element<reads_b>(b_block, i),
                                           element<reads_y>(y, begin + i));
                     store_or_add(out[begin + i], math::flow(g[begin + i], slope), accumulate);
                   }
                 });
}

#define GRADUS_INSTANTIATE_FOR(T, Rule)                                       \
  template void unary_forward(const rules::Rule&, const T*, T*, std::size_t); \
  template void unary_backward(const rules::Rule&, const T*, const T*, const T*, T*, std::size_t, bool);
#define GRADUS_INSTANTIATE(function, Rule) \
  GRADUS_INSTANTIATE_FOR(float, Rule)      \
  GRADUS_INSTANTIATE_FOR(double, Rule)
GRADUS_UNARY_OTHER_OPS(GRADUS_INSTANTIATE)
#undef GRADUS_INSTANTIATE_FOR

#define GRADUS_INSTANTIATE_FOR(T, Rule)                                                                \
  template void binary_forward(const rules::Rule&, const BroadcastPlan&, const T*, const T*, T*);      \
  template void binary_backward<rules::Rule, T, 0>(const rules::Rule&, const BroadcastPlan&, const T*, \
                                                   const T*, const T*, const T*, T*, bool);            \
  template void binary_backward<rules::Rule, T, 1>(const rules::Rule&, const BroadcastPlan&, const T*, \
                                                   const T*, const T*, const T*, T*, bool);
GRADUS_BINARY_OTHER_OPS(GRADUS_INSTANTIATE)
#undef GRADUS_INSTANTIATE_FOR
#undef GRADUS_INSTANTIATE

}  // namespace gradus::kernels::by_element
