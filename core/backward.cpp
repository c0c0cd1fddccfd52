#include <utility>

#include <gradus/core/backward.hpp>
#include <gradus/core/gradients_aside.hpp>
#include <gradus/core/graph_errors.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/sweep.hpp>

namespace gradus {
namespace detail {
namespace {

void release_root(const Scalar& root) {
  const Step step = root.step();
  if (is_variable(step)) return;
  thread_record.flags[step] |= released_flag;
  Chunk& chunk = thread_record.books->chunk(step);
  chunk.has_flags = chunk.has_released_root = true;
}

template <class T>
TensorNode<T>& node_of(const char* caller, const Tensor<T>& root) {
  if (!root.requires_grad()) fail_constant_root(caller);
  return *root.node();
}

/// The gradient of the root with respect to itself.
template <class T>
Tensor<T> seed_of_one(const char* caller, const Tensor<T>& root) {
  if (root.size() != 1)
    throw GraphError(std::string("[") + caller + "] " + node_of(caller, root).text() + ", a root of shape " +
                     to_string(root.shape()) +
                     ", needs a seed of its own shape; only a root of one element is seeded with 1");
  return Tensor<T>(full_array<T>(root.shape(), T(1)));
}

template <class T>
const Tensor<T>& checked_seed(const char* caller, const Tensor<T>& root, const Tensor<T>& seed) {
  if (root.shape() != seed.shape())
    throw ShapeError(std::string("[") + caller + "] a seed of shape " + to_string(seed.shape()) + " for " +
                     node_of(caller, root).text() + ", a root of shape " + to_string(root.shape()) +
                     ": they must be the same");
  return seed;
}

template <class T>
void seed(TensorNode<T>& root, const Tensor<T>& gradient) {
  if (double* const total = root.total_in_double())
    *total += static_cast<double>(gradient.data()[0]);
  else
    root.grad = make_value(Array<T>(gradient.value()));
}

/// The gradients that a sweep finds are added to those that were there before, and the graph is released,
/// when the sweep has succeeded.
template <class Seed>
void add_gradients(Sweep& sweep, BackwardOptions options, const Seed& seed_root) {
  const auto run = [&] {
    sweep.scalars().prepare();
    seed_root();
    sweep.run(options.keep_grads);
  };
  if (!sweep.may_fail()) return run();  // Scalars alone: nothing to release either
  GradientsAside aside(sweep);
  run();
  sweep.run_variable_hooks();
  aside.merge();
  if (!options.retain_graph) sweep.release();
}

template <class T>
void backward_from(const Tensor<T>& root, const Tensor<T>& gradient, BackwardOptions options) {
  TensorNode<T>& node = node_of("backward", root);
  Sweep sweep("backward", node);
  add_gradients(sweep, options, [&] { seed(node, gradient); });
}

/// Keeps the gradients of some steps after a sweep, as long as it lives.
class Retaining {
 public:
  explicit Retaining(const std::vector<Node*>& nodes) : nodes_(nodes) {
    before_.reserve(nodes.size());
    for (Node* node : nodes) before_.push_back(std::exchange(node->retain_grad, true));
  }
  Retaining(const Retaining&) = delete;
  Retaining& operator=(const Retaining&) = delete;
  ~Retaining() {
    for (std::size_t i = nodes_.size(); i-- > 0;) nodes_[i]->retain_grad = before_[i];
  }

 private:
  const std::vector<Node*>& nodes_;
  std::vector<bool> before_;
};

/// What grad() may be told beyond its options: a sweep that is a part of another leaves the hooks on
/// variables to that one.
struct SweepOptions : GradOptions {
  bool is_part = false;
};

/// Runs a sweep whose gradients are taken out by `read` and leave no trace in any grad().
template <class Seed, class Read>
void sweep_aside(Sweep& sweep, const std::vector<Node*>& wanted, SweepOptions options, Seed seed_root,
                 Read read) {
  {
    const GradientsAside aside(sweep, /*hide_shown=*/true);
    const Retaining retaining(wanted);
    sweep.scalars().prepare();
    seed_root();
    sweep.run(false);
    if (!options.is_part) sweep.run_variable_hooks();
    read();
  }
  if (!options.retain_graph) sweep.release();
}

void check_inputs(const std::vector<Scalar>& inputs) {
  for (const Scalar& input : inputs) {
    input.check_thread("grad");
    if (!input.requires_grad()) fail_constant_input("grad");
  }
}

template <class T>
void check_inputs(const std::vector<Tensor<T>>& inputs) {
  for (const Tensor<T>& input : inputs)
    if (!input.requires_grad()) fail_constant_input("grad");
}

template <class Seed>
std::vector<Scalar> gradients(Sweep& sweep, const std::vector<Scalar>& inputs, SweepOptions options,
                              Seed seed_root) {
  std::vector<Scalar> result;
  sweep_aside(sweep, {}, options, seed_root, [&] {
    for (const Scalar& input : inputs) result.emplace_back(sweep.scalars().gradient(input.step()));
  });
  return result;
}

template <class T, class Seed>
std::vector<Tensor<T>> gradients(Sweep& sweep, const std::vector<Tensor<T>>& inputs, SweepOptions options,
                                 Seed seed_root) {
  std::vector<Tensor<T>> result;
  std::vector<Node*> wanted;
  std::vector<bool> is_reached;  // asked now: a step may run a sweep of its own
  for (const Tensor<T>& input : inputs) {
    wanted.push_back(input.node().get());
    is_reached.push_back(sweep.reaches(*input.node()));
  }
  sweep_aside(sweep, wanted, options, seed_root, [&] {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Tensor<T>& input = inputs[i];
      result.push_back(is_reached[i] && input.node()->grad
                           ? Tensor<T>(input.node()->whole_gradient(), nullptr)
                           : Tensor<T>(full_array<T>(input.shape(), T(0))));
    }
  });
  return result;
}

/// What a recorded sweep has found; zeros where nothing has arrived.
std::vector<Scalar> found(const GraphGradients& gradients, const std::vector<Scalar>& inputs) {
  std::vector<Scalar> result;
  for (const Scalar& input : inputs) {
    const Scalar* const gradient = gradients.find(input.step());
    result.push_back(gradient ? *gradient : Scalar());
  }
  return result;
}
template <class T>
std::vector<Tensor<T>> found(const GraphGradients& gradients, const std::vector<Tensor<T>>& inputs) {
  std::vector<Tensor<T>> result;
  for (const Tensor<T>& input : inputs) {
    const Tensor<T>* const gradient = gradients.find(*input.node());
    result.push_back(gradient ? *gradient : Tensor<T>(full_array<T>(input.shape(), T(0))));
  }
  return result;
}

/// grad() of any root with respect to any kind of inputs.
template <class Input>
std::vector<Input> grad_of(const Scalar& root, const std::vector<Input>& inputs, SweepOptions options) {
  options.retain_graph |= options.create_graph;
  check_inputs(inputs);
  Sweep sweep("grad", root, true);
  if (options.create_graph && is_recording()) {
    GraphGradients recorded;
    recorded.set(root.step(), Scalar(1.0));
    sweep.record(recorded);
    sweep.record_variable_hooks(recorded);
    return found(recorded, inputs);
  }
  auto result = gradients(sweep, inputs, options, [&] { sweep.scalars().add(root.step(), 1); });
  if (!options.retain_graph) release_root(root);
  return result;
}

template <class T, class Input>
std::vector<Input> grad_of(const Tensor<T>& root, const std::vector<Input>& inputs, const Tensor<T>& gradient,
                           SweepOptions options) {
  options.retain_graph |= options.create_graph;
  check_inputs(inputs);
  TensorNode<T>& node = node_of("grad", root);
  Sweep sweep("grad", node, true);
  if (options.create_graph && is_recording()) {
    GraphGradients recorded;
    recorded.set(node, gradient);
    sweep.record(recorded);
    sweep.record_variable_hooks(recorded);
    return found(recorded, inputs);
  }
  return gradients(sweep, inputs, options, [&] { seed(node, gradient); });
}

}  // namespace
}  // namespace detail

void backward(const Scalar& root, BackwardOptions options) {
  detail::Sweep sweep("backward", root);
  detail::add_gradients(sweep, options, [&] { sweep.scalars().add(root.step(), 1); });
  if (!options.retain_graph) detail::release_root(root);
}

template <class T>
void backward(const Tensor<T>& root, BackwardOptions options) {
  detail::node_of("backward", root);
  detail::backward_from(root, detail::seed_of_one("backward", root), options);
}

template <class T>
void backward(const Tensor<T>& root, const std::type_identity_t<Tensor<T>>& seed, BackwardOptions options) {
  detail::backward_from(root, detail::checked_seed("backward", root, seed), options);
}

std::vector<Scalar> grad(const Scalar& root, const std::vector<Scalar>& inputs, GradOptions options) {
  return detail::grad_of(root, inputs, {options});
}
std::vector<Tensor<float>> grad(const Scalar& root, const std::vector<Tensor<float>>& inputs,
                                GradOptions options) {
  return detail::grad_of(root, inputs, {options});
}
std::vector<Tensor<double>> grad(const Scalar& root, const std::vector<Tensor<double>>& inputs,
                                 GradOptions options) {
  return detail::grad_of(root, inputs, {options});
}
template <class T>
std::vector<Scalar> grad(const Tensor<T>& root, const std::vector<Scalar>& inputs, GradOptions options) {
  detail::node_of("grad", root);
  return detail::grad_of(root, inputs, detail::seed_of_one("grad", root), {options});
}
template <class T>
std::vector<Tensor<T>> grad(const Tensor<T>& root, const std::type_identity_t<std::vector<Tensor<T>>>& inputs,
                            GradOptions options) {
  detail::node_of("grad", root);
  return detail::grad_of(root, inputs, detail::seed_of_one("grad", root), {options});
}
template <class T>
std::vector<Scalar> grad(const Tensor<T>& root, const std::vector<Scalar>& inputs,
                         const std::type_identity_t<Tensor<T>>& seed, GradOptions options) {
  return detail::grad_of(root, inputs, detail::checked_seed("grad", root, seed), {options});
}
template <class T>
std::vector<Tensor<T>> grad(const Tensor<T>& root, const std::type_identity_t<std::vector<Tensor<T>>>& inputs,
                            const std::type_identity_t<Tensor<T>>& seed, GradOptions options) {
  return detail::grad_of(root, inputs, detail::checked_seed("grad", root, seed), {options});
}

template <class T>
std::vector<Tensor<OtherElement<T>>> grad(const Tensor<T>& root,
                                          const std::vector<Tensor<OtherElement<T>>>& inputs,
                                          GradOptions options) {
  detail::node_of("grad", root);
  return detail::grad_of(root, inputs, detail::seed_of_one("grad", root), {options});
}
template <class T>
std::vector<Tensor<OtherElement<T>>> grad(const Tensor<T>& root,
                                          const std::vector<Tensor<OtherElement<T>>>& inputs,
                                          const std::type_identity_t<Tensor<T>>& seed, GradOptions options) {
  return detail::grad_of(root, inputs, detail::checked_seed("grad", root, seed), {options});
}

namespace detail {

template <class T>
std::vector<Tensor<T>> grad_in_part(const Tensor<T>& root, const std::vector<Tensor<T>>& inputs,
                                    const Tensor<T>& seed) {
  return grad_of(root, inputs, checked_seed("grad", root, seed), {{.retain_graph = true}, true});
}
template std::vector<Tensor<float>> grad_in_part(const Tensor<float>&, const std::vector<Tensor<float>>&,
                                                 const Tensor<float>&);
template std::vector<Tensor<double>> grad_in_part(const Tensor<double>&, const std::vector<Tensor<double>>&,
                                                  const Tensor<double>&);

}  // namespace detail

#define GRADUS_INSTANTIATE(T)                                                                             \
  template void backward(const Tensor<T>&, BackwardOptions);                                              \
  template void backward(const Tensor<T>&, const std::type_identity_t<Tensor<T>>&, BackwardOptions);      \
  template std::vector<Scalar> grad(const Tensor<T>&, const std::vector<Scalar>&, GradOptions);           \
  template std::vector<Tensor<T>> grad(const Tensor<T>&,                                                  \
                                       const std::type_identity_t<std::vector<Tensor<T>>>&, GradOptions); \
  template std::vector<Scalar> grad(const Tensor<T>&, const std::vector<Scalar>&,                         \
                                    const std::type_identity_t<Tensor<T>>&, GradOptions);                 \
  template std::vector<Tensor<T>> grad(const Tensor<T>&,                                                  \
                                       const std::type_identity_t<std::vector<Tensor<T>>>&,               \
                                       const std::type_identity_t<Tensor<T>>&, GradOptions);              \
  template std::vector<Tensor<OtherElement<T>>> grad(                                                     \
      const Tensor<T>&, const std::vector<Tensor<OtherElement<T>>>&, GradOptions);                        \
  template std::vector<Tensor<OtherElement<T>>> grad(const Tensor<T>&,                                    \
                                                     const std::vector<Tensor<OtherElement<T>>>&,         \
                                                     const std::type_identity_t<Tensor<T>>&, GradOptions);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
