#pragma once

#include <string>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/modules/module.hpp>

namespace gradus::cli {

/// How many features the first layer that says so takes; 0: none does.
template <class T>
std::size_t features_of(const nn::Module<T>& model) {
  const nn::ModuleParts<T> parts = model.parts();
  for (const char* name : {"in", "features"})
    if (const auto found = parts.attributes.find(name); found != parts.attributes.end())
      if (const double* number = std::get_if<double>(&found->second))
        return static_cast<std::size_t>(*number);
  for (const auto& [name, child] : parts.children)
    if (const std::size_t features = features_of(child)) return features;
  return 0;
}

/// (rows, features), or with the shape of a row that was asked for. ValueError where neither is known.
template <class T>
Shape input_shape(const nn::Module<T>& model, std::size_t rows, const std::vector<std::size_t>& asked) {
  Shape shape{rows};
  shape.insert(shape.end(), asked.begin(), asked.end());
  if (asked.empty()) shape.push_back(features_of(model));
  if (shape.back() == 0)
    throw ValueError(
        "the model does not say what it takes: expected --input, the shape of a row, such as 28,28");
  return shape;
}

}  // namespace gradus::cli
