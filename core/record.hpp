#pragma once

#include <cstdint>

#include <gradus/core/cold_call.hpp>

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

/// What core knows of op codes: two kinds of leaf. Codes from first_op_code on belong to ops.
inline constexpr std::uint8_t reclaimed_code = 0;  ///< was swept, and what it stood on has been given back
inline constexpr std::uint8_t bridge_code = 1;     ///< the value of a tensor node, held in `extra`
inline constexpr std::uint8_t first_op_code = 2;

/// "No gradient has arrived": a sum of gradients is never -0.0, because an exact zero is added as +0.0.
/// (Where a negative gradient underflows to nothing, none has arrived.)
inline constexpr double unreached = -0.0;
inline bool is_unreached(double adjoint) {
  return __builtin_bit_cast(std::uint64_t, adjoint) == std::uint64_t{1} << 63;
}

/// From here on codes are those of a step of two gates: some op and the sum of its result and a further
/// input, where nobody holds the result.
inline constexpr std::uint8_t first_fused_code = 128;

/// What a step is. (The state stands between the inputs because the compiler would bring neighbours together
/// in a vector register.)
struct Entry {
  /// The op code, whether the step stays as it is, and the count of its handles, from the lowest byte to the
  /// highest. One number, because the processor forwards one store to one load, not two to one; of a type of
  /// its own, because stores through any other would force the compiler to load the record's fields anew.
  enum class State : std::uint32_t {};

  Step a;  ///< the first input; the step itself for a leaf
  State state;
  Step b;  ///< the second input; the first again where there is only one
  Step c;  ///< the further input of a fused step

  static constexpr State state_of(std::uint8_t op, std::uint8_t count) {
    return State{op + count * one_handle};
  }

  /// Of a fused step without handles.
  static constexpr State fused_state(std::uint8_t code) { return State{code | settled}; }

  std::uint8_t op() const { return static_cast<std::uint8_t>(state); }
  std::uint8_t count() const { return static_cast<std::uint8_t>(bits() / one_handle); }
  bool is_held() const { return bits() >= one_handle; }
  bool is_held_once() const { return bits() - one_handle < one_handle; }
  bool is_fused() const { return (bits() & first_fused_code) != 0; }
  /// Whether it has one handle and a sum may take its place.
  bool is_open() const { return (bits() & ~code_mask) == one_handle; }

  void set_op(std::uint8_t op) { state = State{(bits() & ~code_mask) | op}; }
  void set_count(std::uint8_t count) { state = State{bits() % one_handle + count * one_handle}; }
  void drop_handle() { state = State{bits() - one_handle}; }
  void fuse() { state = State{bits() | first_fused_code | settled}; }
  void settle() { state = State{bits() | settled}; }

 private:
  static constexpr std::uint32_t code_mask = 0xFF, settled = 1 << 8, one_handle = 1 << 24;
  std::uint32_t bits() const { return static_cast<std::uint32_t>(state); }
};

/// The scalar steps of one thread in the order in which they were recorded, which is a topological order.
/// 24 bytes a step (8 more with a number as an operand), and 8 for its adjoint.
///
/// The arrays are reserved address space: they never move, and pages that are not in use cost nothing.
/// When no step has a handle the record starts again at its first chunk; when it has doubled since the last
/// look, chunks that no handle can reach are used again.
struct Record {
  static constexpr std::uint32_t no_record = ~std::uint32_t{0};

  Entry* entries = nullptr;
  double* value = nullptr;    ///< of steps and variables
  double* extra = nullptr;    ///< a constant operand, what a sum may overwrite (&fusing), or the Node* of a
                              ///< bridge; unused (and not in memory) otherwise
  double* adjoint = nullptr;  ///< of variables; of steps during a sweep, else "unreached"
  double* kept = nullptr;     ///< gradients of steps that had handles when they were swept; bits 0: none
  std::uint8_t* flags = nullptr;
  std::uint32_t* stage = nullptr;  ///< filled only when somebody asks

  // Places are as handles say them: the record in the upper half, the step in the lower.
  std::uint64_t origin = std::uint64_t{no_record} << 32;  ///< the place of step 0
  std::uint64_t next_place = origin;                      ///< where the next step goes
  std::uint64_t end_place = origin;  ///< there is no room: the chunk's end, or inside NoGrad next_place
  std::uint64_t gone = origin;       ///< `next_place - gone` steps have a handle
  std::uint32_t id = no_record;      ///< which thread's record this is; no handle has it before there is one
  bool recording = true;             ///< false inside NoGrad
  double cold_result = 0;            ///< of the last cold call that has made a number
  RecordBooks* books = nullptr;

  Step next() const { return static_cast<Step>(next_place); }
  std::uint64_t place_of(Step s) const { return origin | static_cast<std::uint32_t>(s); }

  /// Where a place lies, seen from the origin. One comparison tells what it is; constants and handles of
  /// other threads are neither.
  std::uint64_t seen(std::uint64_t place) const {
    if (origin >> 32 == 0) __builtin_unreachable();  // spares a moved-from temporary the comparison
    return place ^ origin;
  }
  static bool is_step(std::uint64_t seen) { return seen < std::uint64_t{1} << 31; }
  static bool is_inside(std::uint64_t seen) { return seen < std::uint64_t{1} << 32; }

  /// False inside NoGrad too.
  bool has_room() const { return next_place != end_place; }
  /// Room for the next step.
  void make_room() {
    if (!has_room()) advance();
  }

  /// Records a step, which has one handle, and returns its place. There must be room.
  [[gnu::always_inline]] std::uint64_t push(std::uint8_t code, Step first, Step second, double result) {
    const std::uint64_t place = next_place++;
    const auto s = static_cast<Step>(place);
    Entry& e = entries[s];
    e.a = first;
    e.b = second;
    e.state = Entry::state_of(code, 1);
    value[s] = result;
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
    return place + 1 == next_place && entries[static_cast<Step>(place)].is_open();
  }
  /// Makes the latest step a fused one.
  [[gnu::always_inline]] void fuse(Step s, Step other_input, double result) {
    Entry& e = entries[s];
    e.c = other_input;
    e.fuse();
    value[s] = result;
  }
  /// The latest step stays as it is.
  void seal() {
    if (next() > 0) entries[next() - 1].settle();
  }

  /// A further handle. GraphError for a handle of another thread, while that lives: it could not be counted.
  void retain(std::uint64_t seen) {
    const auto s = static_cast<Step>(seen);
    if (is_inside(seen) && entries[s].count() < largest_small_count) [[likely]]
      entries[s].set_count(entries[s].count() + 1);
    else if (!retain_rare(seen))
      throw_kept();
  }

  /// A further handle of a step that may have none any more. Returns the step.
  Step hold_step(Step s) {
    if (!is_variable(s) && !entries[s].is_held()) --gone;
    retain(seen(place_of(s)));
    return s;
  }

  /// Ends a handle, where its own thread will find it if it is not of this record.
  [[gnu::always_inline]] void release(std::uint64_t seen) {
    if (is_only_handle(seen)) [[likely]] {
      entries[static_cast<Step>(seen)].drop_handle();
      if (++gone == next_place) [[unlikely]]
        restart();
    } else if (seen != origin) {  // no constant
      release_other(seen);
    }
  }

  /// Whether it is a step with one handle.
  bool is_only_handle(std::uint64_t seen) const {
    return is_step(seen) && entries[static_cast<Step>(seen)].is_held_once();
  }
  /// Ends the only handle of a step that another step, just recorded, has used up.
  void use_up(Step s) {
    entries[s].drop_handle();
    ++gone;
  }

  /// Between the two the record does not start again, even when the last handle goes.
  void hold() { --gone; }
  void let_go();

  /// Opens or closes the record: NoGrad.
  void set_recording(bool on);

  Step new_variable(double v);
  Step push_bridge(Node* node, double v);  ///< takes over one reference to the node

 private:
  static constexpr std::uint8_t largest_small_count = 254;
  static constexpr std::uint8_t count_in_books = 255;  // the count is in RecordBooks::many

  void advance();
  GRADUS_COLD_CALL void restart() noexcept;
  [[gnu::noinline]] GRADUS_KEEPS_NUMBERS void release_other(std::uint64_t seen) noexcept;
  GRADUS_COLD_CALL void release_rare(Step s) noexcept;
  GRADUS_COLD_CALL bool retain_rare(std::uint64_t seen) noexcept;  ///< false: see throw_kept()
  void retire_variable(Step s);
};

extern constinit thread_local Record thread_record;

/// GraphError: a Scalar of another thread.
[[noreturn, gnu::cold, gnu::noinline]] void fail_in_thread(const char* caller);

}  // namespace gradus::detail
