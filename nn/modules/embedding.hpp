#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <gradus/nn/modules/init.hpp>
#include <gradus/nn/modules/module.hpp>
#include <gradus/ops/operands.hpp>

namespace gradus::nn {

struct EmbeddingOptions {
  Initializer weight = init::normal(1);
  /// The index of what is no item: its row begins at 0 and receives no gradient.
  std::optional<std::size_t> padding_index = {};
};

/// y[i.., :] = W[x[i..], :]: a row of numbers, learnt, for each of `items` items. W is (items, features); the
/// indices have any shape, and y has that and (features). A handle: copies share W.
template <class T = float>
class Embedding : public ModuleMembers<Embedding<T>, T> {
 public:
  /// ValueError when `items` or `features` is 0, or the padding index is none of the items.
  Embedding(std::size_t items, std::size_t features, Rng& rng, const EmbeddingOptions& options = {});

  /// For indices of any integral type. ValueError for one outside 0 ... items - 1.
  template <IndexArray Indices>
  Tensor<T> operator()(const Indices& indices) const {
    return rows(gradus::detail::as_integers("Embedding", indices));
  }
  /// The same for indices in a tensor, as models hand them on: whole numbers, ValueError for any others. They
  /// receive no gradient.
  Tensor<T> operator()(const Tensor<T>& indices) const;

  const Tensor<T>& weight() const { return weight_; }
  /// "weight"
  ModuleParts<T> parts() const;

 private:
  Tensor<T> rows(const gradus::detail::Integers& indices) const;

  Tensor<T> weight_;
  std::optional<std::size_t> padding_;
};

extern template class Embedding<float>;
extern template class Embedding<double>;

}  // namespace gradus::nn
