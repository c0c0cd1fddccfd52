#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstring>
#include <functional>
#include <limits>

#include <gradus/core/error.hpp>
#include <gradus/nn/files/elements.hpp>

namespace gradus::nn::detail {
namespace {

struct Half {};  // IEEE 754's binary16, for which C++20 has no type

template <class T>
T element_at(const std::uint8_t* place, bool swap) {
  std::array<std::uint8_t, sizeof(T)> bytes;
  std::copy_n(place, sizeof(T), bytes.begin());
  if (swap) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

template <std::same_as<Half>>
float element_at(const std::uint8_t* place, bool swap) {
  const auto bits = element_at<std::uint16_t>(place, swap);
  const int exponent = bits >> 10 & 0x1f, mantissa = bits & 0x3ff;
  float magnitude =
      std::ldexp(static_cast<float>(mantissa + (exponent > 0 ? 1024 : 0)), std::max(exponent, 1) - 25);
  if (exponent == 0x1f)
    magnitude =
        mantissa == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  return bits >> 15 ? -magnitude : magnitude;
}

template <std::same_as<bool>>
bool element_at(const std::uint8_t* place, bool) {
  return *place != 0;
}

// Calls f(index in memory of the file) for the elements in C's order.
template <class F>
void each_in_order(const std::vector<std::size_t>& shape, bool first_axis_fastest, std::size_t count,
                   const F& f) {
  if (!first_axis_fastest || shape.size() < 2) {
    for (std::size_t i = 0; i < count; ++i) f(i);
    return;
  }
  std::vector<std::size_t> strides(shape.size(), 1), at(shape.size(), 0);
  for (std::size_t axis = 1; axis < shape.size(); ++axis) strides[axis] = strides[axis - 1] * shape[axis - 1];
  std::size_t place = 0;
  for (std::size_t i = 0; i < count; ++i) {
    f(place);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      place += strides[axis];
      if (++at[axis] < shape[axis]) break;
      place -= at[axis] * strides[axis];
      at[axis] = 0;
    }
  }
}

template <class Stored, class T>
AnyArray decode_as(const ElementType& type, std::span<const std::uint8_t> bytes,
                   const std::vector<std::size_t>& shape, bool first_axis_fastest) {
  xt::xarray<T> array = xt::xarray<T>::from_shape(shape);
  const bool swap = type.order != std::endian::native && type.size > 1;
  T* out = array.data();
  each_in_order(shape, first_axis_fastest, bytes.size() / type.size, [&](std::size_t place) {
    *out++ = element_at<Stored>(bytes.data() + place * type.size, swap);
  });
  return array;
}

using Decode = AnyArray (*)(const ElementType&, std::span<const std::uint8_t>,
                            const std::vector<std::size_t>&, bool);

struct KnownType {
  char kind;
  std::size_t size;
  Decode decode;
};

template <class T>
constexpr KnownType known(char kind) {
  return {kind, sizeof(T), decode_as<T, T>};
}

// In the order of AnyArray's alternatives, and what is read as another.
constexpr KnownType known_types[] = {
    known<bool>('b'),          known<std::int8_t>('i'),   known<std::int16_t>('i'),
    known<std::int32_t>('i'),  known<std::int64_t>('i'),  known<std::uint8_t>('u'),
    known<std::uint16_t>('u'), known<std::uint32_t>('u'), known<std::uint64_t>('u'),
    known<float>('f'),         known<double>('f'),        {'f', 2, decode_as<Half, float>}};

const KnownType* find(const ElementType& type) {
  for (const KnownType& candidate : known_types) {
    if (candidate.kind == type.kind && candidate.size == type.size) return &candidate;
  }
  return nullptr;
}

}  // namespace

bool is_known(const ElementType& type) { return find(type) != nullptr; }

ElementType type_of(const AnyArray& array) {
  const KnownType& type = known_types[array.index()];
  return {type.kind, type.size, std::endian::native};
}

std::size_t element_count(const std::string& where, const std::vector<std::size_t>& shape) {
  constexpr std::size_t most = std::size_t{1} << 60;
  std::size_t product = 1;
  bool is_empty = false;
  for (std::size_t extent : shape) {
    is_empty |= extent == 0;
    if (extent == 0) continue;
    if (product > most / extent) {
      throw DataError(where + ": found the shape " + to_string(Shape(shape.begin(), shape.end())) +
                      ", expected fewer than 2^60 elements in all");
    }
    product *= extent;
  }
  return is_empty ? 0 : product;
}

AnyArray decode(const ElementType& type, std::span<const std::uint8_t> bytes,
                const std::vector<std::size_t>& shape, bool first_axis_fastest) {
  return find(type)->decode(type, bytes, shape, first_axis_fastest);
}

std::string encode(const AnyArray& array, std::endian order) {
  return std::visit(
      [order](const auto& elements) {
        const std::size_t size = sizeof(*elements.data());
        std::string bytes(elements.size() * size, '\0');
        if (!bytes.empty()) std::memcpy(bytes.data(), elements.data(), bytes.size());
        if (order != std::endian::native && size > 1) {
          for (std::size_t i = 0; i < bytes.size(); i += size)
            std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                         bytes.begin() + static_cast<std::ptrdiff_t>(i + size));
        }
        return bytes;
      },
      array);
}

}  // namespace gradus::nn::detail
