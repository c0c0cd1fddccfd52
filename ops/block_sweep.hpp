#pragma once

#include <span>

#include <gradus/core/node.hpp>
#include <gradus/ops/block_program.hpp>

/// The backward half of elementwise steps over large arrays: neighbours in the order of a sweep are swept
/// together, block by block. Contributions are the same and come in the same order as when the steps are
/// swept one after another, so the gradients are the same to the bit.
namespace gradus::detail {

/// A step whose gradient can be swept in blocks: run_block(i, ...) is its contribution to input i.
template <class T>
class BlockStep : public TensorNode<T>, public BlockWork<T> {
 public:
  using TensorNode<T>::TensorNode;

  /// Whether it is large enough, and every input that needs a gradient has the shape of the result.
  virtual bool runs_in_blocks() const = 0;
  /// Whether input i gets the incoming gradient as it is.
  virtual bool passes_on(std::size_t i) const = 0;

  std::size_t sweep_from(std::span<const Ref<Node>> nodes, ScalarSweep& scalars, bool keep_all) override;
  bool takes_one_number() const override { return runs_in_blocks(); }
};

extern template class BlockStep<float>;
extern template class BlockStep<double>;

}  // namespace gradus::detail
