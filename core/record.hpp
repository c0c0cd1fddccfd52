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

/// From here on codes are those of a step of two gates: some op and the sum of its result and a further
/// input, where nobody holds the result.
inline constexpr std::uint8_t first_fused_code = 128;
inline bool is_fused(Byte code) { return static_cast<std::uint8_t>(code) >= first_fused_code; }
inline Byte fused(Byte code) { return static_cast<Byte>(static_cast<std::uint8_t>(code) | first_fused_code); }

/// The inputs of a step: the first one twice where there is only one, the step itself for a leaf.
struct Inputs {
  Step a, b;
};

/// The further input of a fused step.
struct ThirdInput {
  Step c;
};

/// The scalar steps of one thread, as a structure of arrays, in the order in which they were recorded, which
/// is a topological order. 18 bytes a step (22 one of two gates), and 8 for its adjoint.
///
/// The arrays are reserved address space: they never move, and pages that are not in use cost nothing.
/// When no step has a handle the record starts again at its first
/// chunk; when it has doubled since the last look, chunks that no handle can reach are used again.
struct Record {
  static constexpr std::uint32_t no_record = ~std::uint32_t{0};
  static constexpr std::uint64_t no_place = ~std::uint64_t{0};
  Head* head = nullptr;
  Inputs* inputs = nullptr;
  ThirdInput* third = nullptr;  ///< of fused steps; unused (and not in memory) otherwise
  double* value = nullptr;      ///< of steps and variables
  double* extra = nullptr;      ///< a constant operand, what a sum may overwrite (&fusing), or the Node* of a
                                ///< bridge; unused (and not in memory) otherwise
  double* adjoint = nullptr;    ///< of variables; of steps during a sweep, else "unreached"
  double* kept = nullptr;       ///< gradients of steps that had handles when they were swept; bits 0: none
  std::uint8_t* flags = nullptr;
  std::uint32_t* stage = nullptr;  ///< filled only when somebody asks

  /// Where the next step goes, as a handle says it: the record in the upper half, the step in the lower.
  std::uint64_t next_place = std::uint64_t{no_record} << 32;
  std::uint64_t sealed = no_place;    ///< `next_place` when the latest step last became one that stays
  Step end = 0;                       ///< end of the current chunk
  Step gone = 0;                      ///< `next() - gone` steps have a handle
  std::uint32_t id = no_record;       ///< which thread's record this is; no handle has it before there is one
  std::uint32_t open_id = no_record;  ///< the same while steps are recorded; no handle has it inside NoGrad
  bool recording = true;              ///< false inside NoGrad
  RecordBooks* books = nullptr;

  Step next() const { return static_cast<Step>(next_place); }
  void set_next(Step s) { next_place = std::uint64_t{id} << 32 | static_cast<std::uint32_t>(s); }
  bool has_room() const { return next() != end; }
  /// Room for the next step.
  void make_room() {
    if (next() == end) advance();
  }

  /// Records a step, which has one handle, and returns its place. There must be room.
  [[gnu::always_inline]] std::uint64_t push(std::uint8_t code, Step first, Step second, double result) {
    const std::uint64_t place = next_place++;
    const Step s = static_cast<Step>(place);
    // As one number: the compiler would bring the two together in a vector register.
    const auto both = static_cast<std::uint64_t>(static_cast<std::uint32_t>(second)) << 32 |
                      static_cast<std::uint32_t>(first);
    inputs[s] = __builtin_bit_cast(Inputs, both);
    value[s] = result;
    head[s] = {static_cast<Byte>(code), Byte{1}};
    return place;
  }

  [[gnu::always_inline]] std::uint64_t push_with_constant(std::uint8_t code, Step input, double constant,
                                                          double result) {
    const std::uint64_t place = push(code, input, input, result);
    extra[static_cast<Step>(place)] = constant;
    return place;
  }

  /// Whether a handle is the only one of the latest step, and nobody has looked at it: then a sum that uses
  /// it up may take its place.
  [[gnu::always_inline]] bool can_fuse(std::uint64_t place) const {
    if (place + 1 != next_place || next_place == sealed) return false;
    const Head latest = head[static_cast<Step>(place)];
    return latest.count == Byte{1} && !is_fused(latest.op);
  }
  /// Makes the latest step a fused one.
  [[gnu::always_inline]] void fuse(Step s, Step other_input, double result) {
    third[s].c = other_input;
    value[s] = result;
    head[s].op = fused(head[s].op);
  }
  /// The latest step stays as it is.
  void seal() { sealed = next_place; }

  void retain(Step s) {
    const auto handles = static_cast<std::uint8_t>(head[s].count);
    if (handles >= largest_small_count) [[unlikely]]
      return retain_many(s);
    head[s].count = static_cast<Byte>(handles + 1);
  }

  /// A further handle of a step that may have none any more. Returns the step.
  Step hold_step(Step s) {
    if (!is_variable(s) && head[s].count == Byte{0}) --gone;
    retain(s);
    return s;
  }

  /// Ends a handle. The bystander comes back as it was: a number that stayed alive across a call would be
  /// kept in memory, not in a register, even where the call is not made.
  [[gnu::always_inline]] double release(Step s, double bystander = 0) {
    if (!is_only_handle(s)) [[unlikely]]
      return release_other(s, bystander);
    head[s].count = Byte{0};
    return ++gone == next() ? restart_beside(bystander) : bystander;
  }

  /// Whether s is a step with one handle.
  bool is_only_handle(Step s) const { return !is_variable(s) && head[s].count == Byte{1}; }
  /// Ends the only handle of a step that another step, just recorded, has used up.
  void use_up(Step s) {
    head[s].count = Byte{0};
    ++gone;
  }

  /// Between the two the record does not start again, even when the last handle goes.
  void hold() { --gone; }
  void let_go();

  void set_recording(bool on) {
    recording = on;
    open_id = on ? id : no_record;
    seal();
  }

  Step new_variable(double v);
  Step push_bridge(Node* node, double v);  ///< takes over one reference to the node

 private:
  static constexpr std::uint8_t largest_small_count = 254;
  static constexpr Byte count_in_books{255};  // the count is in RecordBooks::many

  [[gnu::cold, gnu::noinline]] void advance();
  void restart();
  [[gnu::cold, gnu::noinline]] double restart_beside(double bystander);
  [[gnu::cold, gnu::noinline]] double release_other(Step s, double bystander);
  void retain_many(Step s);
  void retire_variable(Step s);
};

extern constinit thread_local Record thread_record;

}  // namespace gradus::detail
