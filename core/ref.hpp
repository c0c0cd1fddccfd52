#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include <sys/single_threaded.h>

namespace gradus::detail {

/// Base of what Ref counts. A program that has never started a thread pays no atomic operation.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void add_reference() const {
    if (__libc_single_threaded)
      references_.store(references_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    else
      references_.fetch_add(1, std::memory_order_relaxed);
  }

  /// True when this was the last reference: the caller must destroy the object.
  bool drop_reference() const {
    if (__libc_single_threaded) {
      const std::uint32_t left = references_.load(std::memory_order_relaxed) - 1;
      references_.store(left, std::memory_order_relaxed);
      return left == 0;
    }
    return references_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  bool is_shared() const { return references_.load(std::memory_order_acquire) > 1; }

 private:
  mutable std::atomic<std::uint32_t> references_{0};
};

/// Intrusive counted pointer. `destroy(T*)`, found by ADL, ends an object nobody refers to any more.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* object) : object_(object) {
    if (object_) object_->add_reference();
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
  requires std::is_convertible_v<U*, T*> Ref(const Ref<U>& other) : Ref(static_cast<T*>(other.get())) {}
  ~Ref() {
    if (object_ && object_->drop_reference()) destroy(object_);
  }
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

  /// Hands the reference over to the caller, who must give it back with adopt().
  T* give_up() { return std::exchange(object_, nullptr); }
  static Ref adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }

 private:
  T* object_ = nullptr;
};

}  // namespace gradus::detail
