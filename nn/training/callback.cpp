#include <algorithm>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/nn/training/callback.hpp>

namespace gradus::nn {

const Quantity& FitPlan::quantity(const char* caller, const std::string& name) const {
  const auto found = std::find_if(quantities.begin(), quantities.end(),
                                  [&](const Quantity& each) { return each.name == name; });
  if (found != quantities.end()) return *found;
  std::vector<std::string> names;
  for (const Quantity& each : quantities) names.push_back(each.name);
  throw ValueError("[" + std::string(caller) + "] no quantity '" + name +
                   "' to monitor: " + gradus::detail::expected_one_of(names));
}

}  // namespace gradus::nn
