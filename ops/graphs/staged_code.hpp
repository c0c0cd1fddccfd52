#pragma once

#include <string>

#include <gradus/ops/annotate.hpp>

namespace gradus {

enum class Language { cpp, numpy };

struct StagedCodeOptions {
  std::size_t most_steps = 2000;     ///< leaves count too
  std::size_t most_elements = 1000;  ///< NumPy: larger arrays are read from a file, NAME.npy
};

/// The graph as a program that computes it and its gradients in stages, as in CS231n, "Backpropagation,
/// Intuitions": a line for each step, numbered, then the same numbers backwards, where every line adds to a
/// gradient the local derivative times what arrives.
///
///     sigy = 1 / (1 + np.exp(-y))    # (1)
///     ...
///     dx += sigx * (1 - sigx) * dsigx    # (3)
///
/// It runs by itself and prints the value and the gradients of all variables. Names are those of named(),
/// made valid and unique; others come from the ops. Local derivatives are written by the rules of the ops
/// themselves. A product with a gradient of 0 is a plain product here: where the local derivative is infinite
/// it is NaN, other than in a sweep.
///
/// C++ is written for graphs of Scalars, NumPy for tensors too, recorded while an Annotate lived, of these
/// ops: all elementwise ones, clip, where, matmul, linear, dot, outer, tensordot and einsum of two, sum,
/// mean, prod, var, std, norm, logsumexp, softmax, log_softmax, cross_entropy, take, reshape, ravel, squeeze,
/// expand_dims, transpose, swapaxes, moveaxis, broadcast_to, concatenate, stack, and what carries Scalars to
/// tensors and back. GraphError for others, naming the op, for steps recorded without Annotate, and as
/// graph() for the graph itself; ShapeError for a root of several elements; ValueError for more than
/// `most_steps` steps.
std::string staged_code(const Scalar& root, Language language, const StagedCodeOptions& options = {});
template <class T>
std::string staged_code(const Tensor<T>& root, Language language, const StagedCodeOptions& options = {});

}  // namespace gradus
