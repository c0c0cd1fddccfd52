#include <cstddef>
#include <new>

#include <zlib.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/zip.hpp>

namespace gradus::nn::detail {
namespace {

constexpr std::size_t most = 0xffffffff - 1, most_members = 0xffff - 1;
constexpr std::size_t version = 20;         // of the format: 2.0
constexpr std::size_t date = (1 << 5) + 1;  // 1 January 1980, always, so that equal members are equal bytes

void add(std::string& bytes, std::size_t width, std::size_t number) {
  for (std::size_t i = 0; i < width; ++i) bytes += static_cast<char>(number >> 8 * i & 0xff);
}

[[noreturn]] void fail_size(const std::string& op) {
  throw DataError("[" + op + "] an archive of more than 4 GB or 65534 members: expected a smaller one");
}

std::string deflated(const ZipMember& member) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&stream, member.bytes.size()), '\0');
  stream.next_in = const_cast<Bytef*>(member.bytes.data());
  stream.avail_in = static_cast<uInt>(member.bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);  // finds room for all
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string zip_bytes(const std::string& op, const std::vector<ZipMember>& members, bool compressed) {
  if (members.size() > most_members) fail_size(op);
  std::string bytes, directory;
  for (const ZipMember& member : members) {
    if (member.bytes.size() > most / 2)
      fail_size(op);  // so that no size here or in zlib needs more than 32 bits
    const std::size_t local = bytes.size();
    const std::string content =
        compressed ? deflated(member) : std::string(member.bytes.begin(), member.bytes.end());
    std::string header;  // what an entry has in common with what stands before the member
    add(header, 2, version);
    add(header, 2, 0);  // flags
    add(header, 2, compressed ? 8 : 0);
    add(header, 2, 0);  // time
    add(header, 2, date);
    add(header, 4, crc32_z(0, member.bytes.data(), member.bytes.size()));
    add(header, 4, content.size());
    add(header, 4, member.bytes.size());
    add(header, 2, member.name.size());
    add(header, 2, 0);  // extensions
    add(bytes, 4, 0x04034b50);
    bytes += header + member.name + content;
    add(directory, 4, 0x02014b50);
    add(directory, 2, version);
    directory += header;
    add(directory, 2, 0);  // comment
    add(directory, 2, 0);  // disk
    add(directory, 2, 0);  // attributes
    add(directory, 4, 0);
    add(directory, 4, local);
    directory += member.name;
    if (bytes.size() + directory.size() > most) fail_size(op);
  }
  const std::size_t first = bytes.size();
  bytes += directory;
  add(bytes, 4, 0x06054b50);
  add(bytes, 4, 0);  // disks
  add(bytes, 2, members.size());
  add(bytes, 2, members.size());
  add(bytes, 4, directory.size());
  add(bytes, 4, first);
  add(bytes, 2, 0);  // comment
  return bytes;
}

}  // namespace gradus::nn::detail
