#include <algorithm>

#include <gradus/core/expected.hpp>
#include <gradus/ops/attribute_reader.hpp>

namespace gradus::detail {

void AttributeReader::check_names(const std::vector<std::string>& known) const {
  for (const auto& entry : attributes_)
    if (std::find(known.begin(), known.end(), entry.first) == known.end())
      fail("there is no attribute '" + entry.first + "': expected " + listed(known));
}

}  // namespace gradus::detail
