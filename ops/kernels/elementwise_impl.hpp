#pragma once

#include <gradus/ops/kernels/broadcast_reader.hpp>
#include <gradus/ops/kernels/elementwise.hpp>
#include <gradus/ops/kernels/simd_loop.hpp>
#include <gradus/ops/op_list.hpp>

/// Definitions of the elementwise kernels, for the .cpp files that instantiate them.
namespace gradus::kernels::GRADUS_KERNEL_ARCH {

/// What the derivative of a rule of two operands reads on one side.
template <class Rule, int Side>
inline constexpr rules::Reads side_reads = Side == 0 ? Rule::da_reads : Rule::db_reads;

/// The lanes of an operand, or anything at all when the derivative does not read it.
template <bool Read, class Lanes, class T>
Batch<T> load_if(const Lanes& lanes, const T* x) {
  if constexpr (Read) return lanes.load(x);
  return Batch<T>(T(1));
}

template <class Rule, class T>
void unary_forward(const Rule& rule, const T* x, T* y, std::size_t n) {
  parallel_blocks(n, [=](std::size_t begin, std::size_t end) {
    for_each_batch<T>(begin, end, [=](const auto& lanes) { lanes.store(y, rule.forward(lanes.load(x))); });
  });
}

template <class Rule, class T>
void unary_backward(const Rule& rule, const T* g, const T* x, const T* y, T* gx, std::size_t n,
                    bool accumulate) {
  parallel_blocks(n, [=](std::size_t begin, std::size_t end) {
    for_each_batch<T>(begin, end, [=](const auto& lanes) {
      constexpr bool reads_x = reads(Rule::reads, rules::Reads::first);
      constexpr bool reads_y = reads(Rule::reads, rules::Reads::output);
      const Batch<T> local = rule.dx(load_if<reads_x>(lanes, x), load_if<reads_y>(lanes, y));
      const Batch<T> incoming = lanes.load(g);
      store_or_add(lanes, gx, absorb(incoming, incoming * local), accumulate);
    });
  });
}

template <class Rule, class T>
void binary_forward(const Rule& rule, const BroadcastPlan& plan, const T* a, const T* b, T* y) {
  parallel_blocks(plan.size, [=, &plan](std::size_t begin, std::size_t end) {
    BroadcastReader<T> a_reader(plan, &BroadcastPlan::Axis::a_stride, a);
    BroadcastReader<T> b_reader(plan, &BroadcastPlan::Axis::b_stride, b);
    for (std::size_t block = begin; block < end; block += block_size) {
      const std::size_t length = std::min(block_size, end - block);
      const T* a_block = a_reader.block(block, block + length);
      const T* b_block = b_reader.block(block, block + length);
      T* y_block = y + block;
      for_each_batch<T>(0, length, [=](const auto& lanes) {
        lanes.store(y_block, rule.forward(lanes.load(a_block), lanes.load(b_block)));
      });
    }
  });
}

template <class Rule, class T, int Side>
void binary_backward(const Rule& rule, const BroadcastPlan& plan, const T* g, const T* a, const T* b,
                     const T* y, T* out, bool accumulate) {
  constexpr rules::Reads read = side_reads<Rule, Side>;
  constexpr bool reads_a = reads(read, rules::Reads::first), reads_b = reads(read, rules::Reads::second),
                 reads_y = reads(read, rules::Reads::output);
  parallel_blocks(plan.size, [=, &plan](std::size_t begin, std::size_t end) {
    BroadcastReader<T> a_reader(plan, &BroadcastPlan::Axis::a_stride, reads_a ? a : nullptr);
    BroadcastReader<T> b_reader(plan, &BroadcastPlan::Axis::b_stride, reads_b ? b : nullptr);
    for (std::size_t block = begin; block < end; block += block_size) {
      const std::size_t length = std::min(block_size, end - block);
      const T* a_block = a_reader.block(block, block + length);
      const T* b_block = b_reader.block(block, block + length);
      const T* y_block = y + (reads_y ? block : 0);
      for_each_batch<T>(0, length, [=](const auto& lanes) {
        const Batch<T> a_lanes = load_if<reads_a>(lanes, a_block), b_lanes = load_if<reads_b>(lanes, b_block),
                       y_lanes = load_if<reads_y>(lanes, y_block);
        const Batch<T> incoming = lanes.load(g + block);
        const Batch<T> local =
            Side == 0 ? rule.da(a_lanes, b_lanes, y_lanes) : rule.db(a_lanes, b_lanes, y_lanes);
        store_or_add(lanes, out + block, absorb(incoming, incoming * local), accumulate);
      });
    }
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

#define GRADUS_UNARY_KERNELS(T, Rule)                   \
  GRADUS_KERNEL_INSTANCE(unary_forward<rules::Rule, T>) \
  GRADUS_KERNEL_INSTANCE(unary_backward<rules::Rule, T>)

#define GRADUS_BINARY_KERNELS(T, Rule)                       \
  GRADUS_KERNEL_INSTANCE(binary_forward<rules::Rule, T>)     \
  GRADUS_KERNEL_INSTANCE(binary_backward<rules::Rule, T, 0>) \
  GRADUS_KERNEL_INSTANCE(binary_backward<rules::Rule, T, 1>)
