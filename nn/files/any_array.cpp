#include <cmath>
#include <concepts>
#include <limits>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/files/any_array.hpp>

namespace gradus::nn {
namespace {

const char* const names[] = {"bool",   "int8",   "int16",  "int32",   "int64",  "uint8",
                             "uint16", "uint32", "uint64", "float32", "float64"};

template <class T, class From>
bool holds(From value) {
  if constexpr (std::floating_point<T>) {
    return true;
  } else if constexpr (std::floating_point<From>) {
    // 2^digits is the first value beyond; the limits themselves may have no floating-point value.
    const From beyond = std::ldexp(From(1), std::numeric_limits<T>::digits);
    const From least = std::numeric_limits<T>::is_signed ? -beyond : From(0);
    return value >= least && value < beyond && value == std::floor(value);
  } else if constexpr (std::same_as<T, bool>) {
    return value == From(0) || value == From(1);
  } else if constexpr (std::same_as<From, bool>) {
    return true;
  } else {
    return std::in_range<T>(value);
  }
}

template <class T, class From>
xt::xarray<T> cast(const xt::xarray<From>& from) {
  xt::xarray<T> to = xt::xarray<T>::from_shape(from.shape());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const From value = from.data()[i];
    if (!holds<T>(value)) {
      throw ValueError("[array_cast] element " + std::to_string(i) + " is " +
                       gradus::detail::number_text(static_cast<double>(value)) + ": expected a value of " +
                       type_name(AnyArray(xt::xarray<T>())));
    }
    to.data()[i] = static_cast<T>(value);
  }
  return to;
}

}  // namespace

Shape shape_of(const AnyArray& array) {
  return std::visit([](const auto& elements) { return Shape(elements.shape()); }, array);
}

std::string type_name(const AnyArray& array) { return names[array.index()]; }

template <class T>
xt::xarray<T> array_cast(const AnyArray& array) {
  if (const auto* same = std::get_if<xt::xarray<T>>(&array)) return *same;
  return std::visit([](const auto& elements) { return cast<T>(elements); }, array);
}

template xt::xarray<bool> array_cast(const AnyArray&);
template xt::xarray<std::uint8_t> array_cast(const AnyArray&);
template xt::xarray<std::int32_t> array_cast(const AnyArray&);
template xt::xarray<std::int64_t> array_cast(const AnyArray&);
template xt::xarray<float> array_cast(const AnyArray&);
template xt::xarray<double> array_cast(const AnyArray&);

}  // namespace gradus::nn
