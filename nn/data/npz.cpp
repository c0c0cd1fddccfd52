#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/data/npy_bytes.hpp>
#include <gradus/nn/data/write_file.hpp>
#include <gradus/nn/data/zip.hpp>

namespace gradus::nn {

NamedArrays read_npz(const std::filesystem::path& file) {
  NamedArrays arrays;
  for (const detail::ZipMember& member : detail::read_zip("read_npz", file)) {
    const std::string where = "[read_npz] " + file.string() + ", member " + member.name;
    if (!member.name.ends_with(".npy")) throw DataError(where + ": found another kind, expected a .npy file");
    const std::string name = member.name.substr(0, member.name.size() - 4);
    arrays.emplace(name, detail::parse_npy(where, member.bytes));
  }
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
  detail::write_file("write_npz", file, detail::zip_bytes("write_npz", members, compressed));
}

}  // namespace gradus::nn
