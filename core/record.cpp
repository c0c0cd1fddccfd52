#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <sys/mman.h>

#include <gradus/core/error.hpp>
#include <gradus/core/node.hpp>
#include <gradus/core/record.hpp>
#include <gradus/core/record_books.hpp>
#include <gradus/core/record_returns.hpp>

namespace gradus::detail {

constinit thread_local Record thread_record;

namespace {
thread_local std::exception_ptr kept_exception;
}

void keep_exception() noexcept { kept_exception = std::current_exception(); }
void throw_kept() { std::rethrow_exception(std::exchange(kept_exception, nullptr)); }

namespace {

constexpr std::size_t largest_capacity = std::size_t{1} << 30;  // steps
constexpr std::size_t smallest_capacity = std::size_t{1} << 16;
constexpr std::size_t steps_per_variable = 16;  // of the reservation

constexpr std::size_t page = 4096;  // bytes

/// One array of the record: variables below the pointer, steps from it upwards.
struct Column {
  void** pointer;
  std::size_t width;
  bool has_variables;
  std::size_t offset;  ///< of step 0 in its page

  char* at(std::size_t step) const { return static_cast<char*>(*pointer) + step * width; }
};

/// The arrays begin at different places of a page. A processor that looks whether a load must wait for a
/// store compares the low 12 bits of their addresses first: if all began at a page, value[s] would seem to be
/// what has just been written to adjoint[s].
std::array<Column, 7> columns(Record& r) {
  std::size_t offset = 0;
  const auto column = [&](auto*& pointer, bool has_variables) {
    return Column{reinterpret_cast<void**>(&pointer), sizeof *pointer, has_variables,
                  std::exchange(offset, offset + 9 * 64)};
  };
  return {column(r.entries, true), column(r.value, true),  column(r.extra, false), column(r.adjoint, true),
          column(r.kept, false),   column(r.flags, false), column(r.stage, false)};
}

/// Room in a list that is appended to where nothing may be thrown.
template <class List>
void make_room_for(List& list, std::size_t size) {
  if (list.capacity() < size) list.reserve(2 * size);
}

/// How many bytes of a column's memory lie below step 0.
std::size_t bytes_below(const Column& c, std::size_t variables) {
  return c.offset + (c.has_variables ? variables * c.width : 0);
}

void unmap(Record& record, std::size_t steps, std::size_t variables) {
  for (const Column& c : columns(record)) {
    if (*c.pointer == nullptr) continue;
    const std::size_t below = bytes_below(c, variables);
    munmap(c.at(0) - below, below + steps * c.width);
    *c.pointer = nullptr;
  }
}

bool map(Record& record, std::size_t steps, std::size_t variables) {
  for (const Column& c : columns(record)) {
    const std::size_t below = bytes_below(c, variables);
    void* const start = mmap(nullptr, below + steps * c.width, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
      unmap(record, steps, variables);
      return false;
    }
    *c.pointer = static_cast<char*>(start) + below;
  }
  return true;
}

/// Closes the record when its thread ends. Scalars that outlive it no longer count.
struct RecordOwner {
  ~RecordOwner() {
    Record& r = thread_record;
    if (!r.books) return;
    const std::unique_ptr<RecordBooks> books(r.books);
    close_returns(r.id);
    for (const Step place : books->order) recycle_chunk(r, place);
    r.id = Record::no_record;
    r.origin = r.next_place = r.end_place = r.gone = std::uint64_t{r.id} << 32;
    r.books = nullptr;
    books->release_dropped();
    unmap(r, books->step_capacity, books->variable_capacity);
    r = Record{};
  }
};

void take_chunk(Record& r) {
  RecordBooks& books = *r.books;
  const bool is_new = books.free.empty();
  const Step place = is_new ? static_cast<Step>(books.chunks.size()) : books.free.back();
  if (is_new && (static_cast<std::size_t>(place) + 1) * chunk_size > books.step_capacity)
    throw GraphError(
        "[record] more than " + std::to_string(books.step_capacity) +
        " scalar steps are alive in this thread: let go of Scalars that are no longer needed, call "
        "backward() more often, or use tensors");
  make_room_for(books.order, books.order.size() + 1);
  make_room_for(books.free, books.chunks.size() + 1);
  if (is_new)
    books.chunks.emplace_back();
  else
    books.free.pop_back();
  Chunk& chunk = books.chunks[static_cast<std::size_t>(place)];
  chunk.sequence = books.next_sequence++;
  chunk.in_use = true;
  if (!chunk.has_adjoints) {
    std::fill_n(r.adjoint + place * chunk_size, chunk_size, unreached);
    chunk.has_adjoints = true;
  }
  books.order.push_back(place);
  books.peak = std::max(books.peak, books.order.size());
  const Step first = place * chunk_size;
  r.gone += r.place_of(first) - r.next_place;
  r.next_place = r.place_of(first);
  r.end_place = r.place_of(first + chunk_size);
}

}  // namespace

void open_record(Record& r) {
  static std::atomic<std::uint32_t> last_id{0};
  thread_local RecordOwner owner;
  (void)owner;
  if (r.books) return;
  auto books = std::make_unique<RecordBooks>();
  const std::uint32_t id = ++last_id;
  open_returns(id);
  // Where overcommit is forbidden the address space is charged for: take what can be had.
  for (std::size_t steps = largest_capacity; steps >= smallest_capacity; steps /= 2) {
    if (!map(r, steps, steps / steps_per_variable)) continue;
    books->step_capacity = steps;
    books->variable_capacity = steps / steps_per_variable;
    break;
  }
  if (books->step_capacity == 0) {
    close_returns(id);
    throw GraphError("[record] no address space for the scalar steps of this thread");
  }
  r.id = id;
  r.origin = r.next_place = r.end_place = r.gone = std::uint64_t{id} << 32;
  r.books = books.release();
}

void Record::advance() {
  if (!books) open_record(*this);
  for (const Step s : take_returns(id)) release(seen(place_of(s)));
  if (has_room()) return;  // they were the last: the record has started again
  if (!books->order.empty()) books->chunk(next() - 1).used = chunk_size;
  if (books->order.size() >= books->look_at) reclaim(*this);
  take_chunk(*this);
}

void Record::restart() noexcept {
  RecordBooks& k = *books;
  const Step first = k.order.front();
  for (const Step place : k.order) recycle_chunk(*this, place);
  if (k.order.size() > 1) {
    put_free(k, std::span(k.order).subspan(1));
    k.order.resize(1);
  }
  Chunk& chunk = k.chunks[static_cast<std::size_t>(first)];
  chunk.in_use = true;
  chunk.sequence = k.next_sequence++;
  k.has_reclaimed = false;
  gone = next_place = place_of(first * chunk_size);
  end_place = recording ? place_of(first * chunk_size + chunk_size) : next_place;
  if (!k.retired_variables.empty()) {
    free_retired_variables(*this, [](Step) { return true; });
  }
  if (++k.restarts % 1024 == 0) {
    trim(*this, 2 * k.peak + 64);
    k.peak = 1;
  }
  k.release_dropped();
}

void Record::set_recording(bool on) {
  recording = on;
  seal();
  const bool is_open = on && books && !books->order.empty();
  end_place = is_open ? place_of(books->order.back() * chunk_size + chunk_size) : next_place;
}

void Record::let_go() {
  if (++gone == next_place && !books->order.empty()) restart();
}

void recycle_chunk(Record& r, Step place) {
  RecordBooks& books = *r.books;
  Chunk& chunk = books.chunks[static_cast<std::size_t>(place)];
  const Step from = place * chunk_size, to = from + used(r, place);
  if (chunk.has_bridges)
    for (Step s = from; s < to; ++s)
      if (r.entries[s].op() == bridge_code) {
        books.dropped_nodes.push_back(__builtin_bit_cast(Node*, r.extra[s]));
        --books.bridges;
      }
  if (chunk.has_flags) std::memset(r.flags + from, 0, static_cast<std::size_t>(to - from));
  if (chunk.has_kept) std::memset(r.kept + from, 0, static_cast<std::size_t>(to - from) * sizeof(double));
  if (!books.names.empty())
    std::erase_if(books.names, [&](const auto& entry) { return entry.first >= from && entry.first < to; });
  if (!books.many.empty())
    std::erase_if(books.many, [&](const auto& entry) { return entry.first >= from && entry.first < to; });
  for (auto hook = books.hooks.lower_bound(from); hook != books.hooks.end() && hook->first < to;)
    books.dropped_hooks.insert(books.hooks.extract(hook++));
  chunk = Chunk{.has_adjoints = chunk.has_adjoints};
}

void RecordBooks::release_dropped() {
  for (Node* node : dropped_nodes) Ref<Node>::adopt(node);
  dropped_nodes.clear();
  dropped_hooks.clear();
}

void put_free(RecordBooks& books, std::span<const Step> places) {
  books.free.insert(books.free.end(), places.begin(), places.end());
  std::sort(books.free.begin(), books.free.end(), std::greater<>());
}

char* page_of(char* p) { return p - reinterpret_cast<std::uintptr_t>(p) % page; }

/// Gives the memory of a chunk back; a page that it shares with another one only when that has gone too.
void give_back(Record& r, Step place) {
  const std::vector<Chunk>& chunks = r.books->chunks;
  const auto index = static_cast<std::size_t>(place), size = static_cast<std::size_t>(chunk_size);
  const bool is_used_above = index + 1 < chunks.size() && chunks[index + 1].has_adjoints;
  for (const Column& c : columns(r)) {
    const bool is_used_below = index == 0 ? c.has_variables : chunks[index - 1].has_adjoints;
    char* const from = page_of(c.at(index * size) + (is_used_below ? page - 1 : 0));
    char* const to = page_of(c.at((index + 1) * size) + (is_used_above ? 0 : page - 1));
    if (from < to) madvise(from, static_cast<std::size_t>(to - from), MADV_DONTNEED);
  }
}

void trim(Record& r, std::size_t spare) {
  std::vector<Step>& free = r.books->free;
  if (free.size() <= spare) return;
  // The highest places come first in the list: they go, and the list keeps them for later.
  for (std::size_t i = 0; i < free.size() - spare; ++i) {
    Chunk& chunk = r.books->chunks[static_cast<std::size_t>(free[i])];
    if (!chunk.has_adjoints) continue;  // has gone before
    chunk.has_adjoints = false;
    give_back(r, free[i]);
  }
}

std::uint64_t next_position(const Record& r) {
  if (!r.books || r.books->order.empty()) return 0;
  const Step place = r.books->order.back();
  return (r.books->chunks[static_cast<std::size_t>(place)].sequence << chunk_bits) +
         static_cast<std::uint64_t>(r.next() - place * chunk_size);
}

Step Record::new_variable(double v) {
  if (!books) open_record(*this);
  RecordBooks& k = *books;
  if (k.free_variables.empty() && k.retired_variables.size() >= k.look_at_retired) reclaim(*this);
  Step s;
  if (!k.free_variables.empty()) {
    s = k.free_variables.back();
    k.free_variables.pop_back();
  } else {
    if (k.variables.size() == k.variable_capacity)
      throw GraphError("[variable] more than " + std::to_string(k.variable_capacity) +
                       " scalar variables in this thread: use tensors for large parameters");
    make_room_for(k.free_variables, k.variables.size() + 1);
    make_room_for(k.retired_variables, k.variables.size() + 1);
    k.variables.emplace_back();
    s = -static_cast<Step>(k.variables.size());
  }
  k.hooks.erase(s);  // of the variable that had this place before
  k.variable(s) = VariableBook{};
  value[s] = v;
  adjoint[s] = unreached;
  entries[s].set_count(1);
  entries[s].settle();  // the place after variable -1 of one record is that of step 0 of the next
  return s;
}

Step Record::push_bridge(Node* node, double v) {
  if (books && books->bridges >= books->look_at_bridges) reclaim(*this);
  make_room();
  make_room_for(books->dropped_nodes, books->bridges + 1);
  const Step s = static_cast<Step>(push(bridge_code, 0, 0, v));
  ++books->bridges;
  entries[s].a = entries[s].b = s;
  extra[s] = __builtin_bit_cast(double, node);
  books->chunk(s).has_bridges = true;
  seal();
  return s;
}

/// One of a great many handles, or of another thread.
bool Record::retain_rare(std::uint64_t seen) noexcept {
  const auto s = static_cast<Step>(seen);
  try {
    if (!is_inside(seen)) {
      check_not_counted_elsewhere(static_cast<std::uint32_t>((seen ^ origin) >> 32));
      return true;
    }
    ++books->many.try_emplace(s, largest_small_count).first->second;
  } catch (...) {
    keep_exception();
    return false;
  }
  entries[s].set_count(count_in_books);
  return true;
}

/// One of several handles, or of a variable, or of another thread.
void Record::release_other(std::uint64_t seen) noexcept {
  const auto s = static_cast<Step>(seen);
  if (!is_inside(seen)) return give_back(static_cast<std::uint32_t>((seen ^ origin) >> 32), s);
  const std::uint8_t count = entries[s].count();
  if (count == count_in_books || count == 1)
    release_rare(s);
  else
    entries[s].drop_handle();
}

/// The last handle of a variable, or one of a great many.
void Record::release_rare(Step s) noexcept {
  if (entries[s].count() == 1) {
    entries[s].drop_handle();
    return retire_variable(s);
  }
  const auto entry = books->many.find(s);
  if (--entry->second <= largest_small_count) {
    entries[s].set_count(largest_small_count);
    books->many.erase(entry);
  }
}

void Record::retire_variable(Step s) {
  if (std::exchange(books->variable(s).retired, true)) return;
  books->names.erase(s);
  // With no step alive none can name it.
  (next_place == gone ? books->free_variables : books->retired_variables).push_back(s);
}

}  // namespace gradus::detail
