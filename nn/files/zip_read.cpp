#include <algorithm>
#include <cstddef>
#include <set>
#include <span>

#include <zlib.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/nn/files/zip.hpp>

namespace gradus::nn::detail {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t most32 = 0xffffffff, most16 = 0xffff;
constexpr std::size_t end_size = 22, end64_size = 56, locator_size = 20, entry_size = 46, local_size = 30;

// What the directory at the end of an archive says of a member.
struct Entry {
  std::string name;
  std::size_t flags, method, crc, compressed, size, local;
};

class ZipReader {
 public:
  using SizeOf = std::function<SizeByHeader(const std::string& name)>;

  ZipReader(const std::string& op, const std::filesystem::path& file, const SizeOf& size_of)
      : where_("[" + op + "] " + file.string()), bytes_(read_raw_bytes(op, file)), size_of_(size_of) {}

  std::vector<ZipMember> read() {
    std::vector<ZipMember> members;
    std::set<std::string> names;
    std::size_t taken = 0;
    for (const Entry& entry : directory()) {
      if (!names.insert(entry.name).second)
        fail(entry.local, "a second member " + entry.name, "another name");
      // Members that overlap would make a small file large without bound.
      if (entry.compressed > bytes_.size() - taken)
        fail(entry.local, "members of more bytes than the file has", "members that do not overlap");
      taken += entry.compressed;
      members.push_back({entry.name, content(entry)});
    }
    return members;
  }

 private:
  [[noreturn]] void fail(std::size_t offset, const std::string& found, const std::string& expected) const {
    throw DataError(where_ + ", byte " + std::to_string(offset) + ": found " + found + ", expected " +
                    expected);
  }

  void need(std::size_t offset, std::size_t count, const char* what) const {
    if (offset <= bytes_.size() && count <= bytes_.size() - offset) return;
    fail(std::min(offset, bytes_.size()), "the end of the file", what);
  }

  // Numbers lie least significant byte first.
  std::uint64_t number(std::size_t offset, std::size_t width, const char* what) const {
    need(offset, width, what);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= std::uint64_t{bytes_[offset + i]} << 8 * i;
    return value;
  }

  bool has_signature(std::size_t offset, std::uint64_t signature) const {
    return offset <= bytes_.size() && bytes_.size() - offset >= 4 && number(offset, 4, "") == signature;
  }

  std::size_t find_end() const {
    for (std::size_t back = end_size; back <= std::min(bytes_.size(), end_size + most16); ++back) {
      const std::size_t at = bytes_.size() - back;
      if (has_signature(at, 0x06054b50) && number(at + 20, 2, "") == back - end_size) return at;
    }
    fail(bytes_.size(), "no directory at the end", "a ZIP archive");
  }

  std::vector<Entry> directory() const {
    const std::size_t end = find_end();
    std::size_t count = number(end + 10, 2, ""), at = number(end + 16, 4, "");
    if (end >= locator_size && has_signature(end - locator_size, 0x07064b50)) {
      const std::size_t end64 = number(end - locator_size + 8, 8, "");
      need(end64, end64_size, "the end of a 64-bit directory");
      if (!has_signature(end64, 0x06064b50)) fail(end64, "other bytes", "the end of a 64-bit directory");
      count = number(end64 + 32, 8, "");
      at = number(end64 + 48, 8, "");
    }
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < count; ++i) {
      need(at, entry_size, "an entry of the directory");
      if (!has_signature(at, 0x02014b50)) fail(at, "other bytes", "an entry of the directory");
      const std::size_t name = number(at + 28, 2, ""), extra = number(at + 30, 2, ""),
                        comment = number(at + 32, 2, "");
      need(at + entry_size, name + extra + comment, "a name");
      entries.push_back(entry(at, name, extra));
      at += entry_size + name + extra + comment;
    }
    return entries;
  }

  Entry entry(std::size_t at, std::size_t name, std::size_t extra) const {
    const char* text = reinterpret_cast<const char*>(bytes_.data()) + at + entry_size;
    Entry found{.name = std::string(text, name),
                .flags = number(at + 8, 2, ""),
                .method = number(at + 10, 2, ""),
                .crc = number(at + 16, 4, ""),
                .compressed = number(at + 20, 4, ""),
                .size = number(at + 24, 4, ""),
                .local = number(at + 42, 4, "")};
    read_extra(at + entry_size + name, extra, found);
    return found;
  }

  // The 64-bit extension holds the numbers that do not fit, in this order.
  void read_extra(std::size_t at, std::size_t size, Entry& entry) const {
    for (const std::size_t end = at + size; end - at >= 4;) {
      const std::size_t id = number(at, 2, ""), length = number(at + 2, 2, "");
      at += 4;
      if (length > end - at) fail(at, "an extension beyond its entry", "a shorter one");
      if (id == 1) {
        std::size_t from = at;
        for (std::size_t* value : {&entry.size, &entry.compressed, &entry.local}) {
          if (*value != most32) continue;
          if (from + 8 > at + length) fail(from, "the end of the extension", "a 64-bit number");
          *value = number(from, 8, "a 64-bit number");
          from += 8;
        }
      }
      at += length;
    }
  }

  Bytes content(const Entry& entry) const {
    const std::size_t at = entry.local;
    need(at, local_size, "a member");
    if (!has_signature(at, 0x04034b50)) fail(at, "other bytes", "the member " + entry.name);
    if (entry.flags & 1) fail(at, "an encrypted member", "a plain one");
    const std::size_t first = at + local_size + number(at + 26, 2, "") + number(at + 28, 2, "");
    need(first, entry.compressed, "the content of a member");
    if (entry.method != 0 && entry.method != 8)
      fail(at, "compression method " + std::to_string(entry.method), "0 (stored) or 8 (deflated)");
    const Bytes content = entry.method == 8 ? inflated(entry, first) : stored(entry, first);
    if (crc32_z(0, content.data(), content.size()) != entry.crc)
      fail(first, "a wrong checksum of " + entry.name, "intact data");
    return content;
  }

  Bytes stored(const Entry& entry, std::size_t first) const {
    if (entry.size != entry.compressed) fail(entry.local, "a stored member of two sizes", "one size");
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(first);
    return {begin, begin + static_cast<std::ptrdiff_t>(entry.size)};
  }

  Bytes inflated(const Entry& entry, std::size_t first) const {
    if (entry.size / most_ratio > entry.compressed + 1)
      fail(entry.local, std::to_string(entry.size) + " bytes in " + std::to_string(entry.compressed),
           "fewer");
    const SizeByHeader size = size_of_(entry.name);
    Inflation inflation({bytes_.data() + first, entry.compressed}, no_wrapping);
    Bytes out;
    std::size_t filled = 0;
    int status = Z_OK;
    while (status == Z_OK) {
      if (filled == most_header && filled < entry.size) check_size(entry, size(std::span(out).first(filled)));
      if (filled == out.size())
        grow(out, filled < most_header ? std::min(most_header, entry.size) : entry.size);
      status = inflation.step(out, filled);
    }
    if (status != Z_STREAM_END || filled != entry.size || inflation.read() != entry.compressed)
      fail(first + inflation.read(), "damage in " + entry.name,
           std::to_string(entry.size) + " bytes when inflated");
    return out;
  }

  void check_size(const Entry& entry, std::size_t promised) const {
    if (promised != entry.size)
      fail(entry.local, entry.name + " of " + std::to_string(entry.size) + " bytes",
           std::to_string(promised) + ", as its header says");
  }

  static constexpr int no_wrapping = -MAX_WBITS;

  std::string where_;
  Bytes bytes_;
  const SizeOf& size_of_;
};

}  // namespace

std::vector<ZipMember> read_zip(const std::string& op, const std::filesystem::path& file,
                                const std::function<SizeByHeader(const std::string& name)>& size_of) {
  return ZipReader(op, file, size_of).read();
}

}  // namespace gradus::nn::detail
