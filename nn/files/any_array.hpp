#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include <gradus/core/array.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/core/xtensor.hpp>

namespace gradus::nn {

/// An array of whatever elements a file holds.
using AnyArray = std::variant<xt::xarray<bool>, xt::xarray<std::int8_t>, xt::xarray<std::int16_t>,
                              xt::xarray<std::int32_t>, xt::xarray<std::int64_t>, xt::xarray<std::uint8_t>,
                              xt::xarray<std::uint16_t>, xt::xarray<std::uint32_t>, xt::xarray<std::uint64_t>,
                              xt::xarray<float>, xt::xarray<double>>;

using gradus::shape_of;  // those of arrays whose type is known stay in sight
Shape shape_of(const AnyArray& array);
/// "bool", "int8" ... "uint64", "float32", "float64".
std::string type_name(const AnyArray& array);

/// The elements as T: bool, std::uint8_t, std::int32_t, std::int64_t, float or double. Floating-point T takes
/// the nearest value; for any other ValueError, naming the element, when T has not the very value.
template <class T>
xt::xarray<T> array_cast(const AnyArray& array);

}  // namespace gradus::nn
