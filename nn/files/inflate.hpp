#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

struct z_stream_s;  // zlib's

namespace gradus::nn::detail {

/// How many times its size deflated data have at most: 258 bytes of two bits.
inline constexpr std::size_t most_ratio = 1032;

/// How far the header of an array reaches at most.
inline constexpr std::size_t most_header = std::size_t{1} << 20;

/// How many bytes a file of an array has, by the header that its first most_header bytes begin with. Throws
/// when they are no such header. What is inflated is held to it: a small file may hold a thousand times its
/// size.
using SizeByHeader = std::function<std::size_t(std::span<const std::uint8_t> first)>;

/// zlib's inflate from memory to memory, as much as there is room for at a time.
class Inflation {
 public:
  using Bytes = std::vector<std::uint8_t>;

  /// `window_bits` as inflateInit2() takes them: they say what stands around the data.
  Inflation(std::span<const std::uint8_t> packed, int window_bits);
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  ~Inflation();

  /// Inflates into out, from its byte `filled` on, which moves; inflate()'s result.
  int step(Bytes& out, std::size_t& filled);
  /// For the next stream, which follows.
  void restart();

  std::size_t read() const { return read_; }
  const char* message() const;  ///< zlib's, of what is wrong; perhaps null

 private:
  std::span<const std::uint8_t> packed_;
  std::size_t read_ = 0;
  std::unique_ptr<z_stream_s> stream_;
};

/// Room for more bytes, but for no more than `most` in all. What is claimed is not allocated before it is
/// there.
void grow(Inflation::Bytes& out, std::size_t most);

}  // namespace gradus::nn::detail
