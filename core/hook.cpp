#include <gradus/core/error.hpp>
#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/hook.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/record_books.hpp>
#include <gradus/core/scalar_hooks.hpp>
#include <gradus/core/scalar_sweep.hpp>
#include <gradus/core/tensor.hpp>

namespace gradus {
namespace detail {
namespace {

template <class T>
class TensorHooks final : public NodeHooks {
 public:
  HookList<Tensor<T>> list;

  void run(Node& node) override {
    auto& tensor = static_cast<TensorNode<T>&>(node);
    if (list.is_empty()) return;
    if (double* const total = tensor.total_in_double()) {
      if (is_unreached(*total)) return;
      const RecordingScope off(false);
      const Tensor<T> g(full_array<T>(tensor.shape(), static_cast<T>(*total)));
      const Tensor<T> result = apply(tensor, g);
      if (result.data() == g.data()) return;  // the total may be more exact than T
      *total = static_cast<double>(result.data()[0]) + 0.0;
    } else if (tensor.whole_gradient()) {
      const RecordingScope off(false);
      tensor.grad = apply(tensor, Tensor<T>(tensor.grad, nullptr)).shared_value();
    }
  }

  void record(Node& node, GraphGradients& gradients) override {
    auto& tensor = static_cast<TensorNode<T>&>(node);
    if (const Tensor<T>* const g = gradients.find(tensor)) gradients.set(tensor, apply(tensor, *g));
  }

 private:
  Tensor<T> apply(const TensorNode<T>& node, const Tensor<T>& g) {
    Tensor<T> result = list.apply(g);
    if (result.shape() != node.shape())
      throw ShapeError("[register_hook] a hook returned shape " + to_string(result.shape()) +
                       " for a gradient of shape " + to_string(node.shape()) + ": they must be the same");
    return result;
  }
};

[[noreturn]] void fail_constant() {
  throw GraphError("[register_hook] a constant has no gradient: make it with variable()");
}

}  // namespace
}  // namespace detail

template <class T>
HookHandle Tensor<T>::add_hook(std::function<Tensor(const Tensor&)> hook) const {
  if (!node_) detail::fail_constant();
  if (!node_->hooks) node_->hooks = std::make_unique<detail::TensorHooks<T>>();
  return HookHandle(static_cast<detail::TensorHooks<T>&>(*node_->hooks).list.add(std::move(hook)));
}
template HookHandle Tensor<float>::add_hook(std::function<Tensor<float>(const Tensor<float>&)>) const;
template HookHandle Tensor<double>::add_hook(std::function<Tensor<double>(const Tensor<double>&)>) const;

HookHandle Scalar::add_hook(std::function<Scalar(const Scalar&)> hook) const {
  if (!requires_grad()) detail::fail_constant();
  check_thread("register_hook");
  record().seal();
  auto& all = record().books->hooks;
  auto hooks = all.find(step());
  if (hooks == all.end()) hooks = all.emplace(step(), std::make_shared<detail::ScalarHooks>()).first;
  return HookHandle(hooks->second->add(std::move(hook)));
}

}  // namespace gradus
