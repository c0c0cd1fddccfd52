#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <new>
#include <system_error>

#include <zlib.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/gzip.hpp>

namespace gradus::nn::detail {
namespace {

using Bytes = std::vector<std::uint8_t>;

bool begins_gzip(const Bytes& bytes, std::size_t at) {
  return bytes.size() - at >= 2 && bytes[at] == 0x1f && bytes[at + 1] == 0x8b;
}

// zlib's own gzread would do all this, but it passes over whatever follows the compressed data in silence,
// and cannot tell where the damage lies.
class Inflater {
 public:
  Inflater(const std::string& op, const std::filesystem::path& file, const Bytes& raw, std::size_t most)
      : op_(op), file_(file), raw_(raw), most_(most) {
    const int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  Bytes run() {
    Bytes out(std::min(std::max<std::size_t>(raw_.size() * 4, 1024), most_ + 1));
    std::size_t filled = 0;
    for (;;) {
      if (filled == out.size()) out.resize(std::min(2 * out.size(), most_ + 1));
      const int status = step(out, filled);
      if (filled > most_) fail("more than " + std::to_string(most_) + " bytes in it", "at most as many");
      if (status == Z_STREAM_END) {
        if (read_ == raw_.size()) break;
        if (!begins_gzip(raw_, read_)) fail("bytes after the compressed data", "the end of the file");
        inflateReset(&stream_);
      } else if (status == Z_BUF_ERROR && read_ == raw_.size()) {
        fail("the end of the file", "more compressed data");
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        fail(stream_.msg ? stream_.msg : "damage", "intact gzip data");
      }
    }
    out.resize(filled);
    return out;
  }

 private:
  int step(Bytes& out, std::size_t& filled) {
    const std::size_t most = std::size_t{1} << 30;  // zlib counts in 32 bits
    const auto offered = static_cast<uInt>(std::min(raw_.size() - read_, most));
    const auto room = static_cast<uInt>(std::min(out.size() - filled, most));
    stream_.next_in = const_cast<Bytef*>(raw_.data() + read_);
    stream_.avail_in = offered;
    stream_.next_out = out.data() + filled;
    stream_.avail_out = room;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    read_ += offered - stream_.avail_in;
    filled += room - stream_.avail_out;
    return status;
  }

  [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
    throw DataError("[" + op_ + "] " + file_.string() + ", byte " + std::to_string(read_) +
                    " of the compressed file: found " + found + ", expected " + expected);
  }

  const std::string& op_;
  const std::filesystem::path& file_;
  const Bytes& raw_;
  const std::size_t most_;
  std::size_t read_ = 0;
  z_stream stream_{};
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

Bytes read_bytes(const std::string& op, const std::filesystem::path& file, std::size_t most) {
  Bytes raw = read_raw_bytes(op, file);
  if (!begins_gzip(raw, 0)) return raw;
  return Inflater(op, file, raw, most).run();
}

}  // namespace gradus::nn::detail
