#include <span>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/data/npy_bytes.hpp>
#include <gradus/nn/files/write_file.hpp>
#include <gradus/nn/files/zip.hpp>

namespace gradus::nn {

namespace {

std::string member_text(const std::filesystem::path& file, const std::string& name) {
  std::string where = "[read_npz] " + file.string() + ", member " + name;
  if (!name.ends_with(".npy")) throw DataError(where + ": found another kind, expected a .npy file");
  return where;
}

}  // namespace

NamedArrays read_npz(const std::filesystem::path& file) {
  const auto size_of = [&](const std::string& name) -> detail::SizeByHeader {
    return [where = member_text(file, name)](std::span<const std::uint8_t> first) {
      return detail::npy_size(where, first);
    };
  };
  NamedArrays arrays;
  for (const detail::ZipMember& member : detail::read_zip("read_npz", file, size_of))
    arrays.emplace(member.name.substr(0, member.name.size() - 4),
                   detail::parse_npy(member_text(file, member.name), member.bytes));
  return arrays;
}

void write_npz(const std::filesystem::path& file, const NamedArrays& arrays, bool compressed) {
  std::vector<detail::ZipMember> members;
  for (const auto& [name, array] : arrays) {
    if (name.empty() || name.size() > 60000)
      throw ValueError("[write_npz] a name of " + std::to_string(name.size()) +
                       " characters: expected 1 to 60000");
    const std::string bytes = detail::npy_bytes(array);
    members.push_back({name + ".npy", {bytes.begin(), bytes.end()}});
  }
  detail::write_file("write_npz", file, detail::zip_bytes(members, compressed));
}

}  // namespace gradus::nn
