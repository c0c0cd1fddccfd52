#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <gradus/core/record.hpp>

namespace gradus::detail {

struct ScalarHooks;

/// Bits of Record::flags.
inline constexpr std::uint8_t marked_flag = 1;    ///< reached by the pass under way; 0 between passes
inline constexpr std::uint8_t released_flag = 2;  ///< was the root of a sweep that did not retain the graph

/// A chunk of the record, wherever it lies: `sequence` tells its place in the order of creation, because the
/// places of chunks that were given back are used again.
struct Chunk {
  std::uint64_t sequence = 0;
  Step used = 0;           ///< steps recorded; of the current chunk, see RecordBooks::used
  Step stages_to = 0;      ///< stages below this offset are known
  Step low = 0, high = 0;  ///< what the sweep being collected touches, as steps
  bool in_use = false;
  bool touched = false;  ///< by the sweep being collected
  bool has_bridges = false;
  bool has_reclaimed = false;
  bool has_kept = false;  ///< gradients of steps
  bool has_flags = false;
  bool has_released_root = false;
  bool has_adjoints = false;  ///< all of them are "unreached", outside a sweep
};

struct VariableBook {
  std::uint64_t changed_at = 0;  ///< position at which its value was last set
  std::uint32_t version = 0;     ///< how often it was set
  bool marked = false;
  bool retired = false;  ///< has lost its last handle; a recorded sweep may take another for a moment
};

/// What the record keeps beside its steps.
struct RecordBooks {
  std::vector<Chunk> chunks;  ///< by place
  std::vector<Step> order;    ///< places in order of creation; the last is the current one
  std::vector<Step> free;     ///< places to use next, lowest last
  std::vector<VariableBook> variables;
  std::vector<Step> free_variables;
  std::vector<Step> retired_variables;           ///< without handles, but recorded steps may still name them
  std::unordered_map<Step, std::uint32_t> many;  ///< counts too large for Entry::count
  std::unordered_map<Step, std::string> names;
  std::map<Step, std::shared_ptr<ScalarHooks>> hooks;  ///< on gradients (core/scalar_hooks.hpp)
  std::vector<Node*>
      dropped_nodes;  ///< of recycled bridges; room for all bridges, since nothing may be thrown
  std::map<Step, std::shared_ptr<ScalarHooks>> dropped_hooks;  ///< of recycled chunks
  std::uint64_t next_sequence = 1;
  std::uint64_t last_change = 0;  ///< the latest VariableBook::changed_at
  std::uint64_t last_swept = 0;   ///< next_position() when all of the record was last swept
  std::size_t step_capacity = 0, variable_capacity = 0;
  std::size_t look_at = 64;             ///< reclaim when this many chunks are in use,
  std::size_t look_at_retired = 65536;  ///< when this many variables have no handles any more,
  std::size_t look_at_bridges = 32;     ///< or when this many bridges hold a part of the tensor graph
  std::size_t bridges = 0;
  bool has_reclaimed = false;  ///< some chunk may have
  std::size_t restarts = 0, peak = 0;
  std::size_t running_sweeps = 0;     ///< more than one: a step or hook runs a sweep within a sweep
  std::uint64_t staged_sequence = 0;  ///< chunks before this one have all their stages

  Chunk& chunk(Step s) { return chunks[static_cast<std::size_t>(chunk_of(s))]; }
  VariableBook& variable(Step v) { return variables[static_cast<std::size_t>(-1 - v)]; }
  /// Ends what recycled chunks have held, which may end further handles: when the books are in order again.
  void release_dropped();
};

/// Place of a step in the order of creation; comparable across chunks. Variables come before every step.
inline std::uint64_t position_of(const Record& record, Step s) {
  if (is_variable(s)) return 0;
  return (record.books->chunk(s).sequence << chunk_bits) + static_cast<std::uint64_t>(offset_of(s));
}

/// Hands each input of a step to `take`.
template <class Take>
void for_each_input(const Record& record, Step s, const Take& take) {
  const Entry& entry = record.entries[s];
  take(entry.a);
  take(entry.b);
  if (entry.is_fused()) take(entry.c);
}

/// Position of the step that would be recorded next.
std::uint64_t next_position(const Record& record);

/// How many steps the chunk at this place holds.
inline Step used(const Record& record, Step place) {
  const RecordBooks& books = *record.books;
  const bool is_current = !books.order.empty() && books.order.back() == place;
  return is_current ? record.next() - place * chunk_size : books.chunks[static_cast<std::size_t>(place)].used;
}

/// Lets go of the retired variables that `is_unused` says and nobody holds.
template <class IsUnused>
void free_retired_variables(Record& record, const IsUnused& is_unused) {
  RecordBooks& books = *record.books;
  std::erase_if(books.retired_variables, [&](Step v) {
    const bool goes = is_unused(v) && !record.entries[v].is_held();
    if (goes) books.free_variables.push_back(v);
    return goes;
  });
}

/// Reserves the arrays and opens the books, once in each thread.
void open_record(Record& record);

/// Gives chunks back that no handle can reach any more (record_reclaim.cpp).
void reclaim(Record& record);

/// Empties a chunk: flags, kept gradients, names and hooks of its steps go, and nodes that its bridges held;
/// see release_dropped().
void recycle_chunk(Record& record, Step place);

/// Puts places at the end of the free list, the lowest to be used first, and returns memory beyond `spare`.
void put_free(RecordBooks& books, std::span<const Step> places);
void trim(Record& record, std::size_t spare);

}  // namespace gradus::detail
