#pragma once

#include <type_traits>
#include <vector>

#include <gradus/core/tensor.hpp>

namespace gradus {

struct BackwardOptions {
  bool retain_graph = false;  ///< keep what the graph saved, so that it can be swept again
  bool keep_grads = false;    ///< leave the gradients of tensor steps in place too
};

/// Reverse-mode differentiation (CS231n, "Backpropagation, Intuitions"): sorts what the root was made from
/// topologically and sweeps it in stages, the last first; each step adds (+=) its incoming gradient times its
/// local derivative to the gradient of each input. Afterwards x.grad() of every variable has grown by
/// d root / d x.
///
/// The root is a Scalar or a tensor of one element, and is seeded with 1; any other tensor needs a `seed` of
/// its shape, the gradient that arrives from above. Without retain_graph the graph is released.
/// GraphError: the root leads to no variable, needs a seed, was swept before without retain_graph, or a
/// variable was changed since it was recorded. ShapeError: the seed's shape is wrong. Whatever is thrown,
/// also std::bad_alloc, and what a custom op's rule or a hook throws: nothing has changed, and the graph can
/// be swept again.
void backward(const Scalar& root, BackwardOptions options = {});
template <class T>
void backward(const Tensor<T>& root, BackwardOptions options = {});
template <class T>
void backward(const Tensor<T>& root, const std::type_identity_t<Tensor<T>>& seed,
              BackwardOptions options = {});

/// double for float, float for double.
template <class T>
using OtherElement = std::conditional_t<std::is_same_v<T, float>, double, float>;

struct GradOptions {
  bool retain_graph = false;  ///< keep what the graph saved, so that it can be swept again
  bool create_graph = false;  ///< record the sweep: the gradients can be differentiated; keeps the graph too
};

/// Gradients of the root with respect to `inputs` (variables or steps); every grad() stays as it is. They are
/// constants, or with create_graph steps of the graph, made by the rules of the ops: derivatives of any order
/// are gradients of gradients. An input the root does not depend on gets zeros. Errors as for backward();
/// GraphError for an input that is a constant.
std::vector<Scalar> grad(const Scalar& root, const std::vector<Scalar>& inputs, GradOptions options = {});
std::vector<Tensor<float>> grad(const Scalar& root, const std::vector<Tensor<float>>& inputs,
                                GradOptions options = {});
std::vector<Tensor<double>> grad(const Scalar& root, const std::vector<Tensor<double>>& inputs,
                                 GradOptions options = {});
template <class T>
std::vector<Scalar> grad(const Tensor<T>& root, const std::vector<Scalar>& inputs, GradOptions options = {});
/// A graph may lead over Scalars from tensors of one element type to those of the other.
template <class T>
std::vector<Tensor<OtherElement<T>>> grad(const Tensor<T>& root,
                                          const std::vector<Tensor<OtherElement<T>>>& inputs,
                                          GradOptions options = {});
template <class T>
std::vector<Tensor<T>> grad(const Tensor<T>& root, const std::type_identity_t<std::vector<Tensor<T>>>& inputs,
                            GradOptions options = {});
/// The same for a root of any shape, given the gradient that arrives from above. ShapeError: the seed's shape
/// is not the root's.
template <class T>
std::vector<Scalar> grad(const Tensor<T>& root, const std::vector<Scalar>& inputs,
                         const std::type_identity_t<Tensor<T>>& seed, GradOptions options = {});
template <class T>
std::vector<Tensor<T>> grad(const Tensor<T>& root, const std::type_identity_t<std::vector<Tensor<T>>>& inputs,
                            const std::type_identity_t<Tensor<T>>& seed, GradOptions options = {});
template <class T>
std::vector<Tensor<OtherElement<T>>> grad(const Tensor<T>& root,
                                          const std::vector<Tensor<OtherElement<T>>>& inputs,
                                          const std::type_identity_t<Tensor<T>>& seed,
                                          GradOptions options = {});

namespace detail {

/// grad() for a step that runs a sweep of its own within another sweep: that one sees to the hooks on
/// variables. The graph is kept.
template <class T>
std::vector<Tensor<T>> grad_in_part(const Tensor<T>& root, const std::vector<Tensor<T>>& inputs,
                                    const Tensor<T>& seed);

}  // namespace detail
}  // namespace gradus
