#pragma once

#include <atomic>
#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace gradus {

namespace detail {

class Node;
class GraphGradients;

/// Functions that see a gradient before it flows on, in the order in which they were registered.
template <class X>
class HookList {
 public:
  using Function = std::function<X(const X&)>;

  /// Returns what remove() sets.
  std::shared_ptr<std::atomic<bool>> add(Function function) {
    hooks_.push_back(
        std::make_shared<Hook>(Hook{std::make_shared<std::atomic<bool>>(false), std::move(function)}));
    return hooks_.back()->is_removed;
  }

  /// What becomes of a gradient. A hook may add and remove hooks.
  X apply(X gradient) {
    std::erase_if(hooks_, [](const auto& hook) { return hook->is_removed->load(); });
    const std::vector<std::shared_ptr<Hook>> now = hooks_;
    for (const std::shared_ptr<Hook>& hook : now)
      if (!*hook->is_removed) gradient = hook->function(gradient);
    return gradient;
  }

 private:
  struct Hook {
    std::shared_ptr<std::atomic<bool>> is_removed;
    Function function;
  };
  std::vector<std::shared_ptr<Hook>> hooks_;
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
  explicit HookHandle(std::shared_ptr<std::atomic<bool>> is_removed) : is_removed_(std::move(is_removed)) {}

  /// From now on no sweep calls the hook.
  void remove() {
    if (is_removed_) *is_removed_ = true;
  }

 private:
  std::shared_ptr<std::atomic<bool>> is_removed_;
};

}  // namespace gradus
