#include <algorithm>

#include <gradus/ops/attribute_reader.hpp>

namespace gradus::detail {

void AttributeReader::check_names(const std::vector<std::string>& known) const {
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  for (const auto& entry : attributes_)
    if (std::find(known.begin(), known.end(), entry.first) == known.end())
      fail("there is no attribute '" + entry.first + "': expected " + (list.empty() ? "none" : list));
}

}  // namespace gradus::detail
