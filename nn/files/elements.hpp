#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gradus/nn/files/any_array.hpp>

namespace gradus::nn::detail {

/// How elements lie in a file.
struct ElementType {
  char kind = 'f';  ///< b(ool), i(nteger), u(nsigned), f(loat)
  std::size_t size = 4;
  std::endian order = std::endian::native;
};

/// Whether decode() knows elements of that kind and size.
bool is_known(const ElementType& type);
/// That of the elements of an array, in the order of this machine.
ElementType type_of(const AnyArray& array);

/// The number of elements. DataError, begun with `where`, when the extents other than 0 multiply to 2^60 or
/// more.
std::size_t element_count(const std::string& where, const std::vector<std::size_t>& shape);

/// The array that lies in bytes, as many as the shape needs; numbers of 16 bits become float.
/// `first_axis_fastest` is Fortran's order, otherwise C's.
AnyArray decode(const ElementType& type, std::span<const std::uint8_t> bytes,
                const std::vector<std::size_t>& shape, bool first_axis_fastest = false);
/// The elements in C's order.
std::string encode(const AnyArray& array, std::endian order);

}  // namespace gradus::nn::detail
