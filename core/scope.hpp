#pragma once

#include <string>
#include <utility>

#include <gradus/core/pool.hpp>
#include <gradus/core/ref.hpp>

namespace gradus {

namespace detail {

/// A scope as the steps that were recorded in it remember it.
struct ScopeRecord final : RefCounted, Pooled {
  ScopeRecord(std::string n, Ref<ScopeRecord> o) : name(std::move(n)), outer(std::move(o)) {}
  const std::string name;
  const Ref<ScopeRecord> outer;  ///< null: it stands in no other
};

inline void destroy(ScopeRecord* scope) { delete scope; }

/// The innermost scope that is open in this thread; null: none is.
inline constinit thread_local ScopeRecord* innermost_scope = nullptr;

/// The names from the outermost scope to this one, joined by dots; "" for null.
std::string path_of(const ScopeRecord* scope);

}  // namespace detail

/// Gives what is recorded while it lives, in the thread that made it, a name: that of a layer, say. Scopes
/// stand in each other: `Scope a{"encoder"}, b{"0"};` is "encoder.0". A tensor step remembers the scope it
/// was recorded in (Tensor::scope()), so that pictures can draw the steps of a layer together and messages
/// can say where a step stands. One scope for each time it is opened: two calls of a layer can be told apart.
class Scope {
 public:
  explicit Scope(std::string name)
      : record_(new detail::ScopeRecord(std::move(name),
                                        detail::Ref<detail::ScopeRecord>(detail::innermost_scope))) {
    detail::innermost_scope = record_.get();
  }
  ~Scope() { detail::innermost_scope = record_->outer.get(); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  detail::Ref<detail::ScopeRecord> record_;
};

/// The path of the scope that is open in this thread: "encoder.0"; "" outside of any.
inline std::string current_scope() { return detail::path_of(detail::innermost_scope); }

}  // namespace gradus
