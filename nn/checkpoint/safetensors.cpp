#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/files/elements.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/nn/files/parse_json.hpp>
#include <gradus/nn/files/write_file.hpp>

namespace gradus::nn {
namespace detail {
namespace {

using Json = nlohmann::json;

constexpr std::size_t length_bytes = 8,
                      largest_header = 100'000'000;  // as other readers of the format have it
constexpr std::size_t deepest = 3;                   // {"name": {"shape": []}}
constexpr const char* metadata_name = "__metadata__";

struct DType {
  const char* name;
  char kind;  ///< as in ElementType; 'h' is bfloat16
  std::size_t size;
};

constexpr DType dtypes[] = {{"F64", 'f', 8}, {"F32", 'f', 4}, {"F16", 'f', 2}, {"BF16", 'h', 2},
                            {"I64", 'i', 8}, {"I32", 'i', 4}, {"I16", 'i', 2}, {"I8", 'i', 1},
                            {"U64", 'u', 8}, {"U32", 'u', 4}, {"U16", 'u', 2}, {"U8", 'u', 1},
                            {"BOOL", 'b', 1}};

const DType& dtype_of(const AnyArray& array) {
  const ElementType type = type_of(array);
  return *std::find_if(std::begin(dtypes), std::end(dtypes),
                       [&](const DType& each) { return each.kind == type.kind && each.size == type.size; });
}

/// Where an array stands in a file.
struct Entry {
  std::string name;
  const DType* dtype;
  std::vector<std::size_t> shape;
  std::size_t begin, end;
};

/// Reads the bytes of one file.
class Parser {
 public:
  Parser(const std::string& where, std::span<const std::uint8_t> bytes) : where_(where), bytes_(bytes) {}

  Safetensors run() {
    const std::size_t header = header_length();
    data_ = bytes_.subspan(length_bytes + header);
    const Json json = parse_header(bytes_.subspan(length_bytes, header));
    Safetensors contents;
    std::vector<Entry> entries;
    for (const auto& [name, value] : json.items()) {
      if (name == metadata_name)
        contents.metadata = read_metadata(value);
      else
        entries.push_back(read_entry(name, value));
    }
    check_places(entries);
    for (const Entry& entry : entries) contents.tensors.emplace(entry.name, read_array(entry));
    return contents;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw DataError(where_ + message); }

  std::size_t header_length() const {
    if (bytes_.size() < length_bytes)
      fail("the file has " + std::to_string(bytes_.size()) +
           " bytes: expected at least 8, the header's length; it is no safetensors file");
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length |= std::uint64_t{bytes_[i]} << 8 * i;
    const std::size_t left = bytes_.size() - length_bytes;
    if (length > left || length > largest_header)
      fail("it is no safetensors file, or cut short: a header of " + std::to_string(length) +
           " bytes, expected at most " + std::to_string(std::min(left, largest_header)));
    return length;
  }

  Json parse_header(std::span<const std::uint8_t> text) const {
    if (text.empty() || text[0] != '{') fail("the header does not begin with '{': it is no safetensors file");
    const std::string_view json(reinterpret_cast<const char*>(text.data()), text.size());
    return parse_json<Json>(where_ + "the header", json, deepest);
  }

  std::map<std::string, std::string> read_metadata(const Json& json) const {
    std::map<std::string, std::string> metadata;
    if (!json.is_object()) fail("__metadata__ is no JSON object");
    for (const auto& [key, value] : json.items()) {
      if (!value.is_string()) fail("'" + key + "' in __metadata__ is no text");
      metadata.emplace(key, value.get<std::string>());
    }
    return metadata;
  }

  Entry read_entry(const std::string& name, const Json& json) const {
    if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
        !json.contains("data_offsets"))
      fail("'" + name + "' is not described by dtype, shape and data_offsets alone");
    const std::vector<std::size_t> offsets = counts(name, "data_offsets", json["data_offsets"]);
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_.size())
      fail("'" + name + "' has data_offsets " + shortened_json(json["data_offsets"]) +
           ": expected two, rising, of the file's " + std::to_string(data_.size()) + " bytes of data");
    const Entry entry{name, &find_dtype(name, json["dtype"]), counts(name, "shape", json["shape"]),
                      offsets[0], offsets[1]};
    const std::size_t elements = element_count(where_ + "'" + name + "'", entry.shape);
    if (elements * entry.dtype->size != entry.end - entry.begin)  // below 2^63: the count is below 2^60
      fail("'" + name + "' of shape " + shortened_json(json["shape"]) + " and dtype " + entry.dtype->name +
           " has " + std::to_string(entry.end - entry.begin) + " bytes: expected " +
           std::to_string(elements * entry.dtype->size));
    return entry;
  }

  const DType& find_dtype(const std::string& name, const Json& json) const {
    for (const DType& each : dtypes)
      if (json == each.name) return each;
    fail("'" + name + "' has dtype " + shortened_json(json) +
         ": expected one of F64, F32, F16, BF16, I64 to I8, U64 to "
         "U8, BOOL");
  }

  std::vector<std::size_t> counts(const std::string& name, const char* key, const Json& json) const {
    std::vector<std::size_t> values;
    bool are_counts = json.is_array();
    for (std::size_t i = 0; are_counts && i < json.size(); ++i) {
      are_counts = json[i].is_number_unsigned();
      if (are_counts) values.push_back(json[i].get<std::size_t>());
    }
    if (!are_counts)
      fail("'" + name + "' has " + key + " " + shortened_json(json) + ": expected a list of counts");
    return values;
  }

  /// The arrays lie one after another, without holes, to the end.
  void check_places(std::vector<Entry>& entries) const {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    std::size_t at = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != at)
        fail("'" + entry.name + "' begins at byte " + std::to_string(entry.begin) +
             " of the data: expected " + std::to_string(at) + ", where the one before it ends");
      at = entry.end;
    }
    if (at != data_.size())
      fail("the arrays end at byte " + std::to_string(at) + " of the data: expected the end of the file, " +
           std::to_string(data_.size()));
  }

  AnyArray read_array(const Entry& entry) const {
    std::span<const std::uint8_t> bytes = data_.subspan(entry.begin, entry.end - entry.begin);
    if (entry.dtype->kind == 'b' && std::any_of(bytes.begin(), bytes.end(), [](auto b) { return b > 1; }))
      fail("'" + entry.name + "' of dtype BOOL has bytes other than 0 and 1");
    if (entry.dtype->kind != 'h')
      return decode({entry.dtype->kind, entry.dtype->size, std::endian::little}, bytes, entry.shape);
    std::vector<std::uint8_t> wide(2 * bytes.size());  // a bfloat16 is the upper half of a float
    for (std::size_t i = 0; i < bytes.size(); ++i) wide[2 * i - i % 2 + 2] = bytes[i];
    return decode({'f', 4, std::endian::little}, wide, entry.shape);
  }

  const std::string& where_;
  std::span<const std::uint8_t> bytes_, data_;
};

}  // namespace

Safetensors parse_safetensors(const std::string& where, std::span<const std::uint8_t> bytes) {
  return Parser(where, bytes).run();
}

std::string safetensors_bytes(const std::string& where, const Safetensors& contents) {
  std::vector<std::pair<std::string, const AnyArray*>> order;
  for (const auto& [name, array] : contents.tensors) {
    if (name == metadata_name)
      throw ValueError(where + "an array has the name __metadata__, which the format keeps for itself");
    order.push_back({name, &array});
  }
  // those of the widest elements first: then each lies where its elements may be read in place
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return dtype_of(*a.second).size > dtype_of(*b.second).size;
  });
  Json header = Json::object();
  if (!contents.metadata.empty()) header[metadata_name] = contents.metadata;
  std::string data;
  for (const auto& [name, array] : order) {
    const std::size_t begin = data.size();
    data += encode(*array, std::endian::little);
    const Shape shape = shape_of(*array);
    header[name] = {{"dtype", dtype_of(*array).name},
                    {"shape", std::vector<std::size_t>(shape.begin(), shape.end())},
                    {"data_offsets", {begin, data.size()}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::exception& error) {
    throw ValueError(where + "a name or a text of the metadata is no UTF-8");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the data begin at a multiple of 8
  std::string bytes;
  for (std::size_t i = 0; i < length_bytes; ++i) bytes += static_cast<char>(text.size() >> 8 * i & 0xff);
  return bytes + text + data;
}

}  // namespace detail

std::string detail::tag(const char* op, const std::filesystem::path& file) {
  return std::string("[") + op + "] " + file.string() + ": ";
}

Safetensors detail::read_contents(const char* op, const std::filesystem::path& file) {
  return parse_safetensors(tag(op, file), read_raw_bytes(op, file));
}

Safetensors read_safetensors(const std::filesystem::path& file) {
  return detail::read_contents("read_safetensors", file);
}

void write_safetensors(const std::filesystem::path& file, const Safetensors& contents) {
  const std::string bytes = detail::safetensors_bytes(detail::tag("write_safetensors", file), contents);
  detail::write_file("write_safetensors", file, bytes);
}

}  // namespace gradus::nn
