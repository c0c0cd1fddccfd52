#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

namespace gradus {

namespace detail {

class Node;
class GraphGradients;

/// What a HookHandle ends.
class Removable {
 public:
  virtual ~Removable() = default;
  virtual void remove() = 0;
};

/// A function that sees a gradient, until it is removed, which may happen in any thread and while it runs.
template <class X>
class Hook final : public Removable {
 public:
  using Function = std::function<X(const X&)>;

  explicit Hook(Function function) : function_(std::make_shared<const Function>(std::move(function))) {}

  /// Null when it was removed.
  std::shared_ptr<const Function> function() const {
    const std::lock_guard lock(mutex_);
    return function_;
  }
  void remove() override {
    std::shared_ptr<const Function> last;  // ends without the lock: it may hold anything
    const std::lock_guard lock(mutex_);
    last.swap(function_);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Function> function_;
};

/// Functions that see a gradient before it flows on, in the order in which they were registered.
template <class X>
class HookList {
 public:
  std::weak_ptr<Removable> add(typename Hook<X>::Function function) {
    hooks_.push_back(std::make_shared<Hook<X>>(std::move(function)));
    return hooks_.back();
  }

  /// Whether all were removed.
  bool is_empty() const { return std::none_of(hooks_.begin(), hooks_.end(), is_there); }

  /// What becomes of a gradient. A hook may add and remove hooks.
  X apply(X gradient) {
    std::erase_if(hooks_, std::not_fn(is_there));
    const std::vector<std::shared_ptr<Hook<X>>> now = hooks_;
    for (const std::shared_ptr<Hook<X>>& hook : now)
      if (const auto function = hook->function()) gradient = (*function)(gradient);
    return gradient;
  }

 private:
  static bool is_there(const std::shared_ptr<Hook<X>>& hook) { return hook->function() != nullptr; }

  std::vector<std::shared_ptr<Hook<X>>> hooks_;
};

/// The hooks of a tensor node.
class NodeHooks {
 public:
  virtual ~NodeHooks() = default;
  /// On the gradient that has arrived, in a sweep and in one that is recorded.
  virtual void run(Node& node) = 0;
  virtual void record(Node& node, GraphGradients& gradients) = 0;
};

/// A hook that returns nothing leaves the gradient as it is.
template <class X, class F>
std::function<X(const X&)> hook_function(F f) {
  if constexpr (std::is_void_v<std::invoke_result_t<F&, const X&>>)
    return [f = std::move(f)](const X& g) mutable -> X {
      f(g);
      return g;
    };
  else
    return [f = std::move(f)](const X& g) mutable -> X { return f(g); };
}

}  // namespace detail

/// What can be registered as a hook on the gradient of an X: f(g) that returns the gradient to go on with, or
/// nothing.
template <class F, class X>
concept GradientHook = std::invocable<F&, const X&> &&
    (std::is_void_v<std::invoke_result_t<F&, const X&>> ||
     std::convertible_to<std::invoke_result_t<F&, const X&>, X>);

/// Ends a hook that was registered. It may be forgotten, copied, used in any thread, and when what the hook
/// was registered on is gone.
class HookHandle {
 public:
  HookHandle() = default;
  explicit HookHandle(std::weak_ptr<detail::Removable> hook) : hook_(std::move(hook)) {}

  /// From now on no sweep calls the hook. What it captured is let go of; while it runs, when it is done.
  void remove() {
    if (const std::shared_ptr<detail::Removable> hook = hook_.lock()) hook->remove();
  }

 private:
  std::weak_ptr<detail::Removable> hook_;
};

}  // namespace gradus
