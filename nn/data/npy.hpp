#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <gradus/nn/files/any_array.hpp>

namespace gradus::nn {

/// Reads NumPy's .npy files: versions 1 to 3, C's and Fortran's order, either byte order; bool, integers of 8
/// to 64 bits, and floats of 16 (which become float), 32 and 64. DataError, with file, byte offset, what was
/// found and what was expected, when the file is absent, damaged, too short or too long, or holds other
/// elements. Source: R. Kern, "A simple file format for NumPy arrays" (NEP 1).
AnyArray read_npy(const std::filesystem::path& file);

/// The same as an array of T: bool, std::uint8_t, std::int32_t, std::int64_t, float or double. ValueError as
/// for array_cast().
template <class T>
xt::xarray<T> read_npy(const std::filesystem::path& file) {
  return array_cast<T>(read_npy(file));
}

/// Writes a .npy file that NumPy reads. DataError when it cannot be written; what was there before stays
/// then.
void write_npy(const std::filesystem::path& file, const AnyArray& array);

/// The same for any xtensor expression.
template <class E>
void write_npy(const std::filesystem::path& file, const xt::xexpression<E>& expression) {
  write_npy(file, AnyArray(xt::xarray<typename E::value_type>(expression.derived_cast())));
}

using NamedArrays = std::map<std::string, AnyArray>;

/// Reads NumPy's .npz files, stored or compressed: all arrays by their names. DataError as for read_npy(),
/// naming the member too, and when a checksum does not match.
NamedArrays read_npz(const std::filesystem::path& file);

/// Writes a .npz file that NumPy reads, of any size. The same arrays give the same bytes. ValueError for a
/// name that is empty or longer than 60000 bytes, DataError when the file cannot be written.
void write_npz(const std::filesystem::path& file, const NamedArrays& arrays, bool compressed = false);

}  // namespace gradus::nn
