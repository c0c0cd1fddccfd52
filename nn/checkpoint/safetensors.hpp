#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include <gradus/nn/files/any_array.hpp>

/// Files of named arrays in the safetensors format, which PyTorch, JAX and others read and write: the length
/// of a header in 8 bytes, the header in JSON (of each array its dtype, shape and place), and the bytes of
/// the arrays, little-endian and row-major. Nothing in such a file is run.
namespace gradus::nn {

/// What a file of the format holds.
struct Safetensors {
  std::map<std::string, AnyArray> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads a file: dtypes F64, F32, F16 and BF16 (both as float), I64 to I8, U64 to U8, BOOL. DataError, naming
/// the file and what is wrong: a length of the file or of the header that does not fit, a header that is no
/// JSON of the format, a name given twice, another dtype, a shape that does not fit its bytes, bytes that
/// belong to two arrays or to none.
Safetensors read_safetensors(const std::filesystem::path& file);

/// Writes a file whole or not at all: killed or out of space half-way, it leaves what was there before.
/// ValueError for an array called "__metadata__", for texts that are no UTF-8; DataError when it cannot be
/// written.
void write_safetensors(const std::filesystem::path& file, const Safetensors& contents);

namespace detail {

/// "[op] file: ", the beginning of an error message.
std::string tag(const char* op, const std::filesystem::path& file);
/// What is in a file. DataError, begun with the tag, as of read_safetensors().
Safetensors read_contents(const char* op, const std::filesystem::path& file);

/// The same from and to memory; `where` is what messages begin with.
Safetensors parse_safetensors(const std::string& where, std::span<const std::uint8_t> bytes);
std::string safetensors_bytes(const std::string& where, const Safetensors& contents);

}  // namespace detail
}  // namespace gradus::nn
