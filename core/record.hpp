#pragma once

#include <cstdint>

namespace gradus::detail {

class Node;
struct RecordBooks;

/// A scalar step is an index into the record of its thread; a variable is a negative one. They share the
/// arrays but live apart: a parameter never pins a graph.
using Step = std::int32_t;

/// Steps lie in chunks; a chunk is the unit that is given back.
inline constexpr unsigned chunk_bits = 12;
inline constexpr Step chunk_size = Step{1} << chunk_bits;

inline bool is_variable(Step s) { return s < 0; }
inline Step chunk_of(Step s) { return s >> chunk_bits; }
inline Step offset_of(Step s) { return s & (chunk_size - 1); }

/// A byte the compiler may tell apart from everything else: stores through plain bytes would force it to load
/// the record's fields anew.
enum class Byte : std::uint8_t {};

/// What core knows of op codes: two kinds of leaf. Codes from first_op_code on belong to ops.
inline constexpr Byte reclaimed_code{0};  ///< the step was swept and what it stood on has been given back
inline constexpr Byte bridge_code{1};     ///< the value of a tensor node, held in `extra`
inline constexpr std::uint8_t first_op_code = 2;

/// "No gradient has arrived": a sum of gradients is never -0.0, because an exact zero is added as +0.0.
/// (Where a negative gradient underflows to nothing, none has arrived.)
inline constexpr double unreached = -0.0;
inline bool is_unreached(double adjoint) {
  return __builtin_bit_cast(std::uint64_t, adjoint) == std::uint64_t{1} << 63;
}

/// What a step is and how many handles it has.
struct Head {
  Byte op, count;
};

/// The inputs of a step: the first one twice where there is only one, the step itself for a leaf.
struct Inputs {
  Step a, b;
};

/// The scalar steps of one thread, as a structure of arrays, in the order in which they were recorded, which
/// is a topological order. 18 bytes a step, and 8 for its adjoint once it is swept.
///
/// The arrays are reserved address space: they never move, and pages that are not in use cost nothing.
/// When no step has a handle the record starts again at its first
/// chunk; when it has doubled since the last look, chunks that no handle can reach are used again.
struct Record {
  Head* head = nullptr;
  Inputs* inputs = nullptr;
  double* value = nullptr;  ///< of steps and variables
  double* extra =
      nullptr;  ///< a constant operand, or the Node* of a bridge; unused (and not in memory) otherwise
  double* adjoint = nullptr;  ///< of steps (valid up to Chunk::adjoints_to) and variables
  double* kept = nullptr;     ///< gradients of steps that later sweeps did not reach; bits 0: none
  std::uint8_t* flags = nullptr;
  std::uint32_t* stage = nullptr;  ///< filled only when somebody asks

  Step next = 0;           ///< where the next step goes
  Step end = 0;            ///< end of the current chunk
  std::uint32_t live = 0;  ///< steps with at least one handle
  std::uint32_t id = 0;    ///< which thread's record this is; 0: none yet
  std::uint32_t open_id =
      ~std::uint32_t{0};  ///< the same while steps are recorded; no handle has it inside NoGrad
  bool recording = true;  ///< false inside NoGrad
  RecordBooks* books = nullptr;

  /// Records a step. It has one handle, which the caller counts in `live`.
  [[gnu::always_inline]] Step push(std::uint8_t code, Step first, Step second, double result) {
    if (next == end) [[unlikely]]
      advance();
    const Step s = next++;
    inputs[s] = {first, second};
    value[s] = result;
    head[s] = {static_cast<Byte>(code), Byte{1}};
    return s;
  }

  [[gnu::always_inline]] Step push_with_constant(std::uint8_t code, Step input, double constant,
                                                 double result) {
    const Step s = push(code, input, input, result);
    extra[s] = constant;
    return s;
  }

  void retain(Step s) {
    const auto handles = static_cast<std::uint8_t>(head[s].count);
    if (handles >= largest_small_count) [[unlikely]]
      return retain_many(s);
    head[s].count = static_cast<Byte>(handles + 1);
  }

  void release(Step s) {
    if (head[s].count != Byte{1}) [[unlikely]]
      return release_shared(s);
    head[s].count = Byte{0};
    if (is_variable(s)) [[unlikely]]
      return retire_variable(s);
    if (--live == 0) [[unlikely]]
      restart();
  }

  /// Ends the handle of an operand that a step just recorded has used up. Returns how many live steps ended.
  [[gnu::always_inline]] std::uint32_t consume(Step s) {
    if (is_variable(s) || head[s].count != Byte{1}) {
      release_shared_operand(s);
      return 0;
    }
    head[s].count = Byte{0};
    return 1;
  }

  /// Between the two the record does not start again, even when the last handle goes.
  void hold() { ++live; }
  void let_go();

  void set_recording(bool on) {
    recording = on;
    open_id = on && id != 0 ? id : ~std::uint32_t{0};
  }

  Step new_variable(double v);
  Step push_bridge(Node* node, double v);  ///< takes over one reference to the node

 private:
  static constexpr std::uint8_t largest_small_count = 254;
  static constexpr Byte count_in_books{255};  // the count is in RecordBooks::many

  [[gnu::cold, gnu::noinline]] void advance();
  void restart();
  void retain_many(Step s);
  void release_shared(Step s);
  [[gnu::cold]] void release_shared_operand(Step s) {
    hold();  // the new step, which names s, is not counted yet
    release(s);
    --live;
  }
  void retire_variable(Step s);
};

extern constinit thread_local Record thread_record;

}  // namespace gradus::detail
