#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/modules/module.hpp>

namespace gradus::cli {

/// The shape of a row as the first layer that says so takes it. Empty: that layer takes images or indices, of
/// which many shapes are right; none: no layer says anything.
template <class T>
std::optional<Shape> row_taken(const nn::Module<T>& model) {
  const nn::ModuleParts<T> parts = model.parts();
  for (const char* type : {"Conv2d", "BatchNorm2d", "MaxPool2d", "AvgPool2d", "Embedding"})
    if (parts.type == type) return Shape{};
  for (const char* name : {"in", "features"})
    if (const auto found = parts.attributes.find(name); found != parts.attributes.end())
      if (const double* number = std::get_if<double>(&found->second))
        return Shape{static_cast<std::size_t>(*number)};
  if (const auto found = parts.attributes.find("shape"); found != parts.attributes.end())
    if (const auto* extents = std::get_if<std::vector<std::ptrdiff_t>>(&found->second)) {
      const Shape shape(extents->begin(), extents->end());
      return parts.type == "Unflatten" ? Shape{count(shape)} : shape;
    }
  for (const auto& [name, child] : parts.children)
    if (const std::optional<Shape> shape = row_taken(child)) return shape;
  return std::nullopt;
}

/// (rows, ...): with the shape of a row that was asked for, or that of the data it was trained with, or that
/// which the model takes; none where that is not known.
template <class T>
std::optional<Shape> find_input_shape(const nn::Module<T>& model, std::size_t rows,
                                      const std::vector<std::size_t>& asked,
                                      const std::vector<std::size_t>& trained_with = {}) {
  Shape row(asked.begin(), asked.end());
  if (row.empty()) row.assign(trained_with.begin(), trained_with.end());
  if (row.empty()) row = row_taken(model).value_or(Shape{});
  if (row.empty()) return std::nullopt;
  row.insert(row.begin(), rows);
  return row;
}

inline const char* const asks_for_input =
    "the model does not say what it takes: expected --input, the shape of a row, such as 784, or 1,28,28 for "
    "images";

/// The same; ValueError where it is not known.
template <class T>
Shape input_shape(const nn::Module<T>& model, std::size_t rows, const std::vector<std::size_t>& asked,
                  const std::vector<std::size_t>& trained_with = {}) {
  if (const auto shape = find_input_shape(model, rows, asked, trained_with)) return *shape;
  throw ValueError(asks_for_input);
}

}  // namespace gradus::cli
