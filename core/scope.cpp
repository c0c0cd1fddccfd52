#include <vector>

#include <gradus/core/scope.hpp>

namespace gradus::detail {

std::string path_of(const ScopeRecord* scope) {
  std::vector<const ScopeRecord*> outwards;
  for (; scope != nullptr; scope = scope->outer.get()) outwards.push_back(scope);
  std::string path;
  for (auto each = outwards.rbegin(); each != outwards.rend(); ++each) {
    if (!path.empty()) path += '.';
    path += (*each)->name;
  }
  return path;
}

}  // namespace gradus::detail
