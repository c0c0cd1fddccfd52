#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

#include <zlib.h>

#include <gradus/nn/files/zip.hpp>

namespace gradus::nn::detail {
namespace {

constexpr std::size_t version = 45;         // of the format: 4.5, which has sizes of 64 bits
constexpr std::size_t date = (1 << 5) + 1;  // 1 January 1980, always, so that equal members are equal bytes
constexpr std::size_t most16 = 0xffff, most32 = 0xffffffff;  // stand where another field has the number

void add(std::string& bytes, std::size_t width, std::size_t number) {
  for (std::size_t i = 0; i < width; ++i) bytes += static_cast<char>(number >> 8 * i & 0xff);
}

std::string deflated(const ZipMember& member) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&stream, member.bytes.size()), '\0');  // all finds room
  const std::size_t most = std::size_t{1} << 30;                      // zlib counts in 32 bits
  std::size_t read = 0, filled = 0;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    const auto offered = static_cast<uInt>(std::min(member.bytes.size() - read, most));
    const auto room = static_cast<uInt>(std::min(out.size() - filled, most));
    stream.next_in = const_cast<Bytef*>(member.bytes.data() + read);
    stream.avail_in = offered;
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    stream.avail_out = room;
    status = deflate(&stream, read + offered == member.bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    read += offered - stream.avail_in;
    filled += room - stream.avail_out;
  }
  deflateEnd(&stream);
  out.resize(filled);
  return out;
}

// Numbers that do not fit into 32 bits, for the extension that holds them one after another.
class LargeNumbers {
 public:
  explicit LargeNumbers(std::size_t least) : least_(least) {}

  // What stands in the field of 32 bits.
  std::size_t field(std::size_t number, bool is_large = false) {
    if (number < least_ && !is_large) return number;
    add(numbers_, 8, number);
    return most32;
  }
  std::string extension() const {
    std::string bytes;
    if (numbers_.empty()) return bytes;
    add(bytes, 2, 1);
    add(bytes, 2, numbers_.size());
    return bytes + numbers_;
  }

 private:
  std::size_t least_;
  std::string numbers_;
};

class ZipWriter {
 public:
  ZipWriter(bool compressed, std::size_t least_large) : compressed_(compressed), least_large_(least_large) {}

  void add_member(const ZipMember& member) {
    const std::string content =
        compressed_ ? deflated(member) : std::string(member.bytes.begin(), member.bytes.end());
    std::string common;  // what an entry has in common with what stands before the member
    add(common, 2, version);
    add(common, 2, 0);  // flags
    add(common, 2, compressed_ ? 8 : 0);
    add(common, 2, 0);  // time
    add(common, 2, date);
    add(common, 4, crc32_z(0, member.bytes.data(), member.bytes.size()));
    // Here either size or none is in the extension, there it can be one.
    const bool is_large = std::max(member.bytes.size(), content.size()) >= least_large_;
    LargeNumbers large(least_large_);
    const std::size_t size = large.field(member.bytes.size(), is_large),
                      compressed = large.field(content.size(), is_large);
    const std::string before = large.extension();
    const std::size_t local = large.field(bytes_.size());
    const std::string in_directory = large.extension();
    add(common, 4, compressed);
    add(common, 4, size);
    add(common, 2, member.name.size());

    add(bytes_, 4, 0x04034b50);
    bytes_ += common;
    add(bytes_, 2, before.size());
    bytes_ += member.name + before;
    bytes_ += content;

    add(directory_, 4, 0x02014b50);
    add(directory_, 2, version);
    directory_ += common;
    add(directory_, 2, in_directory.size());
    add(directory_, 2, 0);  // comment
    add(directory_, 2, 0);  // disk
    add(directory_, 2, 0);  // attributes
    add(directory_, 4, 0);
    add(directory_, 4, local);
    directory_ += member.name + in_directory;
    ++count_;
  }

  std::string finish() && {
    const std::size_t first = bytes_.size();
    bytes_ += directory_;
    if (count_ >= most16 || directory_.size() >= least_large_ || first >= least_large_) add_end64(first);
    LargeNumbers large(least_large_);
    add(bytes_, 4, 0x06054b50);
    add(bytes_, 4, 0);  // disks
    add(bytes_, 2, std::min(count_, most16));
    add(bytes_, 2, std::min(count_, most16));
    add(bytes_, 4, large.field(directory_.size()));
    add(bytes_, 4, large.field(first));
    add(bytes_, 2, 0);  // comment
    return std::move(bytes_);
  }

 private:
  // The end of a directory in 64 bits, and where it lies.
  void add_end64(std::size_t first) {
    const std::size_t at = bytes_.size();
    add(bytes_, 4, 0x06064b50);
    add(bytes_, 8, 44);  // what follows
    add(bytes_, 2, version);
    add(bytes_, 2, version);
    add(bytes_, 8, 0);  // disks
    add(bytes_, 8, count_);
    add(bytes_, 8, count_);
    add(bytes_, 8, directory_.size());
    add(bytes_, 8, first);
    add(bytes_, 4, 0x07064b50);
    add(bytes_, 4, 0);  // disk
    add(bytes_, 8, at);
    add(bytes_, 4, 1);  // disks
  }

  bool compressed_;
  std::size_t least_large_;
  std::string bytes_, directory_;
  std::size_t count_ = 0;
};

}  // namespace

std::string zip_bytes(const std::vector<ZipMember>& members, bool compressed, std::size_t least_large) {
  ZipWriter writer(compressed, least_large);
  for (const ZipMember& member : members) writer.add_member(member);
  return std::move(writer).finish();
}

}  // namespace gradus::nn::detail
