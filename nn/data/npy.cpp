#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/data/npy_bytes.hpp>
#include <gradus/nn/files/elements.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/nn/files/write_file.hpp>

namespace gradus::nn {
namespace detail {
namespace {

// A .npy file is: a magic text, the version in two bytes, the length of the header, which is a Python
// dictionary, in two (version 1) or four bytes, least significant first, the header, the elements.
constexpr std::string_view magic("\x93NUMPY", 6);

[[noreturn]] void fail(const std::string& where, std::size_t offset, const std::string& found,
                       const std::string& expected) {
  throw DataError(where + ", byte " + std::to_string(offset) + ": found " + found + ", expected " + expected);
}

// Reads the header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderReader {
 public:
  HeaderReader(const std::string& where, std::string_view text, std::size_t first)
      : where_(where), text_(text), first_(first) {}

  void read() {
    take('{');
    while (!takes('}')) {
      const std::string_view key = quoted();
      take(':');
      if (key == "descr") {
        next();
        type_at_ = offset();
        descr_ = quoted();
      } else if (key == "fortran_order") {
        first_axis_fastest = boolean();
      } else if (key == "shape") {
        shape = extents();
        has_shape_ = true;
      } else {
        fail_here("the key '" + std::string(key) + "'", "descr, fortran_order or shape");
      }
      if (!takes(',') && next() != '}') fail_here(rest(), "a comma or }");
    }
    if (next() != '\0') fail_here(rest(), "the end of the header");
    if (descr_.empty() || !has_shape_) fail_here("the end of the header", "descr and shape in it");
    read_type();
  }

  ElementType type;
  bool first_axis_fastest = false;
  std::vector<std::size_t> shape;

 private:
  std::size_t offset() const { return first_ + at_; }
  std::string rest() const { return std::string("\"").append(text_.substr(at_, 20)).append("\""); }
  [[noreturn]] void fail_here(const std::string& found, const std::string& expected) const {
    fail(where_, offset(), found, expected);
  }

  char next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool takes(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }
  void take(char c) {
    if (!takes(c)) fail_here(rest(), std::string(1, c));
  }

  std::string_view quoted() {
    const char quote = next();
    if (quote != '\'' && quote != '"') fail_here(rest(), "a text in quotes (elements of one plain type)");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail_here(rest(), "a second quote");
    const std::string_view content = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return content;
  }

  bool boolean() {
    next();
    for (const auto& [word, value] : {std::pair("True", true), std::pair("False", false)}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += std::string_view(word).size();
      return value;
    }
    fail_here(rest(), "True or False");
  }

  std::vector<std::size_t> extents() {
    std::vector<std::size_t> found;
    take('(');
    while (!takes(')')) {
      next();
      std::size_t extent = 0;
      const char *begin = text_.data() + at_, *end = text_.data() + text_.size();
      const auto [stop, error] = std::from_chars(begin, end, extent);
      if (error != std::errc()) fail_here(rest(), "an extent");
      at_ += static_cast<std::size_t>(stop - begin);
      takes('L');  // a long number of Python 2
      found.push_back(extent);
      if (!takes(',') && next() != ')') fail_here(rest(), "a comma or )");
    }
    return found;
  }

  void read_type() {
    const auto unknown = [&] {
      fail(where_, type_at_, "elements of type '" + std::string(descr_) + "'",
           "b1, i1 to i8, u1 to u8, f2, f4 or f8");
    };
    if (descr_.size() != 3) unknown();
    const char order = descr_[0];
    type = {descr_[1], static_cast<std::size_t>(descr_[2] - '0'),
            order == '>' ? std::endian::big : std::endian::little};
    if (order == '=') type.order = std::endian::native;
    const bool ordered = order == '<' || order == '>' || order == '=' || (order == '|' && type.size == 1);
    if (!ordered || !is_known(type)) unknown();
  }

  const std::string& where_;
  std::string_view text_;
  std::size_t first_;  // offset of the text in the file
  std::size_t at_ = 0;
  std::size_t type_at_ = 0;
  std::string_view descr_;
  bool has_shape_ = false;
};

struct NpyHeader {
  ElementType type;
  bool first_axis_fastest;
  std::vector<std::size_t> shape;
  std::size_t begin;     // of the elements, in the file
  std::size_t elements;  // their bytes
};

NpyHeader read_header(const std::string& where, std::span<const std::uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(magic)) fail(where, 0, "other bytes", "those that a .npy file begins with");
  const int version = bytes.size() > magic.size() ? bytes[magic.size()] : 0;
  if (version < 1 || version > 3)
    fail(where, magic.size(), "version " + std::to_string(version), "1, 2 or 3");
  const std::size_t length_at = magic.size() + 2, width = version == 1 ? 2 : 4;
  if (bytes.size() < length_at + width)
    fail(where, bytes.size(), "the end of the data", "the length of the header");
  std::size_t length = 0;
  for (std::size_t i = 0; i < width; ++i) length |= std::size_t{bytes[length_at + i]} << 8 * i;
  const std::size_t first = length_at + width;
  if (length > most_header - first)
    fail(where, length_at, "a header of " + std::to_string(length) + " bytes",
         "at most " + std::to_string(most_header - first));
  if (bytes.size() - first < length)
    fail(where, bytes.size(), "the end of the data", "a header of " + std::to_string(length) + " bytes");
  HeaderReader header(where, text.substr(first, length), first);
  header.read();
  const std::size_t count = element_count(where + ", byte " + std::to_string(first), header.shape);
  return {header.type, header.first_axis_fastest, header.shape, first + length, count * header.type.size};
}

}  // namespace

std::size_t npy_size(const std::string& where, std::span<const std::uint8_t> first) {
  const NpyHeader header = read_header(where, first);
  return header.begin + header.elements;
}

AnyArray parse_npy(const std::string& where, std::span<const std::uint8_t> bytes) {
  const NpyHeader header = read_header(where, bytes);
  const std::size_t found = bytes.size() - header.begin, expected = header.elements;
  if (found < expected)
    fail(where, bytes.size(), "the end of the data",
         std::to_string(expected) + " bytes of elements after byte " + std::to_string(header.begin));
  if (found > expected)
    fail(where, header.begin + expected, std::to_string(found - expected) + " bytes more",
         "the end of the data");
  return decode(header.type, bytes.subspan(header.begin), header.shape, header.first_axis_fastest);
}

std::string npy_bytes(const AnyArray& array) {
  const ElementType type = type_of(array);
  std::string header = "{'descr': '";
  header += type.size == 1 ? '|' : std::endian::native == std::endian::little ? '<' : '>';
  header += type.kind + std::to_string(type.size) + "', 'fortran_order': False, 'shape': (";
  for (std::size_t extent : shape_of(array)) header += std::to_string(extent) + ", ";
  header += "), }";
  const bool is_long = header.size() + 128 > 0xffff;
  const std::size_t width = is_long ? 4 : 2, before = magic.size() + 2 + width;
  header.append(63 - (before + header.size()) % 64, ' ');  // elements begin at a multiple of 64
  header += '\n';
  std::string bytes(magic);
  bytes += {is_long ? '\2' : '\1', '\0'};
  for (std::size_t i = 0; i < width; ++i) bytes += static_cast<char>(header.size() >> 8 * i & 0xff);
  return bytes + header + encode(array, std::endian::native);
}

}  // namespace detail

AnyArray read_npy(const std::filesystem::path& file) {
  const std::string where = "[read_npy] " + file.string();
  return detail::parse_npy(where,
                           detail::read_bytes("read_npy", file, [&](std::span<const std::uint8_t> first) {
                             return detail::npy_size(where, first);
                           }));
}

void write_npy(const std::filesystem::path& file, const AnyArray& array) {
  detail::write_file("write_npy", file, detail::npy_bytes(array));
}

}  // namespace gradus::nn
