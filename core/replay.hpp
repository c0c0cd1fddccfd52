#pragma once

#include <any>
#include <cstddef>
#include <vector>

#include <gradus/core/error.hpp>

namespace gradus {

namespace detail {

/// What code came upon in its first run, in the order in which it asked.
using ReplayNotes = std::vector<std::any>;

/// While one lives, what its thread runs is a first run, of which notes are taken, or a run once more by
/// these.
class Replay {
 public:
  explicit Replay(ReplayNotes& notes) : Replay(&notes, nullptr) {}
  explicit Replay(const ReplayNotes& notes) : Replay(nullptr, &notes) {}
  ~Replay() { innermost = outer_; }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  /// Null: no such run is under way.
  static inline constinit thread_local Replay* innermost = nullptr;

  template <class V>
  V as_at_first(const V& now) {
    if (again_) return noted<V>();
    V value = outer_ ? outer_->as_at_first(now) : now;  // a first run may be a part of one once more
    first_->push_back(value);
    return value;
  }
  bool is_again() const { return again_ || (outer_ && outer_->is_again()); }

 private:
  Replay(ReplayNotes* first, const ReplayNotes* again) : first_(first), again_(again), outer_(innermost) {
    innermost = this;
  }

  template <class V>
  V noted() {
    const V* const value = next_ < again_->size() ? std::any_cast<V>(&(*again_)[next_]) : nullptr;
    if (!value) throw GraphError("[checkpoint] f does not run as it did at first: it must do the same again");
    ++next_;
    return *value;
  }

  ReplayNotes* first_;
  const ReplayNotes* again_;
  std::size_t next_ = 0;
  Replay* outer_;
};

}  // namespace detail

/// For functions that read what changes from call to call, and may stand within a checkpoint() (whose
/// function runs once more in a backward sweep): `now`, a generator say, but as it was in the first run where
/// this is the second. In both it must be asked for in the same order.
///
///     Rng rng = as_at_first(rng_);
///     ... draw from rng ...
///     if (!is_replay()) rng_ = rng;
template <class V>
V as_at_first(const V& now) {
  return detail::Replay::innermost ? detail::Replay::innermost->as_at_first(now) : now;
}

/// Whether what runs has run before, within a checkpoint(), so that what it changes has been changed already.
inline bool is_replay() { return detail::Replay::innermost && detail::Replay::innermost->is_again(); }

}  // namespace gradus
