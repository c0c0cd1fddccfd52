#include <algorithm>

#include <gradus/core/node.hpp>
#include <gradus/core/record_books.hpp>
#include <gradus/core/scalar_sweep.hpp>

namespace gradus::detail {
namespace {

void mark(Record& r, Step s) {
  if (is_variable(s)) {
    r.books->variable(s).marked = true;
    return;
  }
  r.flags[s] |= marked_flag;
  r.books->chunk(s).has_flags = true;
}

/// Turns a step into a leaf: it needs nothing that it stood on.
void cut(Record& r, Step s) {
  const bool is_bridge = r.entries[s].op() == bridge_code;
  r.entries[s].set_op(reclaimed_code);
  r.entries[s].a = r.entries[s].b = s;
  if (!is_bridge) return;
  --r.books->bridges;
  Ref<Node>::adopt(__builtin_bit_cast(Node*, r.extra[s]));  // may end the last handles of older steps
}

/// Marks what the steps of a chunk need, from the last to the first, and cuts off what nobody needs. True
/// when the chunk must stay. A root that was swept and released needs nothing but its own value, unless a
/// later step was built on it.
bool look_through(Record& r, Step place) {
  const Step first = place * chunk_size;
  bool stays = false;
  for (Step s = first + used(r, place) - 1; s >= first; --s) {
    const bool is_reached = r.flags[s] & marked_flag;
    const bool is_held = r.entries[s].is_held();
    stays |= is_reached || is_held;
    if (is_reached || (is_held && !(r.flags[s] & released_flag))) {
      for_each_input(r, s, [&](Step input) { mark(r, input); });
    } else if (is_held) {
      stage_of(r, s);  // while its inputs can tell
      cut(r, s);
      r.books->has_reclaimed = r.books->chunk(s).has_reclaimed =
          true;  // unlike steps without handles it may be reached again
    } else if (r.entries[s].op() == bridge_code) {
      cut(r, s);
    }
  }
  return stays;
}

/// After the marks are complete: clears them, and takes the inputs from steps that died in a chunk that
/// stays.
void tidy(Record& r, Step place) {
  const Step first = place * chunk_size;
  for (Step s = first + used(r, place) - 1; s >= first; --s) {
    if (!(r.flags[s] & marked_flag) && !r.entries[s].is_held()) {
      r.entries[s].a = r.entries[s].b = s;
      if (r.entries[s].is_fused()) r.entries[s].c = s;
    }
    r.flags[s] = static_cast<std::uint8_t>(r.flags[s] & ~marked_flag);
  }
}

void free_unmarked_variables(Record& r) {
  RecordBooks& books = *r.books;
  free_retired_variables(r, [&](Step v) { return !books.variable(v).marked; });
  for (VariableBook& variable : books.variables) variable.marked = false;
}

}  // namespace

void reclaim(Record& r) {
  RecordBooks& books = *r.books;
  const std::size_t chunks = books.order.size();
  std::vector<bool> stays(chunks);
  std::vector<Step> kept, gone;
  kept.reserve(chunks);
  gone.reserve(chunks);  // nothing is thrown from here on
  r.hold();
  for (std::size_t i = books.order.size(); i-- > 0;) stays[i] = look_through(r, books.order[i]);

  const Step current = books.order.empty() ? -1 : books.order.back();
  for (std::size_t i = 0; i < books.order.size(); ++i) {
    const Step place = books.order[i];
    const bool is_kept = stays[i] || place == current;
    (is_kept ? kept : gone).push_back(place);
    if (is_kept)
      tidy(r, place);
    else
      recycle_chunk(r, place);
  }
  books.order.assign(kept.begin(), kept.end());
  put_free(books, gone);
  free_unmarked_variables(r);
  books.look_at = std::max(books.look_at, 2 * books.order.size());
  books.look_at_retired = std::max(books.look_at_retired, 2 * books.retired_variables.size());
  books.look_at_bridges = std::max(books.look_at_bridges, 2 * books.bridges);
  trim(r, 2 * books.look_at);
  books.release_dropped();
  r.let_go();
}

}  // namespace gradus::detail
