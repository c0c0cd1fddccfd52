#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <span>
#include <system_error>

#include <zlib.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/files/gzip.hpp>

namespace gradus::nn::detail {
namespace {

using Bytes = std::vector<std::uint8_t>;

bool begins_gzip(const Bytes& bytes, std::size_t at) {
  return bytes.size() - at >= 2 && bytes[at] == 0x1f && bytes[at + 1] == 0x8b;
}

// zlib's own gzread would do all this, but it passes over whatever follows the compressed data in silence,
// and cannot tell where the damage lies.
class GzipReader {
 public:
  GzipReader(const std::string& op, const std::filesystem::path& file, const Bytes& raw, std::size_t most,
             const SizeByHeader& size)
      : op_(op), file_(file), raw_(raw), most_(most), size_(size), inflation_(raw, gzip_only) {}

  Bytes run() {
    Bytes out;
    std::size_t filled = 0;
    for (;;) {
      if (filled == most_header && size_) {
        hold_to(size_(std::span(out).first(filled)));
        check(filled);
      }
      if (filled == out.size())
        grow(out, filled < most_header ? std::min(most_header, most_ + 1) : most_ + 1);
      const int status = inflation_.step(out, filled);
      check(filled);
      if (status == Z_STREAM_END) {
        if (inflation_.read() == raw_.size()) break;
        if (!begins_gzip(raw_, inflation_.read()))
          fail("bytes after the compressed data", "the end of the file");
        inflation_.restart();
      } else if (status == Z_BUF_ERROR && inflation_.read() == raw_.size()) {
        fail("the end of the file", "more compressed data");
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        fail(inflation_.message() ? inflation_.message() : "damage", "intact gzip data");
      }
    }
    out.resize(filled);
    return out;
  }

 private:
  static constexpr int gzip_only = 16 + MAX_WBITS;

  void hold_to(std::size_t promised) {
    if (promised > most_ratio * raw_.size())
      fail("a header that promises " + std::to_string(promised) + " bytes",
           "no more than " + std::to_string(raw_.size()) + " compressed bytes can hold");
    most_ = std::min(most_, promised);
  }

  // One byte more than there may be is asked for, to see whether it comes.
  void check(std::size_t filled) const {
    if (filled > most_) fail("more than " + std::to_string(most_) + " bytes in it", "at most as many");
  }

  [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
    throw DataError("[" + op_ + "] " + file_.string() + ", byte " + std::to_string(inflation_.read()) +
                    " of the compressed file: found " + found + ", expected " + expected);
  }

  const std::string& op_;
  const std::filesystem::path& file_;
  const Bytes& raw_;
  std::size_t most_;
  const SizeByHeader& size_;
  Inflation inflation_;
};

}  // namespace

Bytes read_raw_bytes(const std::string& op, const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::exists(file, none)) {
    throw DataError("[" + op + "] " + file.string() + ": no such file");
  }
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  const int error = errno;  // libstdc++ leaves the system's
  const bool regular = std::filesystem::is_regular_file(file, none);
  Bytes bytes(regular ? std::filesystem::file_size(file, none) : 0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!regular || !in) {
    const int reason = std::filesystem::is_directory(file, none) ? EISDIR : error;
    throw DataError("[" + op + "] " + file.string() + ": cannot be read" +
                    (reason ? " (" + std::generic_category().message(reason) + ")" : "") +
                    ", expected a readable file");
  }
  return bytes;
}

Bytes read_bytes(const std::string& op, const std::filesystem::path& file, const SizeByHeader& size,
                 std::size_t most) {
  Bytes raw = read_raw_bytes(op, file);
  if (!begins_gzip(raw, 0)) return raw;
  return GzipReader(op, file, raw, most, size).run();
}

}  // namespace gradus::nn::detail
