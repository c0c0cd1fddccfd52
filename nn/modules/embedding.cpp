#include <algorithm>
#include <string>

#include <gradus/nn/modules/draw_weight.hpp>
#include <gradus/nn/modules/embedding.hpp>
#include <gradus/ops/attribute_reader.hpp>
#include <gradus/ops/index.hpp>

namespace gradus::nn {
namespace {

using gradus::detail::Integers;

template <class T>
Tensor<T> draw(std::size_t items, std::size_t features, Rng& rng, const EmbeddingOptions& options) {
  if (items == 0 || features == 0)
    throw ValueError("[Embedding] " + std::to_string(items) + " items, " + std::to_string(features) +
                     " features: expected at least 1 of each");
  if (options.padding_index && *options.padding_index >= items)
    throw ValueError("[Embedding] the padding index " + std::to_string(*options.padding_index) +
                     " is none of the " + std::to_string(items) + " items");
  Array<T> weight = detail::draw_weight<T>("Embedding", {items, features}, rng, options.weight);
  if (options.padding_index) std::fill_n(weight.data() + *options.padding_index * features, features, T(0));
  return variable(weight);
}

}  // namespace

template <class T>
Embedding<T>::Embedding(std::size_t items, std::size_t features, Rng& rng, const EmbeddingOptions& options)
    : weight_(draw<T>(items, features, rng, options)), padding_(options.padding_index) {
  name_variables(this->named_parameters());
}

template <class T>
Tensor<T> Embedding<T>::operator()(const Tensor<T>& indices) const {
  Integers whole = empty_array<std::int64_t>(indices.shape());
  for (std::size_t i = 0; i < whole.size(); ++i)
    whole.data()[i] = gradus::detail::whole_number("[Embedding] ", static_cast<double>(indices.data()[i]));
  return rows(whole);
}

template <class T>
Tensor<T> Embedding<T>::rows(const Integers& indices) const {
  const auto items = static_cast<std::int64_t>(weight_.shape()[0]);
  for (const std::int64_t index : indices)
    if (index < 0 || index >= items)
      throw ValueError("[Embedding] index " + std::to_string(index) + " is none of the " +
                       std::to_string(items) + " items: expected 0 to " + std::to_string(items - 1));
  const Tensor<T> y = take(weight_, indices, 0);
  if (!padding_) return y;
  Shape shape = shape_of(indices);
  shape.push_back(1);
  Array<bool> is_padding = empty_array<bool>(shape);
  std::transform(indices.begin(), indices.end(), is_padding.begin(),
                 [&](std::int64_t index) { return index == static_cast<std::int64_t>(*padding_); });
  return where(is_padding, y.detach(), y);
}

template <class T>
ModuleParts<T> Embedding<T>::parts() const {
  ModuleParts<T> parts{.type = "Embedding",
                       .attributes = {{"items", detail::attribute(weight_.shape()[0])},
                                      {"features", detail::attribute(weight_.shape()[1])}},
                       .parameters = {{"weight", weight_}}};
  if (padding_) parts.attributes["padding_index"] = detail::attribute(*padding_);
  return parts;
}

template class Embedding<float>;
template class Embedding<double>;

}  // namespace gradus::nn
